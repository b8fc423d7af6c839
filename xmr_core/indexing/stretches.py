"""Into which clips each new file goes: whole, or cut into windows or shots."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import VideoUnavailableError
from xmr_core.indexing.folder import IMAGE_SUFFIXES
from xmr_core.indexing.videos import VideoReader
from xmr_core.media.cuts import Cutting, Stretch

_SCANNED_AT_ONCE_S = 20.0
"""Shots are looked for in pieces, so that each stays far below a reader's time limit."""

WHOLE: tuple[Stretch, ...] = ()
"""Stands for a file that is one clip."""


class FolderReader(VideoReader, Protocol):
    """What indexing a folder needs of `media.worker.MediaReader`."""

    def length(self, path: Path) -> tuple[float, bool]:
        """Length in seconds, 0 for a picture, and whether it can be read in pieces."""
        ...

    def changes(
        self, path: Path, start_s: float, end_s: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Times of the pictures in a stretch and how much each differs from the one before."""
        ...


@dataclass(frozen=True, slots=True)
class Cutter:
    """Decides about one file after the other and remembers it in a job's folder.

    Attributes:
        cutting: How long videos become several clips.
        reader: What looks into the files.
        notes: A file beside the job's journal; a decision costs a look at the whole video.
    """

    cutting: Cutting
    reader: FolderReader
    notes: Path

    def remembered(self) -> dict[str, tuple[Stretch, ...]]:
        """What earlier runs of this job decided, by fingerprint."""
        found = {}
        for digest, stretches in self._lines():
            found[digest] = tuple((start_s, end_s) for start_s, end_s in stretches)
        return found

    def stretches(self, path: Path, digest: str) -> tuple[Stretch, ...]:
        """The clips of a file; `WHOLE` for one that stays whole.

        Raises:
            VideoUnavailableError: It cannot be read.
        """
        cutting = self.cutting
        if cutting.kind == "none" or path.suffix.lower() in IMAGE_SUFFIXES:
            return WHOLE
        length_s, has_starts = self.reader.length(path)
        if length_s <= cutting.longer_than_s:
            return WHOLE
        found: tuple[Stretch, ...]
        if cutting.kind == "shots" and has_starts:
            found = cutting.shots(length_s, *self._changes(path, length_s))
        else:
            found = cutting.windows(0.0, length_s)
        with self.notes.open("a", encoding="utf-8") as file:
            file.write(json.dumps([digest, found]) + "\n")
        return found

    def _changes(
        self, path: Path, length_s: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Of a whole video; a damaged piece counts as one without changes."""
        times_s, changes = [np.zeros(0)], [np.zeros(0, np.float32)]
        for start_s in np.arange(0, length_s, _SCANNED_AT_ONCE_S).tolist():
            try:
                piece = self.reader.changes(path, start_s, start_s + _SCANNED_AT_ONCE_S)
            except VideoUnavailableError:
                continue
            times_s.append(piece[0])
            changes.append(piece[1])
        return np.concatenate(times_s), np.concatenate(changes)

    def _lines(self) -> Iterator[Any]:
        try:
            text = self.notes.read_text(encoding="utf-8")
        except OSError:
            return
        for line in text.split("\n")[:-1]:  # one that a kill cut off has no end
            try:
                yield json.loads(line)
            except ValueError:
                continue
