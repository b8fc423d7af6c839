"""Feature vectors in the binary layout of `VisualSearch`, read as they are needed.

feature.bin         float32, little-endian, one row after the other
id.txt              name of each row: "<video id>_<frame>" for frames of videos
shape.txt           number of rows and width
video2frames.txt    {"<video id>": ["<name of a row>", ...]} as a Python literal
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xmr_core.datasets.text_files import read_text, read_words
from xmr_core.errors import DataError

_LITERAL_BYTES = 1 << 26
"""Largest file that is given to `ast.literal_eval`, which needs many times its size."""


class BigFile:
    """Feature vectors in one binary file; rows are read from the disk when they are asked for.

    Args:
        folder: With `feature.bin` (float32, little-endian), `id.txt` and `shape.txt` ("N D").

    Attributes:
        features: All vectors, memory-mapped, shape (N, D).
        names: Name of each row: "<video id>_<frame>" for frames of videos.

    Raises:
        DataError: A file is missing, or they do not fit together.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = tuple(read_words(folder / "id.txt"))
        rows, width = self._shape()
        if len(self.names) != rows:
            raise DataError(f"{folder}/id.txt has {len(self.names):,} names for {rows:,} rows.")
        path = folder / "feature.bin"
        size = path.stat().st_size if path.is_file() else 0
        if size != rows * width * 4:
            raise DataError(
                f"{path} has {size:,} bytes; {rows:,} rows of {width:,} numbers need "
                f"{rows * width * 4:,}."
            )
        self.features: NDArray[np.float32] = np.memmap(path, "<f4", "r", shape=(rows, width))
        self._rows = {name: row for row, name in enumerate(self.names)}
        if len(self._rows) < rows:
            raise DataError(f"{folder}/id.txt has a name twice.")

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def __getitem__(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of some rows, shape (names, D).

        Raises:
            DataError: A name is not there.
        """
        missing = [name for name in names if name not in self._rows]
        if missing:
            raise DataError(f"{self.folder} has no row '{missing[0]}' ({len(missing)} missing).")
        return np.asarray(self.features[[self._rows[name] for name in names]])

    @cached_property
    def frames(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the frames of every video in order, by video id.

        From `video2frames.txt`, and where there is none, from the names.

        Raises:
            DataError: The file is not a dictionary of lists of names, or names unknown rows.
        """
        path = self.folder / "video2frames.txt"
        frames = _frame_lists(path) if path.is_file() else _frames_by_name(self.names)
        for video_id, names in frames.items():
            if not names or any(name not in self._rows for name in names):
                raise DataError(f"{path}: '{video_id}' has no frames or unknown ones.")
        return frames

    def video(self, video_id: str, max_frames: int | None = None) -> NDArray[np.float32]:
        """Frame vectors of a video in order, shape (frames, D).

        Args:
            video_id: Which.
            max_frames: Leaves out the frames behind the first so many (NRCCR and MLCMR: 64).

        Raises:
            DataError: The video is not there.
        """
        if video_id not in self.frames:
            raise DataError(f"{self.folder} has no video '{video_id}'.")
        return self[self.frames[video_id][:max_frames]]

    def _shape(self) -> tuple[int, int]:
        path = self.folder / "shape.txt"
        words = read_words(path, max_bytes=1000)
        if len(words) != 2 or not all(re.fullmatch(r"[1-9]\d{0,11}", word) for word in words):
            raise DataError(f"{path}: expected two numbers, rows and width, found {words[:3]}.")
        return int(words[0]), int(words[1])


def _frame_lists(path: Path) -> dict[str, tuple[str, ...]]:
    """The dictionary that the original evaluates as a program; here it is only read."""
    content = _literal(read_text(path), path)
    if not isinstance(content, dict) or not all(
        isinstance(video_id, str)
        and isinstance(names, list | tuple)
        and all(isinstance(name, str) for name in names)
        for video_id, names in content.items()
    ):
        raise DataError(f"{path} is not a dictionary of lists of names.")
    return {video_id: tuple(names) for video_id, names in content.items()}


def _literal(text: str, path: Path) -> object:
    if '"' not in text and "\\" not in text:  # then it is nearly JSON, which is read much faster
        with suppress(ValueError, RecursionError):
            return json.loads(text.replace("'", '"'))
    if len(text) > _LITERAL_BYTES:
        raise DataError(f"{path} has {len(text):,} characters and is not plain; that is too much.")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError) as error:
        raise DataError(f"{path} is not a dictionary of lists of names.") from error


def _frames_by_name(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Frames that are named "<video id>_<number>", in the order of their numbers."""
    frames: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        video_id, _, number = name.rpartition("_")
        if not video_id or not re.fullmatch(r"\d{1,12}", number):
            raise DataError(f"'{name[:60]}' is not named '<video id>_<number>'.")
        frames.setdefault(video_id, []).append((int(number), name))
    return {
        video_id: tuple(name for _, name in sorted(pairs)) for video_id, pairs in frames.items()
    }
