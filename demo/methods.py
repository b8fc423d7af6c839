"""What the methods can do and what their cards say of them, for the browser.

A card is read with care: a number that it lacks, or that is none, becomes None, and the page then
says "not measured". Nothing is ever guessed or taken for 0.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from demo.examples import BUNDLED_GALLERY
from demo.galleries import Galleries
from demo.render import Json
from xmr_core.checkpoints import checkpoint_folder
from xmr_core.types import CheckpointCard

RECALLS = ("R@1", "R@5", "R@10", "MedR", "MeanR", "n")
_MOST_CLAIMS = 60  # numbers of a card's own claim that are shown


def method_facts(galleries: Galleries) -> list[Json]:
    """One record per method of any gallery, in the order of the galleries."""
    engines = {name: engine for some in galleries.values() for name, engine in some.items()}
    return [method_fact(name, engine.card, engine.reads_text) for name, engine in engines.items()]


def method_fact(name: str, card: CheckpointCard | None, reads_text: bool) -> Json:
    """A method as the browser knows it.

    Args:
        name: Id of the checkpoint.
        card: What is known of it; None for a checkpoint from elsewhere.
        reads_text: Whether it can be asked a sentence.
    """
    if card is None:
        return _fact(name, name, ("en",) if reads_text else (), reads_text)
    base = card.trunk or _backbone(card.id)
    return _fact(name, card.title, card.languages, reads_text) | {
        "method": card.method,
        "bits": card.bits,
        "width": card.width,
        "bytes": card.bytes_per_clip,
        "trunk": card.trunk,
        "drawn": card.trained.get("data") == BUNDLED_GALLERY,
        "model_bytes": weights_bytes(card.id),
        "base": base,
        "base_bytes": weights_bytes(base) if base else None,
        "recall": _recalls(card.metrics),
        "map": _mean_average_precision(card.metrics),
        "claims": _claims(card.metrics),
        "trained": {
            key: str(card.trained[key])
            for key in ("command", "minutes", "machine", "seed", "commit", "note")
            if key in card.trained
        },
    }


def weights_bytes(name: str) -> int | None:
    """Size of a checkpoint's weights file; None if it is not on this disk."""
    folder = checkpoint_folder(name)
    if folder is None:
        return None
    files = [path for path in folder.glob("*.safetensors") if path.is_file()]
    return sum(path.stat().st_size for path in files) if files else None


def _backbone(name: str) -> str:
    """The checkpoint whose network this one's weights stand on, as its configuration says."""
    folder = checkpoint_folder(name)
    try:
        config = json.loads((folder / "config.json").read_text("utf-8")) if folder else None
    except (OSError, ValueError):
        return ""
    return str(_table(config).get("backbone_from", ""))


def _fact(name: str, title: str, languages: tuple[str, ...], reads_text: bool) -> Json:
    return {
        "id": name,
        "title": title,
        "languages": [language for language in ("en", "zh") if language in languages],
        "text": reads_text,
        "method": "",
        "bits": 0,
        "width": None,
        "bytes": None,
        "trunk": "",
        "drawn": False,
        "model_bytes": None,
        "base": "",
        "base_bytes": None,
        "recall": {},
        "map": None,
        "claims": [],
        "trained": {},
    }


def _recalls(metrics: Mapping[str, Any]) -> Json:
    """Recall of the first caption of each clip, by language, with the protocol and command."""
    report = _table(metrics.get("retrieval"))
    more = report.get("more")
    found: Json = {}
    for result in (report, *(more if isinstance(more, list | tuple) else ())):
        protocol = _table(_table(result).get("protocol"))
        language = protocol.get("language")
        if protocol.get("captions") != "first" or language not in ("en", "zh"):
            continue
        found.setdefault(
            language,
            {
                "t2v": _numbers(result.get("t2v")),
                "v2t": _numbers(result.get("v2t")),
                "split": str(protocol.get("split", "")),
                "ties": str(protocol.get("ties", "")),
                "size": _real(protocol.get("t2v_gallery_size")),
                "command": str(report.get("command", "")),
            },
        )
    return found


def _numbers(record: Any) -> Json:
    return {name: _real(_table(record).get(name)) for name in RECALLS}


def _mean_average_precision(metrics: Mapping[str, Any]) -> Json | None:
    """The card's own mAP in percent with its protocol and command; None if there is none."""
    for entry in map(_table, metrics.values()):
        value = _real(entry.get("mAP"))
        if value is not None:
            protocol, command = entry.get("protocol", ""), entry.get("command", "")
            return {"value": value, "command": str(command), "protocol": str(protocol)}
    return None


def _claims(metrics: Mapping[str, Any]) -> list[Json]:
    """What a card says beside retrieval: every number under its name, with its command."""
    return [
        {
            "name": str(name),
            "command": str(entry.get("command", "")),
            "rows": [
                [path, value if isinstance(value, str) else _real(value)]
                for path, value in _leaves(entry)
                if path != "command"
            ][:_MOST_CLAIMS],
        }
        for name, entry in metrics.items()
        if name != "retrieval" and isinstance(entry, Mapping)
    ]


def _leaves(entry: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Numbers and texts of nested tables and lists with their dotted names."""
    if isinstance(entry, Mapping):
        items = [(str(key), value) for key, value in entry.items()]
    elif isinstance(entry, list | tuple):
        items = [(str(number), value) for number, value in enumerate(entry, start=1)]
    else:
        if isinstance(entry, str | int | float) and not isinstance(entry, bool):
            yield path, entry
        return
    for key, value in items:
        yield from _leaves(value, f"{path}.{key}" if path else key)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _real(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return round(float(value), 4)
