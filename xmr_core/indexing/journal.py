"""What a long indexing job has finished, on disk, so that it can be killed at any moment.

A journal is a folder beside the gallery to be. Finished items arrive in shards: one safetensors
file each, with the items' keys and the bad files in its header, written under another name and
renamed. So a shard is there whole or not at all, and an item counts as done exactly when its shard
is there.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from xmr_core.gallery.files import map_parts, write_synced, write_tensors

_IDENTITY = "journal.json"

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Finished:
    """An item that is done.

    Attributes:
        key: Which one; see `Journal`.
        duration_s: Length of the source, known only after reading it.
    """

    key: str
    duration_s: float


class Journal:
    """Finished items of one job.

    Args:
        folder: Where the shards are; made if it is missing.
        identity: What all items have in common (checkpoint, settings). A journal with another
            identity is of another job and is thrown away.

    Attributes:
        durations_s: Length of the source of every finished item, by its key.
        reasons: Why an item cannot be had, by its key.
        posters: Folder for pictures, named by key.
        stills: Folder for small frames, named by key and number.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        self.folder = folder
        self.posters = folder / "posters"
        self.stills = folder / "stills"
        self.durations_s: dict[str, float] = {}
        self.reasons: dict[str, str] = {}
        self._places: dict[str, tuple[Path, int]] = {}
        text = json.dumps(dict(identity), sort_keys=True)
        if _read(folder / _IDENTITY) != text:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            write_synced(folder / f"{_IDENTITY}.new", text.encode())
            (folder / f"{_IDENTITY}.new").replace(folder / _IDENTITY)
        self.posters.mkdir(exist_ok=True)
        self.stills.mkdir(exist_ok=True)
        self._shards = sorted(folder.glob("*.safetensors"))
        for shard in self._shards:
            self._note(shard)

    def append(self, items: Sequence[Finished], parts: Arrays, reasons: Mapping[str, str]) -> None:
        """Adds a shard.

        Args:
            items: Finished items.
            parts: Their arrays, axis 0 = items.
            reasons: Items that cannot be had, with reasons.
        """
        if not items and not reasons:
            return
        number = int(self._shards[-1].stem) + 1 if self._shards else 0
        shard = self.folder / f"{number:08d}.safetensors"
        draft = shard.with_suffix(".draft")
        metadata = {
            "items": json.dumps([[item.key, item.duration_s] for item in items]),
            "reasons": json.dumps(dict(reasons)),
        }
        write_tensors(draft, parts if items else {}, metadata)
        draft.replace(shard)
        self._shards.append(shard)
        self._note(shard)

    def collect(self, keys: Sequence[str]) -> Arrays:
        """The arrays of finished items, in the order of `keys`, each part as one array."""
        rows_of: dict[Path, list[tuple[int, int]]] = {}
        for row, key in enumerate(keys):
            shard, place = self._places[key]
            rows_of.setdefault(shard, []).append((row, place))
        result: Arrays = {}
        for shard, rows in rows_of.items():
            to, source = (list(column) for column in zip(*rows, strict=True))
            for name, part in map_parts(shard).items():
                if name not in result:
                    result[name] = np.empty((len(keys), *part.shape[1:]), dtype=part.dtype)
                result[name][to] = part[source]
        return result

    def remove(self) -> None:
        """Deletes the journal: the job is done."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _note(self, shard: Path) -> None:
        with safe_open(shard, framework="numpy") as file:
            metadata = file.metadata()
        for place, (key, duration_s) in enumerate(json.loads(metadata["items"])):
            self._places[key] = shard, place
            self.durations_s[key] = duration_s
        self.reasons |= json.loads(metadata["reasons"])


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
