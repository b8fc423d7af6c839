"""The `VisualSearch` layout of Dual Encoding, NRCCR and MLCMR.

    <root>/<collection>/FeatureData/<feature>/  feature.bin, id.txt, shape.txt, video2frames.txt
    <root>/<collection>/FeatureData/*id*.txt    lists of ids (image collections)
    <root>/<collection>/TextData/<name>.caption.txt

A line of a caption file is `<video id>#<tag>#<number> <sentence>`. The tag says the language and
how the sentence came to be: `enc` and `zh` were written by people, `enc2zh` is English translated
to Chinese by a machine, `enc2zh2enc` its translation back. Files of one collection list the videos
in different orders, so sentences are joined by id and number, never by line.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xmr_core.datasets.bigfile import BigFile
from xmr_core.datasets.text_files import numbered_lines, read_text, read_words
from xmr_core.errors import DataError
from xmr_core.types import Caption

_LANGUAGES = {"enc": "en", "zhc": "zh", "zhm": "zh"}
_TAGGED = re.compile(r"(?P<id>[^#\s]+)#(?P<tag>[^#\s]+)#(?P<number>\d{1,9})")


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
