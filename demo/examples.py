"""Queries to start from: `assets/examples.json` for the bundled clips, else captions of others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.wording import LANGUAGES, Language, say
from xmr_core import Clip

BUNDLED_GALLERY = "scenes"
_FILE = Path(__file__).resolve().parent.parent / "assets" / "examples.json"

_PER_LANGUAGE = 3
_LONGEST = 60  # characters; a chip must fit a phone
_LOOKED_AT = 300  # clips whose captions are looked at


@dataclass(frozen=True, slots=True)
class Examples:
    """Sentences to start from.

    Attributes:
        queries: By language; the first is asked when the page opens.
        pairs: Sentences of the same meaning, English and Chinese.
    """

    queries: dict[Language, list[str]]
    pairs: list[tuple[str, str]]


def read_examples() -> Examples:
    """Reads them from the project's folder."""
    record = json.loads(_FILE.read_text("utf-8"))
    return Examples(
        queries={language: list(record[language]) for language in LANGUAGES},
        pairs=[(english, chinese) for english, chinese in record["pairs"]],
    )


def examples_for(gallery: str, clips: Sequence[Clip], bundled: Examples) -> Examples:
    """Queries that suit a gallery.

    Args:
        gallery: What its own card calls it.
        clips: Its clips. Some of their captions are taken, spread over the gallery; without
            captions, everyday sentences.
        bundled: The project's own, for the bundled gallery.
    """
    if gallery == BUNDLED_GALLERY:
        return bundled
    found: dict[Language, list[str]] = {
        language: _captions(clips, language) for language in LANGUAGES
    }
    if not any(found.values()):
        found = {
            language: [say(f"everyday_{n}", language) for n in range(1, _PER_LANGUAGE + 1)]
            for language in LANGUAGES
        }
    return Examples(found, [])


def _captions(clips: Sequence[Clip], language: Language) -> list[str]:
    """First captions that are short enough, each of them once, from all over the gallery."""
    step = max(1, len(clips) // _LOOKED_AT)
    texts = [
        caption.text.strip()
        for clip in clips[::step]
        for caption in clip.captions[:40]
        if caption.language == language and 3 < len(caption.text.strip()) <= _LONGEST
    ]
    different = list(dict.fromkeys(texts))
    return different[:: max(1, len(different) // _PER_LANGUAGE)][:_PER_LANGUAGE]


def first_queries(examples: Examples) -> dict[Language, str]:
    """What is asked when the page opens, by language of the page; any query is better than none."""
    every = [query for queries in examples.queries.values() for query in queries]
    return {language: (examples.queries[language] or every)[0] for language in LANGUAGES}
