"""The cast in its places before anything moves: who stands where, how large, facing where."""

import random
from dataclasses import dataclass, replace

from xmr_core.datasets.scenes.draw.subjects import EXTENT
from xmr_core.datasets.scenes.script import HEIGHT, WIDTH, SceneScript, habitat_in
from xmr_core.datasets.scenes.world import EVENTS, SUBJECTS, Habitat

# Scene units per subject unit of a medium subject, and the factor of each size.
UNIT = 0.24 * WIDTH
_SIZE = {"small": 0.7, "medium": 1.0, "big": 1.4}
_GAP = 0.14 * UNIT

# How much of the frame's width the cast may fill, so that the event has room to happen.
_FILL = {
    "moves_left": 0.6, "moves_right": 0.6, "circles": 0.52, "chases": 0.66,
    "passes_front": 0.36, "passes_behind": 0.36, "lands_on": 0.4, "takes_off": 0.4,
}  # fmt: skip
_FILL_OTHERWISE = 0.9
_TALLEST: dict[Habitat, float] = {
    "ground": 124.0, "water": 112.0, "underwater": 110.0, "air": 96.0, "sky": 84.0,
}  # fmt: skip
# "grows" and "shrinks" go from 1 / GROWTH to GROWTH times the size.
GROWTH = 2.2**0.5
# How much more room an event takes than the subject itself.
_GROWTH = {"grows": GROWTH, "shrinks": GROWTH, "bounces": 1.16, "sways": 1.12}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one instance is at home.

    Attributes:
        actor: Index into the script's actors.
        subject: Key in `world.SUBJECTS`.
        habitat: Where it lives in this setting.
        x: Of the middle of its foot, in scene units.
        y: Of its foot.
        scale: Scene units per subject unit.
        width: Of its bounding box, in scene units.
        height: Of its bounding box.
        flip: Whether it looks left while it stays.
        depth: Painted later when higher.
    """

    actor: int
    subject: str
    habitat: Habitat
    x: float
    y: float
    scale: float
    width: float
    height: float
    flip: bool
    depth: int


def set_stage(script: SceneScript, rng: random.Random) -> list[Place]:
    """Puts every instance in its place.

    Several of a kind stand side by side without hiding each other. The two actors of an event
    that is about meeting stand one over the other, all others side by side.

    Raises:
        ValueError: An actor cannot be in the script's setting.
    """
    ranks = [_rank(script, index, rng) for index in range(len(script.actors))]
    if script.event in ("lands_on", "takes_off"):
        # Both must fit one on top of the other, with some sky left to come from.
        shrink = min(1.0, 112.0 / (ranks[0][0].height + ranks[1][0].height))
        ranks = [[_resized(place, shrink) for place in rank] for rank in ranks]
    return _side_by_side(script, ranks, rng)


def _rank(script: SceneScript, index: int, rng: random.Random) -> list[Place]:
    """The instances of one actor in a row around x = 0, small enough for the event."""
    actor = script.actors[index]
    habitat = habitat_in(actor.subject, script.setting)
    if habitat is None:
        raise ValueError(f"a {actor.subject} cannot be in the setting {script.setting!r}")
    growth = _GROWTH.get(script.event, 1.0)
    wide, tall = EXTENT[actor.subject]
    if script.event == "spins":  # it needs its largest dimension in every direction
        wide = tall = max(wide, tall)
    scale = UNIT * _SIZE[actor.size]
    room = _FILL.get(script.event, _FILL_OTHERWISE) * WIDTH
    if EVENTS[script.event].actors == 2 and script.event not in _STACKED:
        room = room / 2 - _GAP
    room -= (actor.count - 1) * _GAP
    scale = min(scale, room / (actor.count * wide * growth), _TALLEST[habitat] / (tall * growth))
    wide, tall = (scale * side for side in EXTENT[actor.subject])
    step = max(wide, tall if script.event == "spins" else 0.0) * growth + _GAP
    home = _home_y(habitat, tall, rng)
    flip = SUBJECTS[actor.subject].faces and rng.random() < 0.5
    if EVENTS[script.event].has_direction or script.direction:
        flip = script.direction < 0
    return [
        Place(
            actor=index,
            subject=actor.subject,
            habitat=habitat,
            x=(k - (actor.count - 1) / 2) * step,
            y=home + rng.uniform(-3, 3) * (actor.count > 1),
            scale=scale,
            width=wide,
            height=tall,
            flip=flip,
            depth=index if script.event == "passes_behind" else -index,
        )
        for k in range(actor.count)
    ]


_STACKED = ("passes_front", "passes_behind", "lands_on", "takes_off")


def _side_by_side(script: SceneScript, ranks: list[list[Place]], rng: random.Random) -> list[Place]:
    """Moves the ranks to their places in the frame, keeping them inside."""
    if len(ranks) == 1 or script.event in _STACKED:
        spread = 10.0 if len(ranks) == 2 else max(0.0, min(30.0, (300 - _span(ranks[0])) / 2))
        middle = WIDTH / 2 + rng.uniform(-spread, spread)
        return [replace(place, x=place.x + middle) for rank in ranks for place in rank]
    # In a chase the first actor follows the second, so it stands behind it.
    first_is_left = script.direction > 0 if script.event == "chases" else rng.random() < 0.5
    left, right = ranks if first_is_left else ranks[::-1]
    gap = _GAP * (2.2 if script.event == "chases" else 1.6)
    total = _span(left) + gap + _span(right)
    start = (WIDTH - total) / 2
    moved = {
        left[0].actor: start + _span(left) / 2,
        right[0].actor: start + total - _span(right) / 2,
    }
    return [replace(place, x=place.x + moved[place.actor]) for rank in ranks for place in rank]


def _span(rank: list[Place]) -> float:
    """Width of a rank from its left edge to its right edge."""
    return rank[-1].x - rank[0].x + rank[0].width


def _resized(place: Place, factor: float) -> Place:
    return replace(
        place,
        x=place.x * factor,
        scale=place.scale * factor,
        width=place.width * factor,
        height=place.height * factor,
    )


def _home_y(habitat: Habitat, height: float, rng: random.Random) -> float:
    """Where the foot of a thing of this height is while it stays."""
    wobble = rng.uniform(-1, 1)
    match habitat:
        case "ground":
            return 151 + 5 * wobble
        case "water":
            return 138 + 6 * wobble
        case "underwater":
            return 88 + height / 2 + 10 * wobble
        case "air":
            return max(height + 5, 62 + height / 2 + 8 * wobble)
        case "sky":
            return max(height + 5, 48 + height / 2 + 6 * wobble)
    raise ValueError(f"unknown habitat {habitat!r} at scene height {HEIGHT}")
