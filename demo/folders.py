"""The operator's own folders: each a gallery that is indexed, and again when it has changed."""

import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from demo.jobs import Job
from demo.render import Json
from demo.shelf import Engines
from demo.wording_errors import in_both
from xmr_core import Engine, GalleryError, GalleryMismatchError, XmrError

_LEAST_PAUSE_S = 10.0


class OwnFolder:
    """One folder, its gallery in the state folder, and the job that keeps it up to date.

    Args:
        name: What the page calls it.
        folder: Where the videos are.
        out: Where the gallery is kept.
        base: Its checkpoint embeds the videos and answers.
        queue: Where the job runs.
    """

    def __init__(
        self, name: str, folder: Path, out: Path, base: Engine, queue: ThreadPoolExecutor
    ) -> None:
        self.name = name
        self.folder = folder
        self._out = out
        self._base = base
        self._engines: Engines = {}
        self._bad, self._changes = 0, dict[str, int]()
        self._ended_at = -_LEAST_PAUSE_S
        self._job = Job(self._index, queue)

    @property
    def engines(self) -> Engines:
        """What answers over the last complete gallery; empty before there is one."""
        return self._engines

    def start(self) -> None:
        """Indexes what has changed, beside everything else; not twice within a few seconds."""
        if time.monotonic() - self._ended_at >= _LEAST_PAUSE_S:
            self._job.start()

    def stop(self) -> None:
        """Stops indexing; the next start goes on from there."""
        self._job.stop()

    def state(self) -> Json:
        """What the page shows of it; its place on this machine is not told."""
        engine = next(iter(self._engines.values()), None)
        job = self._job.state()
        return job | {
            "name": self.name,
            "problem": in_both(_without(job["problem"], self.folder, self._out.parent, self.name)),
            "size": len(engine.clips) if engine else 0,
            "bad": self._bad,
            "changes": self._changes,
        }

    def _index(self, job: Job) -> None:
        try:
            if not self._engines:
                self._open_old()
            gallery = self._base.index_folder(
                self.folder, self._out, job.progress, should_stop=job.should_stop
            )
            self._bad, self._changes = len(gallery.card.bad_files), dict(gallery.card.changes)
            self._open()
        finally:
            self._ended_at = time.monotonic()

    def _open_old(self) -> None:
        """Answers from the gallery of the last time while this one is made."""
        try:
            self._open()
        except (GalleryError, GalleryMismatchError):
            self._engines = {}

    def _open(self) -> None:
        self._engines = {self._base.checkpoint: self._base.over(self._out)}


class OwnFolders:
    """All folders of the operator.

    Args:
        folders: Where the videos are.
        state: Where galleries are kept between two starts.
        base: Its checkpoint embeds the videos and answers.
        taken: Names of other galleries.

    Raises:
        XmrError: A folder is not there.
    """

    def __init__(
        self, folders: Sequence[Path], state: Path, base: Engine, taken: Sequence[str] = ()
    ) -> None:
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="own folders")
        self._folders: dict[str, OwnFolder] = {}
        for folder in folders:
            place = folder.expanduser().resolve()
            if not place.is_dir():
                raise XmrError(f"--folder {folder} is not a folder.")
            name = _free_name(place, {*taken, *self._folders})
            digest = sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()[:12]
            out = state / f"{name}-{digest}"
            self._folders[name] = OwnFolder(name, place, out, base, self._queue)

    def start(self) -> None:
        """Indexes all of them, one after the other, beside everything else."""
        for folder in self._folders.values():
            folder.start()

    def galleries(self) -> Mapping[str, Engines]:
        """Those that can be searched, by name."""
        return {name: folder.engines for name, folder in self._folders.items() if folder.engines}

    def get(self, name: str) -> OwnFolder | None:
        """The folder of this name."""
        return self._folders.get(name)

    def states(self) -> list[Json]:
        """What the page shows of them."""
        return [folder.state() for folder in self._folders.values()]


def _without(message: str, folder: Path, state: Path, name: str) -> str:
    """A message that does not tell where things are on this machine."""
    message = message.replace(str(folder), name)
    return re.sub(rf"{re.escape(str(state))}[^\s;)]*", name, message)


def _free_name(place: Path, taken: set[str]) -> str:
    """A folder's own name, cleaned, with a number where another gallery has it."""
    plain = re.sub(r"[^\w.-]+", "-", place.name).strip("-.")[:36] or "videos"
    names = [plain, *(f"{plain}-{number}" for number in range(2, 1000))]
    return next(name for name in names if name not in taken)
