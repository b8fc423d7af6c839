"""Scene scripts: what happens in a clip, drawn at random but reproducibly, and the splits.

A script is everything that the captions, the choreography and the renderer need. Two processes
that ask for script 17 of the split "train" get the same one.
"""

import hashlib
import random
from dataclasses import dataclass, replace
from typing import Literal

from xmr_core.datasets.scenes.world import (
    COLOURS,
    EVENTS,
    SETTINGS,
    SUBJECTS,
    TIMES,
    Habitat,
)

Split = Literal["train", "val", "test"]

DURATION_S = 4.0
FPS = 12
NUM_FRAMES = round(DURATION_S * FPS)
WIDTH, HEIGHT = 320, 180

# A composition (subject x colour x event x setting) belongs to one split for good.
_TEST_SHARE, _VAL_SHARE = 15, 5  # per cent


@dataclass(frozen=True, slots=True)
class Actor:
    """One kind of thing in a scene.

    Attributes:
        subject: Key in `world.SUBJECTS`.
        colour: One of `world.COLOURS`, or None where the subject has its own colours.
        size: "small", "medium" or "big".
        count: How many of it, 1 to 4, all doing the same.
    """

    subject: str
    colour: str | None = None
    size: str = "medium"
    count: int = 1


@dataclass(frozen=True, slots=True)
class SceneScript:
    """What happens in one clip.

    Attributes:
        seed: Decides placement, speed, phase and scenery details; the renderer's only randomness.
        setting: Key in `world.SETTINGS`.
        time: One of `world.TIMES`.
        actors: One or two, in the roles of the event: (who does it, to whom).
        event: Key in `world.EVENTS`.
        direction: -1 for leftwards, +1 for rightwards, 0 where the event has none. The events
            moves_left and moves_right carry -1 and +1.
        backwards: Whether the frames are played in reverse order. Only minimal pairs use this;
            `event` names what is *seen*, so a backwards "falls" is drawn as "rises".
    """

    seed: int
    setting: str
    time: str
    actors: tuple[Actor, ...]
    event: str
    direction: int = 0
    backwards: bool = False

    def composition(self) -> str:
        """The key that decides the split: subject, colour, event and setting of the main actor."""
        actor = self.actors[0]
        return f"{actor.subject}|{actor.colour}|{self.event}|{self.setting}"


def split_of(composition: str) -> Split:
    """The split that owns a composition; the same on every machine."""
    bucket = int.from_bytes(hashlib.sha256(composition.encode()).digest()[:4], "big") % 100
    if bucket < _TEST_SHARE:
        return "test"
    return "val" if bucket < _TEST_SHARE + _VAL_SHARE else "train"


def habitat_in(subject: str, setting: str) -> Habitat | None:
    """Where `subject` would be in `setting`, or None where it cannot be there."""
    kind = SUBJECTS[subject]
    if setting == "room":
        return "ground" if kind.indoors else None
    for habitat in ("ground", "water", "underwater", "air", "sky"):
        if habitat in kind.habitats and habitat in SETTINGS[setting]:
            return habitat
    return None


def random_script(rng: random.Random) -> SceneScript:
    """Draws one script: event first, then who, then where, each equally likely."""
    while True:
        event = rng.choice(tuple(EVENTS))
        subject = rng.choice(tuple(SUBJECTS))
        settings = [s for s in SETTINGS if _can_happen(event, subject, s)]
        if not settings:
            continue
        setting = rng.choice(settings)
        actors = _cast(rng, event, subject, setting)
        if actors is not None:
            break
    direction = {"moves_left": -1, "moves_right": 1}.get(event, 0)
    if EVENTS[event].has_direction:
        direction = rng.choice((-1, 1))
    # Indoors and under water there is no sunset or rain to be seen.
    times = ("day", "night") if setting in ("room", "underwater") else TIMES
    return SceneScript(
        seed=rng.getrandbits(32),
        setting=setting,
        time=rng.choice(times),
        actors=actors,
        event=event,
        direction=direction,
    )


def script(split: Split, index: int) -> SceneScript:
    """Script number `index` of a split; its composition belongs to that split."""
    rng = random.Random(f"scenes/{split}/{index}")
    while True:
        candidate = random_script(rng)
        if split_of(candidate.composition()) == split:
            return candidate


def minimal_pair(index: int) -> tuple[SceneScript, SceneScript]:
    """Two scripts with the same frames in opposite order, and different things to say.

    The second plays the first backwards, so any method that forgets the order of frames gives
    both the same embedding. Only subjects without a front move sideways here: a car that drives
    backwards would give the order away in a single frame.
    """
    rng = random.Random(f"scenes/minimal_pairs/{index}")
    while True:
        first = random_script(rng)
        reverse = EVENTS[first.event].reverse
        if reverse is None or reverse == first.event:
            continue
        sideways = first.direction or first.event in ("lands_on", "takes_off")
        if sideways and SUBJECTS[first.actors[0].subject].faces:
            continue
        if split_of(first.composition()) != "test":
            continue
        second = replace(first, event=reverse, direction=-first.direction, backwards=True)
        return first, second


def _can_happen(event: str, subject: str, setting: str) -> bool:
    kind = SUBJECTS[subject]
    habitat = habitat_in(subject, setting)
    if habitat is None or (EVENTS[event].needs_mobile and not kind.mobile):
        return False
    if event in ("lands_on", "takes_off"):  # something light, or something that flies
        return kind.category in ("ball", "aircraft") or subject in ("bird", "butterfly", "cat")
    if event in ("bounces", "spins"):
        return habitat != "sky" and kind.category != "building"
    if event == "chases":
        return kind.category in ("vehicle", "boat", "animal")
    if event in ("rises", "falls"):
        return kind.category not in ("vehicle", "boat") or habitat == "underwater"
    return True


def _cast(rng: random.Random, event: str, subject: str, setting: str) -> tuple[Actor, ...] | None:
    first = _actor(rng, subject)
    if EVENTS[event].actors == 1:
        # One thing more often than several.
        return (Actor(first.subject, first.colour, first.size, rng.choice((1, 1, 1, 1, 2, 3, 4))),)
    partners = [s for s in SUBJECTS if s != subject and _fits(event, subject, s, setting)]
    return (first, _actor(rng, rng.choice(partners))) if partners else None


def _fits(event: str, subject: str, partner: str, setting: str) -> bool:
    """Whether `partner` can be the second actor of `event` beside `subject`."""
    habitat, kind = habitat_in(partner, setting), SUBJECTS[partner]
    if habitat is None:
        return False
    if event == "chases":
        return kind.mobile and habitat == habitat_in(subject, setting)
    if event in ("lands_on", "takes_off"):
        return kind.category in ("building", "household", "vehicle", "boat", "plant")
    if event in ("passes_front", "passes_behind"):
        return habitat in ("ground", "water", "underwater")
    return True


def _actor(rng: random.Random, subject: str) -> Actor:
    colour = rng.choice(COLOURS) if SUBJECTS[subject].colourable else None
    return Actor(subject, colour, rng.choice(("small", "medium", "medium", "big")))
