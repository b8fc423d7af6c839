"""Annotation files as text: bounded, UTF-8, and with errors that name the line.

Published annotations come from strangers: nothing in them is executed, and a file larger than any
real one is refused before it is read.
"""

import gzip
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from xmr_core.errors import DataError

MAX_BYTES = 1 << 28
"""Larger than every annotation file that is read here (COCO's has 144 MB)."""


_DEEPEST_FOLDER = 4


def find_file(root: Path, *names: str) -> Path | None:
    """The first of some files that is there, in `root` or a few folders below it.

    Copies of one annotation lie in different folders from mirror to mirror. Of equal names the
    least deep wins, then the first in alphabetical order; links are not followed.
    """
    found: dict[str, Path] = {}
    folders = [root]
    for _ in range(_DEEPEST_FOLDER):
        deeper: list[Path] = []
        for folder in folders:
            with suppress(OSError), os.scandir(folder) as entries:  # one that may not be read
                for entry in sorted(entries, key=lambda entry: entry.name):
                    if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                        deeper.append(Path(entry.path))
                    elif entry.name in names and entry.is_file(follow_symlinks=False):
                        found.setdefault(entry.name, Path(entry.path))
        folders = deeper
    return next((found[name] for name in names if name in found), None)


def need_file(root: Path, *names: str, hint: str = "") -> Path:
    """The first of some files that is there; see `find_file`.

    Raises:
        DataError: None is; the message names them and gives the hint.
    """
    if not root.is_dir():
        raise DataError(f"There is no folder {root}.")
    path = find_file(root, *names)
    if path is None:
        raise DataError(f"{root} holds no {' or '.join(names)}. {hint}".strip())
    return path


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """A UTF-8 file, with or without a byte order mark; ".gz" is unpacked.

    Raises:
        DataError: It is missing, too large, or not UTF-8; the message names the line.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise DataError(f"{path} is not a file.")
        if size > max_bytes:
            raise DataError(f"{path} has {size:,} bytes; the limit is {max_bytes:,}.")
        if path.suffix == ".gz":
            with gzip.open(path) as packed:
                content = packed.read(max_bytes + 1)
        else:
            content = path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {_reason(error)}.") from error
    if len(content) > max_bytes:
        raise DataError(f"{path} unpacks to more than {max_bytes:,} bytes.")
    return decoded(content, str(path))


def decoded(content: bytes, name: str) -> str:
    """Bytes as UTF-8 text.

    Raises:
        DataError: They are none; the message names the line.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"{name}, line {line}: this is not UTF-8 text.") from error


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    r"""The lines that are not blank, with their numbers from 1.

    Only "\n" ends a line: `str.splitlines` would also cut captions at characters such as U+2028.
    """
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if line.strip():
            yield number, line


def read_words(path: Path, max_bytes: int = MAX_BYTES) -> list[str]:
    """The words of a file, between blanks or line ends: id lists come in both forms.

    Raises:
        DataError: The file cannot be read.
    """
    return read_text(path, max_bytes).split()


def read_json(path: Path, max_bytes: int = MAX_BYTES) -> Any:
    """The content of a JSON file.

    Raises:
        DataError: It cannot be read or is not JSON; the message names the line.
    """
    return parsed_json(read_text(path, max_bytes), str(path))


def parsed_json(text: str, name: str) -> Any:
    """JSON text as objects.

    Raises:
        DataError: It is none; the message names the line.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{name}, line {error.lineno}: this is not JSON ({error.msg}).") from error
    except (ValueError, RecursionError) as error:  # numbers with thousands of digits; deep nesting
        raise DataError(f"{name} is not JSON of an annotation: {_reason(error)}.") from error


def read_zip_member(path: Path, name: str, max_bytes: int = MAX_BYTES) -> str:
    """The one member of a zip file with this file name, in whatever folder; nothing is unpacked.

    Raises:
        DataError: The file is no zip file, has no such member or several, or unpacks to more than
            `max_bytes`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                info
                for info in archive.infolist()
                if info.filename.rsplit("/", 1)[-1] == name and "__MACOSX" not in info.filename
            ]
            if len(members) != 1:
                raise DataError(f"{path} holds {len(members)} files named {name}; one is needed.")
            # The size that the archive states may be a lie.
            with archive.open(members[0]) as member:
                content = member.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(f"{path} cannot be read as a zip file: {_reason(error)}.") from error
    except RuntimeError as error:  # zipfile asks for a password this way
        raise DataError(f"{path} cannot be read as a zip file: {error}.") from error
    if len(content) > max_bytes:
        raise DataError(f"{name} in {path} unpacks to more than {max_bytes:,} bytes.")
    return decoded(content, f"{path}/{name}")


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0]
