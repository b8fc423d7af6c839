"""What the caption writers of both languages share: records, marked text and how much to tell.

Writers build *marked text*, in which `[red|colour:0]` says that the word "red" names the colour of
actor 0; `unmark` turns it into plain text and the spans of its mentions.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xmr_core.datasets.scenes.script import SceneScript, habitat_in
from xmr_core.datasets.scenes.world import EVENTS, SUBJECTS
from xmr_core.types import Language

Fact = tuple[str, str]

# What a sentence says when it leaves the direction (or the depth) of an event out.
BROADER_EVENTS: dict[str, frozenset[str]] = {
    "moves": frozenset({"moves_left", "moves_right"}),
    "passes": frozenset({"passes_front", "passes_behind"}),
}
DIRECTION_NAMES: dict[int, str] = {-1: "left", 1: "right"}

_MARK = re.compile(r"\[([^|\]]+)\|([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of a caption that names something: `text[start:end]`.

    Attributes:
        start: First character.
        end: One after the last character.
        names: "actor:0", "colour:0", "count:0", "size:0" (or with 1 for the second actor),
            "setting", "time" or "event".
    """

    start: int
    end: int
    names: str


@dataclass(frozen=True, slots=True)
class SceneCaption:
    """One sentence about a scene, with what its words name and what it asserts.

    Attributes:
        text: The sentence.
        language: "en" or "zh".
        mentions: In order of their place in the text.
        facts: What the sentence asserts, as (property, value): ("actor:0.subject", "car"),
            ("actor:0.category", "vehicle"), ("actor:0.colour", "red"), ("actor:0.size", "big"),
            ("actor:0.count", "2") or "many", ("event", "moves_left") or a broader one
            ("event", "moves"), ("direction", "left"), ("setting", "road"), ("time", "night").
    """

    text: str
    language: Language
    mentions: tuple[Mention, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ActorDetail:
    """What a sentence tells about one actor."""

    colour: bool
    size: bool
    count: bool
    hypernym: bool


@dataclass(frozen=True, slots=True)
class Detail:
    """What a sentence tells at all; what it leaves out is left to the viewer.

    Attributes:
        actors: Per actor of the script.
        event: Whether it says what happens.
        direction: Whether it says where to, where the event has a direction.
        setting: Whether it says where.
        time: Whether it says when.
        terse: Whether it may be worded like a search query, without articles.
    """

    actors: tuple[ActorDetail, ...]
    event: bool
    direction: bool
    setting: bool
    time: bool
    terse: bool


def mark(text: str, names: str) -> str:
    """Marks `text` as naming `names`; nothing stays nothing."""
    return f"[{text}|{names}]" if text else ""


def fill_marks(phrase: str, names: str) -> str:
    """Gives the unnamed brackets of a word table their name: "on the [road]"."""
    return phrase.replace("]", f"|{names}]")


def unmark(marked: str) -> tuple[str, tuple[Mention, ...]]:
    """Plain text and mentions of a marked text."""
    pieces: list[str] = []
    mentions: list[Mention] = []
    length = at = 0
    for found in _MARK.finditer(marked):
        before, word = marked[at : found.start()], found[1]
        start = length + len(before)
        length = start + len(word)
        mentions.append(Mention(start, length, found[2]))
        pieces += (before, word)
        at = found.end()
    pieces.append(marked[at:])
    return "".join(pieces), tuple(mentions)


def group_keys(script: SceneScript) -> tuple[str, ...]:
    """Keys under which word tables may hold wordings for the main actor, widest first."""
    subject = script.actors[0].subject
    category, habitat = SUBJECTS[subject].category, habitat_in(subject, script.setting)
    return ("any", str(habitat), category, f"{category}@{habitat}", subject)


def place_key(script: SceneScript, phrases: Mapping[str, object]) -> str:
    """Which of a setting's phrases fits: where the actors are, seen from the lowest of them."""
    subjects = [actor.subject for actor in script.actors]
    habitats = [str(habitat_in(subject, script.setting)) for subject in subjects]
    height = ("ground", "water", "underwater", "air", "sky").index
    lowest = min(habitats, key=height)
    on_ground = [s for s, habitat in zip(subjects, habitats, strict=True) if habitat == lowest]
    rooted = all(SUBJECTS[subject].category in ("plant", "building") for subject in on_ground)
    return "beside" if rooted and "beside" in phrases else lowest


def gather(table: Mapping[str, Sequence[str]], keys: Iterable[str]) -> list[str]:
    """All wordings that a word table holds under any of `keys`."""
    return [wording for key in keys for wording in table.get(key, ())]


def told_event(script: SceneScript, detail: Detail, rng: random.Random) -> str | None:
    """The event as the sentence will tell it: exact, broader, or None."""
    if not detail.event:
        return None
    if detail.direction:
        return script.event
    if script.event in BROADER_EVENTS["moves"]:
        return "moves"
    if script.event in BROADER_EVENTS["passes"] and rng.random() < 0.3:
        return "passes"
    return script.event


def scene_facts(script: SceneScript, detail: Detail, event: str | None) -> list[Fact]:
    """The facts that do not belong to an actor."""
    facts: list[Fact] = []
    if event is not None:
        facts.append(("event", event))
        if EVENTS[script.event].has_direction and detail.direction:
            facts.append(("direction", DIRECTION_NAMES[script.direction]))
    if detail.setting:
        facts.append(("setting", script.setting))
    if detail.time:
        facts.append(("time", script.time))
    return facts
