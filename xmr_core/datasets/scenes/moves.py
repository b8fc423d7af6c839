"""How each event moves the cast.

A move maps (place, t) to a `Change` against the place, t from 0 to 1 over the clip. Each entry of
`MOVES` makes the move of one event for a cast, with the part of the clip in which it happens.

Events that are each other's reverse differ in time only: shrinks is grows read backwards. In
"then_disappears" with the actors (A, B) first B disappears, then A, because that is what
"then_appears" (first A appears, then B) shows when it is played backwards.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from xmr_core.datasets.scenes.script import WIDTH, SceneScript
from xmr_core.datasets.scenes.stage import GROWTH, Place
from xmr_core.datasets.scenes.world import SUBJECTS


@dataclass(frozen=True, slots=True)
class Change:
    """How an instance differs from its place at one moment.

    Attributes:
        dx: To the right, in scene units.
        dy: Downwards, together with the ground it stands on.
        lift: Upwards from the ground.
        grow: Factor on its size.
        turn: Degrees clockwise about its centre.
        lean: Degrees clockwise about its foot.
        opacity: 0 to 1.
        stretch: Taller and thinner above 1, squashed below.
        flip: Whether it looks left, or None to look as it does at home.
        busy: Whether it is under way, so that wheels and legs hurry.
        calm: Factor on its idle movement.
    """

    dx: float = 0.0
    dy: float = 0.0
    lift: float = 0.0
    grow: float = 1.0
    turn: float = 0.0
    lean: float = 0.0
    opacity: float = 1.0
    stretch: float = 1.0
    flip: bool | None = None
    busy: bool = False
    calm: float = 1.0


Move = Callable[[Place, float], Change]
Window = tuple[float, float]
Maker = Callable[[list[Place], SceneScript, random.Random], tuple[Move, Window]]


def ramp(t: float, start: float, end: float) -> float:
    """0 before `start`, 1 after `end`, straight between."""
    return min(1.0, max(0.0, (t - start) / (end - start)))


def ease(u: float) -> float:
    """Starts and ends gently."""
    return u * u * (3 - 2 * u)


def lively(u: float) -> float:
    """Half steady, half eased: always under way but never abrupt."""
    return (u + ease(u)) / 2


def overshoot(u: float) -> float:
    """Springs past 1 and settles there."""
    v = u - 1
    return 1 + 2.7 * v**3 + 1.7 * v**2


def _steps(place: Place, t: float) -> Change:
    """What walking, rolling or driving adds to a thing that is under way."""
    category = SUBJECTS[place.subject].category
    if place.habitat == "ground" and category == "animal":
        hop = abs(math.sin(2 * math.pi * 5 * t))
        return Change(lift=2.6 * hop, stretch=0.98 + 0.03 * hop, busy=True)
    if category == "vehicle":
        return Change(lift=0.5 + 0.5 * math.sin(2 * math.pi * 11 * t), busy=True)
    return Change(busy=True)


def _travel(place: Place, t: float, dx: float) -> Change:
    """Under way, `dx` from home. Balls roll as far as they travel."""
    change = replace(_steps(place, t), dx=dx)
    if SUBJECTS[place.subject].category == "ball" and place.habitat == "ground":
        return replace(change, turn=math.degrees(2 * dx / place.height))
    return change


def _bounds(cast: list[Place]) -> tuple[float, float]:
    """The left and right edge of the whole cast."""
    return (
        min(place.x - place.width / 2 for place in cast),
        max(place.x + place.width / 2 for place in cast),
    )


def _moves(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    left, right = _bounds(cast)
    distance = max(124.0, WIDTH - (right - left) - 20)
    centred = WIDTH / 2 - (left + right) / 2

    def move(place: Place, t: float) -> Change:
        return _travel(place, t, centred + script.direction * distance * (lively(t) - 0.5))

    return move, (0.0, 1.0)


def _rises(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    low = 168.0 if script.setting == "underwater" else 156.0

    def move(place: Place, t: float) -> Change:
        high = place.height + 5
        u = lively(ramp(t, 0.04, 0.96))
        foot = low + (high - low) * u
        return Change(dy=low - place.y, lift=low - foot, busy=True, calm=0.4)

    return move, (0.04, 0.96)


def _grows(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    def move(place: Place, t: float) -> Change:
        return Change(grow=GROWTH ** (2 * ease(ramp(t, 0.06, 0.94)) - 1))

    return move, (0.06, 0.94)


def _pop(t: float, at: float) -> Change:
    """Nothing before `at`, there after it, with a small spring."""
    u = ramp(t, at - 0.05, at + 0.05)
    return Change(opacity=min(1.0, 2.5 * u), grow=0.25 + 0.75 * overshoot(u))


def _appears(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    at = rng.uniform(0.44, 0.56)
    return (lambda place, t: _pop(t, at)), (at - 0.05, at + 0.05)


def _then_appears(
    cast: list[Place], script: SceneScript, rng: random.Random
) -> tuple[Move, Window]:
    at = (rng.uniform(0.16, 0.24), rng.uniform(0.68, 0.76))
    return (lambda place, t: _pop(t, at[place.actor])), (at[0] - 0.05, at[1] + 0.05)


def _bounces(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    times = rng.choice((3, 4))

    def move(place: Place, t: float) -> Change:
        drop = 26.0 if place.habitat in ("air", "underwater") else 0.0
        high = max(24.0, min(72.0, place.y + drop - place.height - 6))
        u = (times * t) % 1.0
        squash = max(0.0, 1 - 7 * min(u, 1 - u))
        return Change(
            dy=drop, lift=4 * high * u * (1 - u), stretch=1 - 0.14 * squash, busy=True, calm=0.0
        )

    return move, (0.0, 1.0)


def _circles(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    left, right = _bounds(cast)
    wide = min(92.0, (WIDTH - (right - left)) / 2 - 6)
    centred = WIDTH / 2 - (left + right) / 2
    start, way = rng.random(), rng.choice((-1, 1))

    def move(place: Place, t: float) -> Change:
        angle = 2 * math.pi * (start + way * 1.5 * t)
        flat = place.habitat in ("ground", "water")
        high = 13.0 if flat else max(16.0, min(34.0, (118 - place.height) / 2))
        sink = 30.0 if place.habitat == "air" and place.y - place.height < 34 else 0.0
        near = math.sin(angle)
        return replace(
            _steps(place, t),
            dx=centred + wide * math.cos(angle),
            dy=high * near + sink,
            grow=1 + 0.13 * near * flat,
            flip=-way * math.sin(angle) < 0,
        )

    return move, (0.0, 1.0)


def _spins(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    turns = rng.choice((-2, 2))

    def move(place: Place, t: float) -> Change:
        clear = max(0.0, place.width - place.height) / 2 + 3
        lift = clear * ease(ramp(t, 0.0, 0.12)) if place.habitat in ("ground", "water") else 0.0
        return Change(turn=360 * turns * lively(t), lift=lift, busy=True, calm=0.2)

    return move, (0.0, 1.0)


def _sways(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    def move(place: Place, t: float) -> Change:
        return Change(lean=17 * math.sin(2 * math.pi * 3 * t), calm=0.0)

    return move, (0.0, 1.0)


def _stays(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    return (lambda place, t: Change()), (0.0, 1.0)


def _meeting(cast: list[Place]) -> tuple[Place, float]:
    """The thing that is met, and the middle of those that come to it."""
    xs = [place.x for place in cast if place.actor == 0]
    return next(place for place in cast if place.actor == 1), (xs[0] + xs[-1]) / 2


def _passes(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    """The first actor crosses the frame; the second stands where they meet."""
    standing, crosser_x = _meeting(cast)

    def move(place: Place, t: float) -> Change:
        if place.actor == 1:
            return Change()
        if place.habitat == standing.habitat:
            dy = standing.y - place.y
        else:  # fly across the upper half of what stands there
            dy = standing.y - 0.62 * standing.height + place.height / 2 - place.y
        distance = WIDTH - 0.5 * place.width
        middle = standing.x - WIDTH / 2
        dx = script.direction * distance * (lively(t) - 0.5) + middle * (1 - abs(2 * t - 1))
        return replace(_travel(place, t, dx + WIDTH / 2 - crosser_x), dy=dy)

    return move, (0.25, 0.75)


def _chases(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    left, right = _bounds(cast)
    distance = max(130.0, WIDTH - (right - left) - 14)
    centred = WIDTH / 2 - (left + right) / 2

    def move(place: Place, t: float) -> Change:
        closer = 9.0 * math.sin(math.pi * t) * (place.actor == 0)
        way = script.direction * (distance * (lively(t) - 0.5) + closer)
        return _travel(place, t, centred + way)

    return move, (0.0, 1.0)


def _lands(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
    base, comer_x = _meeting(cast)
    side = rng.choice((-1, 1))

    def move(place: Place, t: float) -> Change:
        if place.actor == 1:
            return Change(calm=0.0)
        u = ramp(t, 0.1, 0.7)
        rest_x, rest_y = base.x, base.y - base.height + 2
        from_x, from_y = WIDTH / 2 + side * 104, place.height + 8
        x = from_x + (rest_x - from_x) * ease(u)
        y = from_y + (rest_y - from_y) * ease(u**1.4) - 10 * math.sin(math.pi * u)
        touch = max(0.0, 1 - abs(t - 0.72) / 0.05)
        return Change(
            dx=x - comer_x,
            dy=base.y - place.y,
            lift=base.y - y,
            stretch=1 - 0.12 * touch,
            flip=_heading(script, side) < 0,
            busy=True,
            calm=1 - ramp(t, 0.4, 0.7),
        )

    return move, (0.1, 0.72)


def _heading(script: SceneScript, side: int) -> int:
    """Where a thing looks that comes from `side`, or leaves to it."""
    return side if script.event == "takes_off" else -side


def _reversed(maker: Maker) -> Maker:
    """The same move read from its end."""

    def make(cast: list[Place], script: SceneScript, rng: random.Random) -> tuple[Move, Window]:
        move, (start, end) = maker(cast, script, rng)
        return (lambda place, t: move(place, 1 - t)), (1 - end, 1 - start)

    return make


MOVES: dict[str, Maker] = {
    "moves_left": _moves,
    "moves_right": _moves,
    "rises": _rises,
    "falls": _reversed(_rises),
    "grows": _grows,
    "shrinks": _reversed(_grows),
    "appears": _appears,
    "disappears": _reversed(_appears),
    "bounces": _bounces,
    "circles": _circles,
    "spins": _spins,
    "sways": _sways,
    "stays": _stays,
    "passes_front": _passes,
    "passes_behind": _passes,
    "chases": _chases,
    "lands_on": _lands,
    "takes_off": _reversed(_lands),
    "then_appears": _then_appears,
    "then_disappears": _reversed(_then_appears),
}
