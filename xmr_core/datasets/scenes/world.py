"""What exists in the world `scenes`: subjects, colours, settings, times of day and events.

Only ids and facts that decide what can happen; how things look is in `draw/`, how they are called
is in `words`.
"""

from dataclasses import dataclass
from typing import Literal

Habitat = Literal["ground", "water", "underwater", "air", "sky"]
Category = Literal[
    "vehicle", "boat", "aircraft", "ball", "animal", "plant", "building", "household", "sky"
]

COLOURS: tuple[str, ...] = (
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black",
)  # fmt: skip

SIZES: tuple[str, ...] = ("small", "medium", "big")

TIMES: tuple[str, ...] = ("day", "sunset", "night", "rain")

# Which habitats a setting offers. Ground things stand on its ground, air things fly over it.
SETTINGS: dict[str, frozenset[Habitat]] = {
    "road": frozenset({"ground", "air", "sky"}),
    "meadow": frozenset({"ground", "air", "sky"}),
    "mountains": frozenset({"ground", "air", "sky"}),
    "desert": frozenset({"ground", "air", "sky"}),
    "city": frozenset({"ground", "air", "sky"}),
    "snowfield": frozenset({"ground", "air", "sky"}),
    "forest": frozenset({"ground", "air", "sky"}),
    "beach": frozenset({"ground", "air", "sky"}),
    "sea": frozenset({"water", "air", "sky"}),
    "underwater": frozenset({"underwater"}),
    "room": frozenset({"ground"}),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing that can appear.

    Attributes:
        category: Its hypernym.
        habitats: Where it can be; one of them must be offered by the setting.
        colourable: Whether it comes in the nine colours.
        mobile: Whether it can travel on its own (drive, walk, fly, roll, swim).
        faces: Whether it has a front; it is drawn looking right and mirrored to look left.
        indoors: Whether it makes sense in a room.
    """

    category: Category
    habitats: frozenset[Habitat]
    colourable: bool = True
    mobile: bool = True
    faces: bool = True
    indoors: bool = False


def _subject(
    category: Category,
    habitats: str,
    *,
    colourable: bool = True,
    mobile: bool = True,
    faces: bool = True,
    indoors: bool = False,
) -> Subject:
    return Subject(
        category,
        frozenset(habitats.split()),  # type: ignore[arg-type]
        colourable,
        mobile,
        faces,
        indoors,
    )


SUBJECTS: dict[str, Subject] = {
    # vehicles
    "car": _subject("vehicle", "ground"),
    "truck": _subject("vehicle", "ground"),
    "bus": _subject("vehicle", "ground"),
    "bicycle": _subject("vehicle", "ground", indoors=True),
    "train": _subject("vehicle", "ground"),
    "tractor": _subject("vehicle", "ground"),
    # boats
    "sailboat": _subject("boat", "water"),
    "canoe": _subject("boat", "water"),
    "ship": _subject("boat", "water"),
    "submarine": _subject("boat", "underwater"),
    # aircraft
    "airplane": _subject("aircraft", "air"),
    "helicopter": _subject("aircraft", "air"),
    "balloon": _subject("aircraft", "air", faces=False),
    "rocket": _subject("aircraft", "air", faces=False),
    "kite": _subject("aircraft", "air", faces=False),
    # balls
    "ball": _subject("ball", "ground water", faces=False, indoors=True),
    "basketball": _subject("ball", "ground", colourable=False, faces=False, indoors=True),
    "football": _subject("ball", "ground", colourable=False, faces=False, indoors=True),
    # animals
    "dog": _subject("animal", "ground", indoors=True),
    "cat": _subject("animal", "ground", indoors=True),
    "horse": _subject("animal", "ground"),
    "cow": _subject("animal", "ground"),
    "elephant": _subject("animal", "ground"),
    "rabbit": _subject("animal", "ground", indoors=True),
    "penguin": _subject("animal", "ground", colourable=False),
    "snail": _subject("animal", "ground", indoors=True),
    "bird": _subject("animal", "air"),
    "butterfly": _subject("animal", "air", faces=False),
    "duck": _subject("animal", "water"),
    "fish": _subject("animal", "underwater"),
    "turtle": _subject("animal", "underwater ground"),
    "octopus": _subject("animal", "underwater", faces=False),
    # plants
    "tree": _subject("plant", "ground", colourable=False, mobile=False, faces=False),
    "palm": _subject("plant", "ground", colourable=False, mobile=False, faces=False),
    "flower": _subject("plant", "ground", mobile=False, faces=False, indoors=True),
    "mushroom": _subject("plant", "ground", mobile=False, faces=False),
    "cactus": _subject(
        "plant", "ground", colourable=False, mobile=False, faces=False, indoors=True
    ),
    # buildings
    "house": _subject("building", "ground", mobile=False, faces=False),
    "lighthouse": _subject("building", "ground", mobile=False, faces=False),
    "windmill": _subject("building", "ground", mobile=False, faces=False),
    "castle": _subject("building", "ground", mobile=False, faces=False),
    "tent": _subject("building", "ground", mobile=False, faces=False),
    # household things
    "cup": _subject("household", "ground", mobile=False, faces=False, indoors=True),
    "lamp": _subject("household", "ground", mobile=False, faces=False, indoors=True),
    "chair": _subject("household", "ground", mobile=False, faces=False, indoors=True),
    "clock": _subject("household", "ground", mobile=False, faces=False, indoors=True),
    "umbrella": _subject("household", "ground", mobile=False, faces=False, indoors=True),
    "teapot": _subject("household", "ground", mobile=False, faces=False, indoors=True),
    "gift": _subject("household", "ground", mobile=False, faces=False, indoors=True),
    # sky things
    "star": _subject("sky", "sky", faces=False),
    "moon": _subject("sky", "sky", colourable=False, faces=False),
    "cloud": _subject("sky", "sky", colourable=False, faces=False),
    "rainbow": _subject("sky", "sky", colourable=False, mobile=False, faces=False),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens in a clip; its id is the clip's action class.

    Attributes:
        actors: How many different subjects take part, 1 or 2.
        needs_mobile: Whether the first actor must be able to travel.
        has_direction: Whether it goes left or right, told by the script's `direction`.
        reverse: The event that the same frames show when played backwards, or None where that
            is no event of this world. An event that is its own reverse looks the same.
    """

    actors: int = 1
    needs_mobile: bool = False
    has_direction: bool = False
    reverse: str | None = None


EVENTS: dict[str, Event] = {
    "moves_left": Event(needs_mobile=True, reverse="moves_right"),
    "moves_right": Event(needs_mobile=True, reverse="moves_left"),
    "rises": Event(needs_mobile=True, reverse="falls"),
    "falls": Event(needs_mobile=True, reverse="rises"),
    "grows": Event(reverse="shrinks"),
    "shrinks": Event(reverse="grows"),
    "appears": Event(reverse="disappears"),
    "disappears": Event(reverse="appears"),
    "bounces": Event(needs_mobile=True, reverse="bounces"),
    "circles": Event(needs_mobile=True),
    "spins": Event(needs_mobile=True),
    "sways": Event(reverse="sways"),
    "stays": Event(reverse="stays"),
    # A passes in front of B; A passes behind B (B is in front); A chases B
    "passes_front": Event(actors=2, needs_mobile=True, has_direction=True),
    "passes_behind": Event(actors=2, needs_mobile=True, has_direction=True),
    "chases": Event(actors=2, needs_mobile=True, has_direction=True),
    # A comes down and rests on B; A takes off from B
    "lands_on": Event(actors=2, needs_mobile=True, reverse="takes_off"),
    "takes_off": Event(actors=2, needs_mobile=True, reverse="lands_on"),
    # first A appears, then B appears beside it (its reverse hides B first, then A)
    "then_appears": Event(actors=2, reverse="then_disappears"),
    "then_disappears": Event(actors=2, reverse="then_appears"),
}
