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

_SUFFIXES = VIDEO_SUFFIXES | IMAGE_SUFFIXES
_LONGEST_ID = 80


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What a folder holds, in a fixed order.

    Attributes:
        paths: Media files relative to the folder, with "/" between parts, sorted.
        bad: Files and folders that look like media and are not read, with reasons.
        versions: Size in bytes and time of the last change in nanoseconds, one for every path.
        closed: Folders that could not be listed, which says nothing about their files.
    """

    paths: tuple[str, ...]
    bad: tuple[BadFile, ...]
    versions: tuple[tuple[int, int], ...]
    closed: tuple[str, ...] = ()


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
    skipped = frozenset(os.fspath(path.resolve()) for path in skip)
    found: dict[str, tuple[int, int]] = {}
    bad: list[BadFile] = []
    closed: list[str] = []
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            pending += _look(root, below, skipped, found, bad)
        except OSError as error:
            reason = f"the folder cannot be read ({error.strerror})"
            bad.append(BadFile(_readable(below) or ".", reason))
            closed.append(below)
    paths = sorted(found)
    return FoundFiles(
        tuple(paths),
        tuple(sorted(bad, key=lambda file: file.path)),
        tuple(found[path] for path in paths),
        tuple(closed),
    )


def _look(
    root: Path,
    below: str,
    skipped: frozenset[str],
    found: dict[str, tuple[int, int]],
    bad: list[BadFile],
) -> list[str]:
    """Notes the media of one folder, `below` the root; returns the folders in it.

    Works with the strings that the system gives: a path object for each of ten thousand files
    would cost more than asking the system for them.
    """
    folders = []
    with os.scandir(os.path.join(root, below)) as entries:  # noqa: PTH118
        for entry in entries:
            name = entry.name
            path = f"{below}/{name}" if below else name
            try:
                if name.startswith("."):
                    continue
                if entry.is_symlink():
                    if _is_media(name) or entry.is_dir():
                        _note_link(Path(entry.path), path, root, bad)
                elif entry.is_dir():
                    if entry.path not in skipped and not is_gallery(Path(entry.path)):
                        folders.append(path)
                elif not _is_media(name) or not entry.is_file():
                    continue
                elif not path.isascii() and not _is_utf8(path):
                    bad.append(BadFile(_readable(path), "its name is not valid UTF-8; rename it"))
                else:
                    status = entry.stat(follow_symlinks=False)
                    found[path] = (status.st_size, status.st_mtime_ns)
            except OSError:  # it has gone since the folder was listed
                continue
    return folders


def clip_ids(paths: Iterable[str]) -> dict[str, str]:
    """A safe and unique id for every relative path.

    The id is the path without its suffix, "/" as "_" and other characters as "-". Where that loses
    letters, is too long, or would name two files, a hash of the whole path is added.
    """
    plain = {path: _slug(path) for path in paths}
    # Ids name poster files, and some file systems do not tell "A" from "a".
    uses = Counter(slug.lower() for slug, _ in plain.values())
    return {
        path: slug if exact and uses[slug.lower()] == 1 else f"{slug}-{path_hash(path)}"
        for path, (slug, exact) in plain.items()
    }


def _slug(path: str) -> tuple[str, bool]:
    """A path as an id, and whether it kept every letter and digit."""
    stem = path[: -len(Path(path).suffix)]
    slug = re.sub(r"[^A-Za-z0-9_.]+", "-", stem.replace("/", "_")).strip("-.")
    kept = not re.search(r"[^\W_]", re.sub(r"[A-Za-z0-9]", "", stem))
    return slug[:_LONGEST_ID].rstrip("-.") or "clip", kept and 0 < len(slug) <= _LONGEST_ID


def path_hash(path: str) -> str:
    """Eight hexadecimal digits that tell paths apart."""
    return hashlib.sha256(path.encode()).hexdigest()[:8]


def _is_media(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _SUFFIXES  # noqa: PTH122


def _note_link(link: Path, path: str, root: Path, bad: list[BadFile]) -> None:
    """Lists a link that leads out of the folder; others are found under their own name."""
    if not link.resolve().is_relative_to(root):
        bad.append(BadFile(_readable(path), "it is a link that leads out of the folder"))


def _is_utf8(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _readable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()
