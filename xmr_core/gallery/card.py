"""What is known about a gallery, in its `card.json`."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, get_args

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class BadFile:
    """A file that could not be indexed, relative to the media root, and why."""

    path: str
    reason: str


Seen = Literal["videos", "frames", "features"]


@dataclass(frozen=True, slots=True)
class DataOrigin:
    """The published data set that a gallery shows.

    Attributes:
        name: Key in `datasets.catalogue.DATASETS`.
        protocol: Whose lists it follows, such as "1k-A"; "" where there is only one.
        split: The part that was asked for, such as "test"; "all" for everything.
        wanted: Number of items in this part.
        missing: Ids of those whose videos or features were not there.
        seen: What the embeddings come from: video files, a store of frames, or features that
            were given. Then the checkpoint is what the user stated: arrays do not tell.
        agreement: Mean cosine between video vectors that were given beside the frame features
            and those that the checkpoint makes of them; None where there were none.
    """

    name: str
    protocol: str
    split: str
    wanted: int
    missing: tuple[str, ...]
    seen: Seen
    agreement: float | None = None

    def __post_init__(self) -> None:
        """Checks the kinds of the values: cards come from strangers, too.

        Raises:
            ValueError: One is of another kind.
        """
        texts = (self.name, self.protocol, self.split, *self.missing)
        if (
            not all(isinstance(text, str) for text in texts)
            or type(self.wanted) is not int
            or self.seen not in get_args(Seen)
            or not isinstance(self.agreement, float | int | None)
        ):
            raise ValueError("what it says of its data set is of another kind")

    def __str__(self) -> str:
        return " ".join(part for part in (self.name, self.protocol, self.split) if part)


@dataclass(frozen=True, slots=True)
class GalleryCard:
    """What is known about a gallery.

    Attributes:
        name: For people.
        checkpoint_id: Id of the checkpoint that made the embeddings.
        checkpoint_sha256: Of its weights; "" where they are not one file.
        width: Dimension of the part "global", or of the codes in bytes where there is none.
        num_frames: Frames sampled from a clip.
        num_items: Number of clips.
        media_root: Folder that the clips' paths start from; relative to the gallery's own folder
            unless absolute.
        bad_files: Files that were skipped, with reasons.
        changes: Of a gallery of a folder: files added, changed, moved, removed and unchanged when
            it was last indexed, and clips that repeat another one ("duplicates").
        note: What else should be known about how it was made.
        created: When, ISO 8601, UTC.
        checksums: sha256 of the files beside the card, by name.
        format_version: Of this layout.
        data: The published data set that the gallery shows; None for others.
    """

    name: str
    checkpoint_id: str
    checkpoint_sha256: str
    width: int
    num_frames: int
    num_items: int
    media_root: str
    bad_files: tuple[BadFile, ...] = ()
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    checksums: dict[str, str] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    note: str = ""
    format_version: int = FORMAT_VERSION
    data: DataOrigin | None = None


def card_from_json(text: str) -> GalleryCard:
    """The card in a file. Raises ValueError, KeyError or TypeError if it is not one of ours."""
    values = json.loads(text)
    version = values["format_version"]
    if version != FORMAT_VERSION:
        raise ValueError(f"its format is {version}, this program reads {FORMAT_VERSION}")
    bad_files = tuple(BadFile(**bad) for bad in values["bad_files"])
    data = values.get("data")
    if data is not None:
        data = DataOrigin(**{**data, "missing": tuple(data["missing"])})
    return GalleryCard(**{**values, "bad_files": bad_files, "data": data})
