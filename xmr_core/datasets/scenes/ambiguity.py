"""How far captions pin a clip down, and so the best that any model could retrieve.

A caption that leaves things out fits several clips. A perfect model would know which clips fit and
could only guess among them; its expected recall is the ceiling for every other model.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xmr_core.datasets.scenes.phrases import (
    BROADER_EVENTS,
    DIRECTION_NAMES,
    Fact,
    SceneCaption,
)
from xmr_core.datasets.scenes.script import SceneScript
from xmr_core.datasets.scenes.world import EVENTS, SUBJECTS


@dataclass(frozen=True, slots=True)
class RetrievalCeiling:
    """Expected text-to-video recall of a model that guesses among all clips that fit.

    Attributes:
        recall_at_1: Per cent.
        recall_at_5: Per cent.
        recall_at_10: Per cent.
        mean_candidates: Clips that fit a caption, on average; 1 where every caption is unique.
        unique: Per cent of the captions that fit one clip only.
        n: Number of captions.
    """

    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    mean_candidates: float
    unique: float
    n: int


def consistent(facts: Iterable[Fact], script: SceneScript) -> bool:
    """Whether everything that `facts` assert is true of `script`.

    Hypernyms and broader events are understood, and what is not told may be anything. A sentence
    that does not say what happens does not say who has which role either: "a dog and a cat" fits
    a scene in which the cat is the first actor.
    """
    told = tuple(facts)
    if all(_holds(fact, script) for fact in told):
        return True
    swapped = _swapped(script)
    return not _tells_event(told) and all(_holds(fact, swapped) for fact in told)


def reversed_in_time(script: SceneScript) -> SceneScript:
    """What the frames of `script` would also show in the opposite order, or `script` itself.

    It is `script` itself where single frames tell the order: a car looks where it drives, a bird
    looks at what it will land on, and the chaser is the one behind.
    """
    looks_ahead = SUBJECTS[script.actors[0].subject].faces
    if script.event == "chases" or (
        looks_ahead and (script.direction or script.event in ("lands_on", "takes_off"))
    ):
        return script
    event = EVENTS[script.event].reverse or script.event
    return replace(script, event=event, direction=-script.direction)


def consistency(
    captions: Sequence[SceneCaption],
    scripts: Sequence[SceneScript],
    *,
    ignore_order: bool = False,
) -> NDArray[np.bool_]:
    """Which scripts each caption fits, shape (captions, scripts).

    Args:
        captions: Sentences.
        scripts: The clips to choose from.
        ignore_order: Also accept a clip whose frames in the opposite order would fit: the most
            that a model can see which pools frames without regard to their order.
    """
    identity = _FactTable(scripts)
    swapped = _FactTable([_swapped(script) for script in scripts])
    backwards = _FactTable([reversed_in_time(script) for script in scripts])
    rows = np.empty((len(captions), len(scripts)), dtype=np.bool_)
    for row, caption in zip(rows, captions, strict=True):
        row[:] = identity.fits(caption.facts)
        if not _tells_event(caption.facts):
            row |= swapped.fits(caption.facts)
        elif ignore_order:
            row |= backwards.fits(caption.facts)
    return rows


def ceiling(
    captions: Sequence[SceneCaption],
    scripts: Sequence[SceneScript],
    true_index: Sequence[int],
    *,
    ignore_order: bool = False,
) -> RetrievalCeiling:
    """The best expected text-to-video recall that any model could reach.

    Args:
        captions: The queries.
        scripts: The gallery.
        true_index: For each caption, the index of the script that it was written about.
        ignore_order: See `consistency`.

    Raises:
        ValueError: If the lengths differ, or a caption is not true of its own script.
    """
    if len(captions) != len(true_index) or not captions:
        raise ValueError(f"{len(captions)} captions but {len(true_index)} true indices")
    fits = consistency(captions, scripts, ignore_order=ignore_order)
    own = fits[np.arange(len(captions)), np.asarray(true_index)]
    if not own.all():
        wrong = captions[int(np.argmin(own))]
        raise ValueError(f"the caption {wrong.text!r} is not true of its own script")
    candidates = fits.sum(axis=1)
    recalls = [100 * float(np.mean(np.minimum(k, candidates) / candidates)) for k in (1, 5, 10)]
    return RetrievalCeiling(
        *recalls,
        mean_candidates=float(candidates.mean()),
        unique=100 * float(np.mean(candidates == 1)),
        n=len(captions),
    )


class _FactTable:
    """For which scripts a fact holds, worked out once per distinct fact."""

    def __init__(self, scripts: Sequence[SceneScript]) -> None:
        self._scripts = scripts
        self._rows: dict[Fact, NDArray[np.bool_]] = {}

    def fits(self, facts: Iterable[Fact]) -> NDArray[np.bool_]:
        """For which scripts all `facts` hold, shape (scripts,)."""
        result = np.ones(len(self._scripts), dtype=np.bool_)
        for fact in facts:
            if fact not in self._rows:
                self._rows[fact] = np.array([_holds(fact, script) for script in self._scripts])
            result &= self._rows[fact]
        return result


def _tells_event(facts: Iterable[Fact]) -> bool:
    return any(name == "event" for name, _ in facts)


def _swapped(script: SceneScript) -> SceneScript:
    return replace(script, actors=script.actors[::-1])


def _holds(fact: Fact, script: SceneScript) -> bool:
    name, value = fact
    if name.startswith("actor:"):
        who, _, what = name.removeprefix("actor:").partition(".")
        index = int(who)
        return index < len(script.actors) and _OF_ACTOR[what](script, index, value)
    return _OF_SCENE[name](script, value)


_OF_SCENE: dict[str, Callable[[SceneScript, str], bool]] = {
    "event": lambda script, value: script.event in BROADER_EVENTS.get(value, {value}),
    "direction": lambda script, value: DIRECTION_NAMES.get(script.direction) == value,
    "setting": lambda script, value: script.setting == value,
    "time": lambda script, value: script.time == value,
}
_OF_ACTOR: dict[str, Callable[[SceneScript, int, str], bool]] = {
    "subject": lambda script, i, value: script.actors[i].subject == value,
    "category": lambda script, i, value: SUBJECTS[script.actors[i].subject].category == value,
    "colour": lambda script, i, value: script.actors[i].colour == value,
    "size": lambda script, i, value: script.actors[i].size == value,
    "count": lambda script, i, value: (
        script.actors[i].count > 1 if value == "many" else str(script.actors[i].count) == value
    ),
}
