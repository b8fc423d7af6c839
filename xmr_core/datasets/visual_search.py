"""The `VisualSearch` layout of Dual Encoding, NRCCR and MLCMR.

    <root>/<collection>/FeatureData/<feature>/  feature.bin, id.txt, shape.txt, video2frames.txt
    <root>/<collection>/FeatureData/*id*.txt    lists of ids (image collections)
    <root>/<collection>/TextData/<name>.caption.txt

A line of a caption file is `<video id>#<tag>#<number> <sentence>`. The tag says the language and
how the sentence came to be: `enc` and `zh` were written by people, `enc2zh` is English translated
to Chinese by a machine, `enc2zh2enc` its translation back. Files of one collection list the videos
in different orders, so sentences are joined by id and number, never by line.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xmr_core.datasets.text_files import numbered_lines, read_text, read_words
from xmr_core.errors import DataError
from xmr_core.types import Caption

_LANGUAGES = {"enc": "en", "zhc": "zh", "zhm": "zh"}
_TAGGED = re.compile(r"(?P<id>[^#\s]+)#(?P<tag>[^#\s]+)#(?P<number>\d{1,9})")
_LITERAL_BYTES = 1 << 26
"""Largest file that is given to `ast.literal_eval`, which needs many times its size."""


@dataclass(frozen=True, slots=True)
class TaggedCaption:
    """One line of a caption file.

    Attributes:
        video_id: Of the video or picture.
        tag: Language and way of making; see the module.
        number: Which of the video's sentences.
        text: The sentence.
    """

    video_id: str
    tag: str
    number: int
    text: str

    @property
    def language(self) -> str:
        """What the sentence is written in, as an ISO 639-1 code."""
        last = self.tag.rpartition("2")[2]
        return _LANGUAGES.get(last, last)

    @property
    def is_translated(self) -> bool:
        """Whether a machine made it."""
        return "2" in self.tag


def read_captions(path: Path) -> tuple[TaggedCaption, ...]:
    """The sentences of a caption file in its order.

    Raises:
        DataError: The file cannot be read, or a line is not of the form of the module; the message
            names the line.
    """
    captions: dict[tuple[str, str, int], TaggedCaption] = {}
    for line_number, line in numbered_lines(read_text(path)):
        name, _, sentence = line.strip().replace("\t", " ").partition(" ")
        found = _TAGGED.fullmatch(name)
        sentence = sentence.strip()
        if found is None or not sentence:
            raise DataError(
                f"{path}, line {line_number}: expected '<id>#<language>#<number> <sentence>', "
                f"found '{line[:60]}'."
            )
        key = (found["id"], found["tag"], int(found["number"]))
        if captions.setdefault(key, TaggedCaption(*key, sentence)).text != sentence:
            raise DataError(f"{path}, line {line_number}: '{name}' is there twice.")
    if not captions:
        raise DataError(f"{path} holds no captions.")
    return tuple(captions.values())


def captions_by_id(captions: Iterable[TaggedCaption]) -> dict[str, tuple[Caption, ...]]:
    """Sentences of every video, in the order of their numbers."""
    grouped: dict[str, list[TaggedCaption]] = {}
    for caption in captions:
        grouped.setdefault(caption.video_id, []).append(caption)
    return {
        video_id: tuple(
            Caption(caption.text, caption.language)
            for caption in sorted(own, key=lambda caption: caption.number)
        )
        for video_id, own in grouped.items()
    }


def human_captions(paths: Iterable[Path]) -> dict[str, tuple[Caption, ...]]:
    """Sentences of several files by video id, without those that a machine translated.

    Raises:
        DataError: A file cannot be read.
    """
    grouped: dict[str, tuple[Caption, ...]] = {}
    for path in paths:
        human = (caption for caption in read_captions(path) if not caption.is_translated)
        for video_id, own in captions_by_id(human).items():
            grouped[video_id] = grouped.get(video_id, ()) + own
    return grouped


def partners(
    captions: Sequence[TaggedCaption], others: Iterable[TaggedCaption]
) -> tuple[TaggedCaption | None, ...]:
    """The sentence of the same video with the same number from another file, or None.

    Args:
        captions: For which a partner is looked for.
        others: For example their machine translations.
    """
    by_place = {(other.video_id, other.number): other for other in others}
    return tuple(by_place.get((caption.video_id, caption.number)) for caption in captions)


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


class VisualSearch:
    """One collection.

    Args:
        root: The folder `VisualSearch`.
        collection: Name of its folder, such as "vatex".

    Raises:
        DataError: There is no such folder.
    """

    def __init__(self, root: Path, collection: str) -> None:
        self.name = collection
        self.folder = root / collection
        if not self.folder.is_dir():
            raise DataError(f"There is no collection {collection} in {root}.")

    def feature_names(self) -> tuple[str, ...]:
        """Kinds of features that are there."""
        folders = sorted((self.folder / "FeatureData").glob("*/shape.txt"))
        return tuple(path.parent.name for path in folders)

    def features(self, name: str) -> BigFile:
        """Features of one kind, such as "i3d_kinetics".

        Raises:
            DataError: They are missing or damaged.
        """
        folder = self.folder / "FeatureData" / name
        if not folder.is_dir():
            there = ", ".join(self.feature_names()) or "none"
            raise DataError(f"{self.name} has no features '{name}'. There are: {there}.")
        return BigFile(folder)

    def ids(self, name: str) -> tuple[str, ...]:
        """An id list, such as "train_id" or "test_id_2016".

        Raises:
            DataError: It cannot be read.
        """
        return tuple(read_words(self.folder / "FeatureData" / f"{name}.txt"))

    def caption_names(self) -> tuple[str, ...]:
        """Caption files that are there, without the collection's name and the ending."""
        files = sorted((self.folder / "TextData").glob(f"{self.name}*.caption.txt"))
        return tuple(path.name[len(self.name) : -len(".caption.txt")] for path in files)

    def captions(self, part: str) -> tuple[TaggedCaption, ...]:
        """A caption file, such as "test_google_enc2zh".

        Raises:
            DataError: It is missing or damaged.
        """
        return read_captions(self.folder / "TextData" / f"{self.name}{part}.caption.txt")


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
