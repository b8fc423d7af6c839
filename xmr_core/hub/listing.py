"""What lies in a repository at one revision; nothing in a listing is trusted."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from xmr_core.errors import HubError
from xmr_core.files import checksum
from xmr_core.hub.address import HubAddress
from xmr_core.hub.failures import is_offline, speaking

MOST_FILES = 50_000
SAFE_ENDINGS = frozenset({".safetensors", ".json", ".jsonl", ".toml", ".txt", ".md", ".model"})
"""Kinds of files that are fetched unasked: none of them can run anything when it is read."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository.

    Attributes:
        name: Path in the repository, with slashes; checked by `is_safe_name`.
        size_bytes: Its size.
        sha256: Of its content, for the large files that the Hub keeps apart; else "".
        git_id: What git calls its content (of large files: of a pointer, of no use here).
    """

    name: str
    size_bytes: int
    sha256: str
    git_id: str

    def describes(self, path: Path) -> bool:
        """Whether a local file has this content."""
        if self.sha256:
            return checksum(path) == self.sha256
        return git_checksum(path) == self.git_id


def is_safe_name(name: str) -> bool:
    """Whether a file may have this name on any of our disks: relative, and inside its folder."""
    path = PurePosixPath(name)
    plain = name.isprintable() and not set(name) & set('\\:*?"<>|') and len(name) <= 255
    return plain and str(path) == name and not path.is_absolute() and ".." not in path.parts


def list_files(address: HubAddress) -> tuple[RemoteFile, ...]:
    """The files at a pinned revision, in order of their names.

    A revision never changes, so its listing is kept on disk and read from there afterwards. Without
    a network, a cache that another program has filled is listed as it is.

    Raises:
        HubError: The Hub does not give it, or it names files that no repository should have.
    """
    cached = _cache_file(address)
    try:
        return tuple(RemoteFile(**record) for record in json.loads(cached.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        pass  # not there yet, or left by another version: ask again
    if is_offline() and (there := tuple(_cached(address))):
        return there
    found = tuple(sorted(_ask(address), key=lambda file: file.name))
    if unsafe := [file.name for file in found if not is_safe_name(file.name)]:
        raise HubError(f"{address} has a file with the name {unsafe[0]!r}, which is not allowed")
    with suppress(OSError):  # where it cannot be kept it is asked for again
        temporary = cached.with_suffix(".tmp")
        temporary.write_text(json.dumps([asdict(file) for file in found]), encoding="utf-8")
        temporary.replace(cached)
    return found


def harmless(files: Iterable[RemoteFile]) -> tuple[RemoteFile, ...]:
    """Those that are fetched unasked: no pickles, no programs, nothing hidden."""
    return tuple(
        file
        for file in files
        if PurePosixPath(file.name).suffix.lower() in SAFE_ENDINGS
        and not any(part.startswith(".") for part in PurePosixPath(file.name).parts)
    )


def git_checksum(path: Path) -> str:
    """The name that git gives to a file's content."""
    import hashlib

    content = path.read_bytes()  # the Hub keeps no file of more than 10 MB this way
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _ask(address: HubAddress) -> Iterable[RemoteFile]:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

    with speaking(address):
        # Asked once without the library's retries, so that no network is told in a second.
        HfApi().repo_info(address.repo, revision=address.revision, repo_type=address.kind)
        entries = HfApi().list_repo_tree(
            address.repo, recursive=True, revision=address.revision, repo_type=address.kind
        )
        for n, entry in enumerate(entries):
            if n >= MOST_FILES:
                raise HubError(f"{address} has more than {MOST_FILES:,} files; that is too many")
            if isinstance(entry, RepoFile):
                sha256 = entry.lfs.sha256 if entry.lfs else ""
                yield RemoteFile(entry.path, int(entry.size), sha256, entry.blob_id)


def _cached(address: HubAddress) -> Iterable[RemoteFile]:
    """The files of a revision that are in the cache."""
    folder = cache_folder(address) / "snapshots" / address.revision
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            yield RemoteFile(name, path.stat().st_size, "", "")


def cache_folder(address: HubAddress) -> Path:
    """Where `huggingface_hub` keeps what it has of a repository."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"{address.kind}s--{address.repo.replace('/', '--')}"


def _cache_file(address: HubAddress) -> Path:
    from huggingface_hub import cached_assets_path

    folder = f"{address.kind}s--{address.repo.replace('/', '--')}"
    return cached_assets_path("xmr", "listings", folder) / f"{address.revision}.json"
