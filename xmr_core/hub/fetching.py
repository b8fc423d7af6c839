"""Files of the Hub on the local disk: fetched once, checked, and found again without a network."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from xmr_core.errors import HubError
from xmr_core.files import checksum
from xmr_core.hub.address import HubAddress, Kind, is_address, parse_address
from xmr_core.hub.failures import is_offline, speaking
from xmr_core.hub.listing import RemoteFile, cache_folder, harmless, is_safe_name, list_files
from xmr_core.progress import Progress, no_progress
from xmr_core.types import CheckpointCard

if TYPE_CHECKING:
    from tqdm import tqdm

_AT_ONCE = 4  # files in flight
_MEGABYTE = 1_000_000


def fetch(
    address: HubAddress,
    files: Mapping[str, str] | None = None,
    progress: Progress = no_progress,
) -> Path:
    """Puts files of a repository on the local disk and checks every one.

    What is there already is not asked for again, so a pinned revision needs the network once. A
    download that is cut goes on where it was; one that is given up keeps its complete files.

    Args:
        address: Where; without a revision the newest is taken.
        files: sha256 by file name, "" where it is not known. None means everything but what can
            run code when it is read (pickles, programs), which only comes when it is named.
        progress: Told the megabytes.

    Returns:
        The folder with the files, of `huggingface_hub`'s own cache. It may hold others as well.

    Raises:
        HubError: One sentence: no network, no such file, no right to it, another content than the
            checksum says, a full disk.
    """
    address = resolve(address)
    if files is None:
        files = {file.name: "" for file in harmless(list_files(address))}
    if unsafe := [name for name in files if not is_safe_name(name)]:
        raise HubError(f"{unsafe[0]!r} is no file name in a repository")
    if not files:
        raise HubError(f"{address} has no file that can be used here")
    here = {name: cached_file(address, name) for name in files}
    if wanted := [name for name, path in here.items() if path is None]:
        here |= _download(address, {name: files[name] for name in wanted}, progress)
    for name, sha256 in files.items():
        path = here[name]
        assert path is not None, "it was fetched"
        if sha256 and name not in wanted and checksum(path) != sha256:
            _discard(path)
            raise HubError(_changed(name, address, "the copy in the cache is damaged"))
    name, path = next(iter(here.items()))
    assert path is not None, "it was fetched"
    return path.parents[name.count("/")]


def fetch_source(card: CheckpointCard, progress: Progress = no_progress) -> Path:
    """The folder with the files that a card's `source` names.

    Raises:
        HubError: They cannot be had, or the card does not say where they are.
    """
    address, files = _source(card)
    return fetch(address, files, progress)


def verify_source(card: CheckpointCard) -> None:
    """Checks the files that a card's `source` names where they are, in the cache.

    Raises:
        HubError: One is not there, or is not what the card or, where it gives no checksum, the
            Hub's listing says.
    """
    address, files = _source(card)
    address = resolve(address)
    here = {name: cached_file(address, name) for name in files}
    for name, path in here.items():
        if path is None:
            raise HubError(
                f"{card.id}: {name} is not here; get it with: xmr checkpoints pull {card.id}"
            )
        if not (_remote(address, name, files[name])).describes(path):
            raise HubError(_changed(name, address, "the copy in the cache is another file"))


def _remote(address: HubAddress, name: str, sha256: str) -> RemoteFile:
    """What a file must be, by the checksum that a card gives or else by the Hub's listing."""
    if sha256:
        return RemoteFile(name, 0, sha256, "")
    found = next((file for file in list_files(address) if file.name == name), None)
    if found is None or not (found.sha256 or found.git_id):
        raise HubError(f"{name} of {address} cannot be checked: its checksum is not known here")
    return found


def _source(card: CheckpointCard) -> tuple[HubAddress, dict[str, str]]:
    """Where a card says that its files are, and their checksums."""
    repo, revision = (str(card.source.get(name, "")) for name in ("repo", "revision"))
    files = dict(card.source.get("files") or {})
    if not repo or not files:
        raise HubError(f"{card.id}: its card does not say where its files are on the Hub")
    return HubAddress("model", repo, revision), files


def resolve(address: HubAddress) -> HubAddress:
    """The address with a revision; without a network the newest one in the cache.

    Raises:
        HubError: The Hub has no such repository or cannot be asked, and nothing is cached.
    """
    if address.revision:
        return address
    cached = cached_revisions(address)
    if is_offline() and cached:
        return replace(address, revision=cached[0])
    from huggingface_hub import HfApi

    with speaking(address, offline_hint=_cached_hint(address, cached)):
        found = HfApi().repo_info(address.repo, repo_type=address.kind)
    return replace(address, revision=str(found.sha))


def pinned(text: str, kind: Kind) -> str:
    """An address as text, with its revision; any other text as it is.

    Raises:
        HubError: As of `resolve`.
    """
    if not is_address(text):
        return text
    return f"{text.partition('@')[0]}@{resolve(parse_address(text, kind)).revision}"


