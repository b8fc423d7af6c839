"""A folder of a user's own videos and images: which files count, and what they are called."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xmr_core.errors import XmrError
from xmr_core.gallery import BadFile, is_gallery

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".gif"}
)
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})

_LONGEST_ID = 80


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What a folder holds, in a fixed order.

    Attributes:
        paths: Media files relative to the folder, with "/" between parts, sorted.
        bad: Files that look like media and are not read, with reasons.
    """

    paths: tuple[str, ...]
    bad: tuple[BadFile, ...]


def find_media(folder: Path, skip: Sequence[Path] = ()) -> FoundFiles:
    """Lists the videos and images below a folder.

    Hidden files, galleries and what is in `skip` are passed over. Links to files inside are passed
    over too, because these have a name of their own; links that lead out are never followed.

    Raises:
        XmrError: The folder is not there.
    """
    if not folder.is_dir():
        raise XmrError(f"There is no folder {folder}.")
    root = folder.resolve()
    skipped = {path.resolve() for path in skip}
    paths, bad = [], []
    for place, folders, files in os.walk(root):
        here = Path(place)
        for name in sorted(folders):
            path = here / name
            if path.is_symlink():
                _note_link(path, root, bad)
                folders.remove(name)
            elif name.startswith(".") or path in skipped or is_gallery(path):
                folders.remove(name)
        for name in files:
            path = here / name
            if name.startswith(".") or path.suffix.lower() not in VIDEO_SUFFIXES | IMAGE_SUFFIXES:
                continue
            if path.is_symlink():
                _note_link(path, root, bad)
            elif not _is_utf8(path):
                bad.append(BadFile(_readable(path, root), "its name is not valid UTF-8; rename it"))
            else:
                paths.append(path.relative_to(root).as_posix())
    return FoundFiles(tuple(sorted(paths)), tuple(sorted(bad, key=lambda file: file.path)))


def clip_ids(paths: Iterable[str]) -> dict[str, str]:
    """A safe and unique id for every relative path.

    The id is the path without its suffix, "/" as "_" and other characters as "-". Where that loses
    letters, is too long, or would name two files, a hash of the whole path is added.
    """
    plain = {path: _slug(path) for path in paths}
    # Ids name poster files, and some file systems do not tell "A" from "a".
    uses = Counter(slug.lower() for slug, _ in plain.values())
    return {
        path: slug if exact and uses[slug.lower()] == 1 else f"{slug}-{_hash(path)}"
        for path, (slug, exact) in plain.items()
    }


def _slug(path: str) -> tuple[str, bool]:
    """A path as an id, and whether it kept every letter and digit."""
    stem = path[: -len(Path(path).suffix)]
    slug = re.sub(r"[^A-Za-z0-9_.]+", "-", stem.replace("/", "_")).strip("-.")
    kept = not re.search(r"[^\W_]", re.sub(r"[A-Za-z0-9]", "", stem))
    return slug[:_LONGEST_ID].rstrip("-.") or "clip", kept and 0 < len(slug) <= _LONGEST_ID


def _hash(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:8]


def _note_link(path: Path, root: Path, bad: list[BadFile]) -> None:
    """Lists a link that leads out of the folder; others are found under their own name."""
    if not path.resolve().is_relative_to(root):
        bad.append(BadFile(_readable(path, root), "it is a link that leads out of the folder"))


def _is_utf8(path: Path) -> bool:
    try:
        os.fspath(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _readable(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode()
