"""What a gallery of a folder knows about the files that it was made from: its `files.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xmr_core.errors import GalleryError
from xmr_core.files import checksum
from xmr_core.gallery import Gallery, is_gallery

FILES = "files.json"
UNSURE_NS = -1
"""Stands for the time of a file that must be compared by content the next time."""

Gap = tuple[float, float, str]
Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Known:
    """The files behind a gallery.

    Attributes:
        gallery: The gallery; None where there is nothing to go on from.
        why_not: A clause that says why a gallery that is there cannot be gone on from, or "".
        root: Folder that the paths start from.
        files: Size in bytes, time of the last change in nanoseconds (or `UNSURE_NS`) and
            fingerprint, by path.
        reasons: Why a content cannot be read, by fingerprint.
        gaps: Stretches of a long video that cannot be read, by fingerprint.
        text: The file itself.
    """

    gallery: Gallery | None = None
    why_not: str = ""
    root: str = ""
    files: Mapping[str, tuple[int, int, str]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    gaps: Mapping[str, tuple[Gap, ...]] = field(default_factory=dict)
    text: str = ""

    def rows(self) -> dict[str, list[int]]:
        """Rows of the gallery by fingerprint, those of the first file with this content."""
        if self.gallery is None:
            return {}
        by_path: dict[str, list[int]] = {}
        for row, clip in enumerate(self.gallery.clips):
            by_path.setdefault(clip.video, []).append(row)
        found: dict[str, list[int]] = {}
        for path, (_, _, digest) in self.files.items():
            if path in by_path:
                found.setdefault(digest, by_path[path])
        return found


def read_known(out: Path, identity: Mapping[str, Any]) -> Known:
    """What the gallery at `out` knows, if it was made with the same checkpoint and settings."""
    if not is_gallery(out):
        return Known()
    try:
        gallery = Gallery.load(out, verify=False)
        if FILES not in gallery.card.checksums:
            return Known(why_not="the gallery that was there does not know its files")
        if checksum(out / FILES) != gallery.card.checksums[FILES]:
            return Known(why_not=f"the {FILES} of the gallery that was there is damaged")
        text = (out / FILES).read_text(encoding="utf-8")
        values = json.loads(text)
        if values["identity"] != dict(identity):
            return Known(why_not=_difference(values["identity"], identity))
        columns = (values[name] for name in ("paths", "sizes", "times_ns", "digests"))
        rows = zip(*columns, strict=True)
        return Known(
            gallery,
            "",
            values["root"],
            {path: (size, time_ns, digest) for path, size, time_ns, digest in rows},
            values["reasons"],
            {
                digest: tuple((s, e, r) for s, e, r in gaps)
                for digest, gaps in values["gaps"].items()
            },
            text,
        )
    except (GalleryError, OSError, ValueError, KeyError, TypeError):
        return Known(why_not="the gallery that was there is damaged")


def known_text(
    identity: Mapping[str, Any],
    root: str,
    files: Mapping[str, tuple[int, int, str]],
    reasons: Mapping[str, str],
    gaps: Mapping[str, tuple[Gap, ...]],
) -> str:
    """The text of a `files.json`; arguments as of `Known`."""
    values = {
        "identity": dict(identity),
        "root": root,
        "paths": list(files),
        "sizes": [size for size, _, _ in files.values()],
        "times_ns": [time_ns for _, time_ns, _ in files.values()],
        "digests": [digest for _, _, digest in files.values()],
        "reasons": dict(reasons),
        "gaps": dict(gaps),
    }
    return json.dumps(values, ensure_ascii=False)


def _difference(made: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    if (made.get("checkpoint"), made.get("sha256")) != (wanted["checkpoint"], wanted["sha256"]):
        return f"the gallery that was there was made by the checkpoint '{made.get('checkpoint')}'"
    return "the gallery that was there was made with other settings"