def cached_file(address: HubAddress, name: str) -> Path | None:
    """Where a file of a pinned revision is in the cache, or None."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(
        address.repo, name, revision=address.revision, repo_type=address.kind
    )
    return Path(found) if isinstance(found, str) else None


def cached_revisions(address: HubAddress) -> list[str]:
    """The revisions of which something is in the cache, newest first."""
    folder = cache_folder(address) / "snapshots"
    try:
        found = sorted(folder.iterdir(), key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []
    return [path.name for path in found if len(path.name) == 40]


def _download(
    address: HubAddress, wanted: Mapping[str, str], progress: Progress
) -> dict[str, Path | None]:
    """Fetches files that are not in the cache and checks them against the listing."""
    if is_offline():
        hint = _cached_hint(address, cached_revisions(address))
        raise HubError(
            f"HF_HUB_OFFLINE is set and {', '.join(wanted)} of {address} is not in the cache;"
            f" {hint}"
        )
    listed = {file.name: file for file in list_files(address)}
    if absent := [name for name in wanted if name not in listed]:
        raise HubError(f"{address} has no file {', '.join(absent)}")
    remote = [listed[name] for name in wanted]
    for file in remote:  # said before a gigabyte is fetched in vain
        if file.sha256 and wanted[file.name] not in ("", file.sha256):
            raise HubError(_changed(file.name, address, "the Hub has another file there"))
    _check_room(address, sum(file.size_bytes for file in remote))
    total = max(1, -(-sum(file.size_bytes for file in remote) // _MEGABYTE))
    paths: dict[str, Path | None] = {}
    steps = _megabytes(address, remote, total, paths)
    for _ in progress(steps, desc=f"{address.repo}, MB", total=total):
        pass
    for file in remote:
        path = paths[file.name]
        assert path is not None, "it was fetched"
        right = checksum(path) == wanted[file.name] if wanted[file.name] else file.describes(path)
        if not right:
            _discard(path)
            raise HubError(_changed(file.name, address, "what came is another file"))
    return paths


def _megabytes(
    address: HubAddress, files: Sequence[RemoteFile], total: int, paths: dict[str, Path | None]
) -> Iterator[int]:
    """Fetches files and yields once per megabyte, so that anything like tqdm can watch."""
    arrived: SimpleQueue[int] = SimpleQueue()
    stop = Event()

    def one(file: RemoteFile) -> None:
        paths[file.name] = _one_file(address, file.name, _counter(arrived, stop))

    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        waiting: set[Future[None]] = {pool.submit(one, file) for file in files}
        count, shown = 0, 0
        while waiting:
            try:
                count += arrived.get(timeout=0.02)
            except Empty:
                done = {future for future in waiting if future.done()}
                waiting -= done
                for future in done:
                    future.result()  # raises what went wrong
            while shown < min(count // _MEGABYTE, total):
                shown += 1
                yield shown
        yield from range(shown + 1, total + 1)
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _one_file(address: HubAddress, name: str, counter: "type[tqdm[Any]]") -> Path:
    from huggingface_hub import hf_hub_download

    with speaking(address, name):
        return Path(
            hf_hub_download(
                address.repo,
                name,
                revision=address.revision,
                repo_type=address.kind,
                tqdm_class=counter,
            )
        )


def _counter(arrived: SimpleQueue[int], stop: Event) -> "type[tqdm[Any]]":
    """A progress bar as `huggingface_hub` wants one, which only counts bytes."""
    from tqdm import tqdm

    class Counter(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> None:
            if stop.is_set():
                raise RuntimeError("the download was given up")
            arrived.put(int(n or 0))

        def update_transfer(self, n: float | None = 1) -> None:
            """Bytes on the wire; those on the disk are counted."""

        def set_transfer_postfix_str(self, *_: Any, **__: Any) -> None:
            """Nothing is shown here."""

    return Counter


def _check_room(address: HubAddress, size_bytes: int) -> None:
    """Says before the download that it will not fit."""
    import shutil

    folder = cache_folder(address)
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < size_bytes:
        raise HubError(
            f"{address} needs {size_bytes / 1e6:,.0f} MB and {there} has"
            f" {free / 1e6:,.0f} MB free; make room, or set HF_HOME to another disk"
        )


def _cached_hint(address: HubAddress, cached: Sequence[str]) -> str:
    if not cached:
        return f"nothing of {address.repo} is cached: fetch it once with a network"
    return f"of {address.repo} these revisions are cached at least in part: {', '.join(cached)}"


def _changed(name: str, address: HubAddress, what: str) -> str:
    return (
        f"{name} of {address} has not the checksum that it should have: {what}; nothing of it is"
        " used. Run the same command again; if it fails again, the source cannot be trusted"
    )


def _discard(path: Path) -> None:
    """Removes a file from the cache, with what its link points to."""
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)
