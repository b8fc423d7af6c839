"""Captions of a scene: English and Chinese sentences, with what their words name and assert."""

import random

from xmr_core.datasets.scenes.captions_en import write_english
from xmr_core.datasets.scenes.captions_zh import write_chinese
from xmr_core.datasets.scenes.phrases import (
    ActorDetail,
    Detail,
    Mention,
    SceneCaption,
    unmark,
)
from xmr_core.datasets.scenes.script import SceneScript, Split
from xmr_core.types import Language

__all__ = ["Mention", "SceneCaption", "caption_rng", "write_captions", "write_translations"]

# Chance of telling each thing, by how complete a caption is.
_CHANCES: dict[str, dict[str, float]] = {
    "first": {
        "colour": 1.0, "size": 0.9, "count": 0.95, "event": 1.0, "direction": 1.0,
        "setting": 1.0, "time": 0.8, "hypernym": 0.0,
    },
    "full": {
        "colour": 0.95, "size": 0.7, "count": 0.9, "event": 1.0, "direction": 0.95,
        "setting": 0.9, "time": 0.65, "hypernym": 0.04,
    },
    "medium": {
        "colour": 0.75, "size": 0.4, "count": 0.8, "event": 0.92, "direction": 0.7,
        "setting": 0.55, "time": 0.3, "hypernym": 0.12,
    },
    "short": {
        "colour": 0.6, "size": 0.25, "count": 0.6, "event": 0.7, "direction": 0.5,
        "setting": 0.25, "time": 0.12, "hypernym": 0.2,
    },
}  # fmt: skip
_TRIES_PER_CAPTION = 60


def caption_rng(split: Split, index: int, language: Language) -> random.Random:
    """The source of chance for the captions of one clip in one language."""
    return random.Random(f"captions/{split}/{index}/{language}")


def write_captions(
    script: SceneScript, language: Language, count: int, rng: random.Random
) -> tuple[SceneCaption, ...]:
    """Writes different sentences about one scene.

    The first is rather complete: every subject, colour, the event with its direction and the
    setting, mostly the time, size and count. Of the others about a third each are near complete,
    medium and short.

    Args:
        script: The scene.
        language: "en" or "zh".
        count: How many.
        rng: The only source of chance; see `caption_rng`.

    Raises:
        ValueError: If the scene does not give that many different sentences.
    """
    captions: dict[str, SceneCaption] = {}
    for level in _levels(count, rng):
        for _ in range(_TRIES_PER_CAPTION):
            caption = _written(script, language, _draw_detail(script, level, rng), rng)
            if caption.text not in captions:
                captions[caption.text] = caption
                break
        else:
            raise ValueError(f"{count} different captions wanted, only {len(captions)} found")
    return tuple(captions.values())


def write_translations(
    script: SceneScript, count: int, rng: random.Random
) -> tuple[tuple[SceneCaption, SceneCaption], ...]:
    """Writes pairs of an English and a Chinese sentence that tell the same of one scene.

    As complete as those of `write_captions`, the first one most. Sentences may repeat.

    Args:
        script: The scene.
        count: How many pairs.
        rng: The only source of chance.
    """
    pairs = []
    for level in _levels(count, rng):
        detail = _draw_detail(script, level, rng)
        english = _written(script, "en", detail, rng)
        pairs.append((english, _written(script, "zh", detail, rng)))
    return tuple(pairs)


def _levels(count: int, rng: random.Random) -> list[str]:
    """How complete each of `count` captions is; the first is "first"."""
    levels = (["full", "medium", "short"] * (count // 3 + 1))[: max(count - 1, 0)]
    rng.shuffle(levels)
    return ["first", *levels][:count]


def _written(
    script: SceneScript, language: Language, detail: Detail, rng: random.Random
) -> SceneCaption:
    write = write_english if language == "en" else write_chinese
    marked, facts = write(script, detail, rng)
    text, mentions = unmark(marked)
    return SceneCaption(text, language, mentions, tuple(facts))


def _draw_detail(script: SceneScript, level: str, rng: random.Random) -> Detail:
    chances = _CHANCES[level]

    def tells(what: str) -> bool:
        return rng.random() < chances[what]

    actors = tuple(
        ActorDetail(tells("colour"), tells("size"), tells("count"), tells("hypernym"))
        for _ in script.actors
    )
    return Detail(
        actors=actors,
        event=tells("event"),
        direction=tells("direction"),
        setting=tells("setting"),
        time=tells("time"),
        terse=level in ("medium", "short"),
    )
