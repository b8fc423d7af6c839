"""What all annotated data sets have in common: items with captions, joined by id.

Every reader of this package returns a tuple of `AnnotatedItem`. Media are looked up afterwards, by
name, because they are often incomplete: videos disappear from the web.
"""

import os
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import DataError
from xmr_core.types import Caption, Clip

Key = TypeVar("Key", bound=Hashable)

MEDIA_SUFFIXES = (".mp4", ".webm", ".mkv", ".avi", ".mov", ".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True)
class AnnotatedItem:
    """One video or picture of a data set, as its annotation describes it.

    Attributes:
        id: The data set's own; unique in it.
        captions: By human authors, in the order of the annotation.
        split: "train", "val", "test" or the data set's own word; "" where it has none.
        file: Path of the media file as the annotation names it, with "/" between parts; "" where
            it names none.
        url: Where the source was published.
        start_s: Where the clip begins in the source.
        end_s: Where it ends in the source.
        category: What it is about, or the action that it shows.
        identity: Number of what it shows (a person, an action), for losses and metrics that count
            all items of an identity as matching.
    """

    id: str
    captions: tuple[Caption, ...] = ()
    split: str = ""
    file: str = ""
    url: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    category: str | None = None
    identity: int | None = None

    def texts(self, language: str) -> tuple[str, ...]:
        """The captions in a language."""
        return tuple(c.text for c in self.captions if c.language == language)


Items = tuple[AnnotatedItem, ...]


def in_split(items: Iterable[AnnotatedItem], *splits: str) -> Items:
    """The items of some splits.

    Raises:
        DataError: There are none; the message names the splits that there are.
    """
    items = tuple(items)
    chosen = tuple(item for item in items if item.split in splits)
    if not chosen:
        there = ", ".join(sorted({item.split or "(none)" for item in items}))
        raise DataError(f"No item is in the split {' or '.join(splits)}. There are: {there}.")
    return chosen


def unique(items: Iterable[AnnotatedItem], source: str) -> Items:
    """The items themselves.

    Raises:
        DataError: Two have the same id.
    """
    by_id: dict[str, AnnotatedItem] = {}
    for item in items:
        if by_id.setdefault(item.id, item) is not item:
            raise DataError(f"{source} names '{item.id}' twice.")
    return tuple(by_id.values())


def with_captions(
    items: Iterable[AnnotatedItem], captions: Mapping[str, Sequence[Caption]]
) -> Items:
    """The items with further captions behind their own, joined by id."""
    return tuple(
        replace(item, captions=(*item.captions, *captions.get(item.id, ()))) for item in items
    )


def class_numbers(identities: Iterable[Key]) -> dict[Key, int]:
    """A number from 0 on for every identity, in rising order of the identities.

    A classifier over raw ids wastes a column for every id that does not occur (CUHK-PEDES counts
    from 1, Flickr30k leaves gaps).
    """
    return {identity: n for n, identity in enumerate(sorted(set(identities)))}  # type: ignore[type-var]


def class_labels(items: Sequence[AnnotatedItem]) -> NDArray[np.int64]:
    """Number of each item's identity from 0 on, shape (items,).

    Raises:
        DataError: An item has no identity.
    """
    for item in items:
        if item.identity is None:
            raise DataError(f"'{item.id}' has no identity, so it has no class label.")
    numbers = class_numbers(item.identity for item in items if item.identity is not None)
    return np.array([numbers[item.identity] for item in items if item.identity is not None])


@dataclass(frozen=True, slots=True)
class Availability:
    """Which media of a data set are on this machine.

    Attributes:
        clips: Items whose file is there, as clips of a gallery; `Clip.video` is relative to the
            media root.
        missing: Ids of the others.
    """

    clips: tuple[Clip, ...]
    missing: tuple[str, ...]

    def __str__(self) -> str:
        count = len(self.clips) + len(self.missing)
        return f"{len(self.clips):,} of {count:,} media files are there"


def find_clips(
    items: Iterable[AnnotatedItem], root: Path, gone: Set[str] = frozenset()
) -> Availability:
    """Looks for the media file of every item below a folder, by name.

    An item that names a file gets the one in just that place below any folder, else it gets the
    file that is called like its id.

    Args:
        items: What to look for.
        root: Searched with its subfolders; links are not followed.
        gone: Ids of items whose source is known to have disappeared.

    Raises:
        DataError: The folder is not there.
    """
    if not root.is_dir():
        raise DataError(f"There is no folder {root}.")
    by_stem: dict[str, list[str]] = {}
    for place, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = Path(place, name)
            if path.suffix.lower() in MEDIA_SUFFIXES and not path.is_symlink():
                by_stem.setdefault(path.stem, []).append(path.relative_to(root).as_posix())
    clips, missing = [], []
    for item in items:
        path = _file_of(item, by_stem)
        if path is None:
            missing.append(item.id)
        else:
            clips.append(clip_of(item, path, is_gone=item.id in gone))
    return Availability(tuple(clips), tuple(missing))


def clip_of(item: AnnotatedItem, path: str, *, is_gone: bool = False) -> Clip:
    """An item as a clip of a gallery.

    Stored clips begin where the annotated stretch begins, so their own time starts at 0.

    Args:
        item: What the annotation says.
        path: Of the media file, relative to the media root; it need not be there.
        is_gone: Whether the source is known to have disappeared.
    """
    return Clip(
        id=safe_id(item.id),
        video=path,
        start_s=0.0,
        end_s=max(0.0, (item.end_s or 0.0) - (item.start_s or 0.0)),
        captions=item.captions,
        # Only data sets of actions number what they show *and* have a word for it.
        action=item.category if item.identity is not None else None,
        url=item.url,
        source_start_s=item.start_s,
        gone=is_gone,
        category=item.category,
    )


def safe_id(text: str) -> str:
    """An id of a data set as an id of a clip: letters, digits and `_-.` only.

    "/" becomes "_"; other characters become their code point between two "-".
    """
    return re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"-{ord(found[0]):x}-", text.replace("/", "_"))


def _file_of(item: AnnotatedItem, by_stem: Mapping[str, list[str]]) -> str | None:
    if not item.file:
        return next(iter(by_stem.get(item.id, ())), None)
    wanted = PurePosixPath(item.file)
    parts = wanted.parts
    for path in by_stem.get(wanted.stem, ()):
        if PurePosixPath(path).parts[-len(parts) :] == parts:
            return path
    return None
