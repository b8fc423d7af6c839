"""The pictures of a gallery in one file: a Hub answers one request more quickly than thousands."""

import io
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

from xmr_core.errors import HubError

PICTURES = "pictures.tar"
LARGEST_PICTURE = 5_000_000  # bytes
MOST_PICTURES = 500_000

PICTURE_NAME = re.compile(r"(posters|stills)/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,200}\.webp")


def pack_pictures(pictures: Mapping[str, Path], out: Path) -> None:
    """Writes pictures of a gallery to a tar file that depends on nothing but them.

    Args:
        pictures: Files by their paths in a gallery, such as `posters/<id>.webp`.
        out: The tar file.

    Raises:
        HubError: One of them is no picture of a gallery.
    """
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(pictures):
            content = pictures[name].read_bytes()
            _check(name, content)
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def unpack_pictures(archive_path: Path, folder: Path) -> int:
    """Writes the pictures of a tar file below a folder; returns how many.

    Only WebP pictures with the names of posters and stills are written: no links, no other places,
    no sparse files, none of more than 5 MB.

    Raises:
        HubError: There is anything else in it.
    """
    count = 0
    try:
        with tarfile.open(archive_path, "r:") as archive:
            for member in archive:
                count += 1
                plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
                if not plain or member.issparse() or count > MOST_PICTURES:
                    raise HubError(f"{PICTURES} holds {member.name[:80]!r}, which is no picture")
                if member.size > LARGEST_PICTURE:
                    raise HubError(f"{PICTURES}: {member.name[:80]!r} is larger than a picture is")
                file = archive.extractfile(member)
                content = file.read() if file else b""
                _check(member.name, content)
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise HubError(f"{PICTURES} is damaged: {error}") from error
    return count


def _check(name: str, content: bytes) -> None:
    if not PICTURE_NAME.fullmatch(name):
        raise HubError(f"{name[:80]!r} is no name of a gallery's picture")
    if not is_webp(content):
        raise HubError(f"{name} is no WebP picture of at most {LARGEST_PICTURE / 1e6:.0f} MB")


def is_webp(content: bytes) -> bool:
    """Whether the bytes begin as a WebP picture does, and are not too many."""
    begins = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return begins and len(content) <= LARGEST_PICTURE
