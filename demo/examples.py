"""The bundled example queries: `assets/examples.json`."""

import json
from dataclasses import dataclass
from pathlib import Path

from demo.wording import LANGUAGES, Language

_FILE = Path(__file__).resolve().parent.parent / "assets" / "examples.json"


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
