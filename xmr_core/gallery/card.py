"""What is known about a gallery, in its `card.json`."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class BadFile:
    """A file that could not be indexed, relative to the media root, and why."""

    path: str
    reason: str


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


def card_from_json(text: str) -> GalleryCard:
    """The card in a file. Raises ValueError, KeyError or TypeError if it is not one of ours."""
    values = json.loads(text)
    version = values["format_version"]
    if version != FORMAT_VERSION:
        raise ValueError(f"its format is {version}, this program reads {FORMAT_VERSION}")
    bad_files = tuple(BadFile(**bad) for bad in values["bad_files"])
    return GalleryCard(**{**values, "bad_files": bad_files})
