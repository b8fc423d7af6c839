"""Videos that visitors bring: each visitor's own gallery, gone when the visit is over.

A gallery is found by its token of 128 random bits, which only the visitor's page knows; nothing
lists tokens. Files lie in a folder of their own and are decoded in the sandboxed worker.
"""

import os
import re
import secrets
import shutil
import threading
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from demo.jobs import Job
from demo.render import Json
from demo.shelf import Engines
from demo.wording_errors import clause_in_both, in_both
from xmr_core import Engine, MediaLimits, MediaReader, VideoUnavailableError, XmrError

_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class VisitorLimits:
    """What one visitor may bring.

    Attributes:
        files: Number of files.
        total_bytes: All files together.
        total_s: All videos together, in seconds.
        visitors: Galleries at a time.
        life_s: How long a gallery stays after it was last used.
    """

    files: int = 20
    total_bytes: int = 100_000_000
    total_s: float = 600.0
    visitors: int = 50
    life_s: float = 3600.0


class Visit:
    """The videos of one visitor."""

    def __init__(
        self,
        folder: Path,
        base: Engine,
        reader: MediaReader,
        limits: VisitorLimits,
        queue: ThreadPoolExecutor,
    ) -> None:
        self._folder = folder
        self._media = folder / "media"
        self._media.mkdir(parents=True, mode=0o700)
        self._base, self._reader, self._limits = base, reader, limits
        self._engines: Engines = {}
        self._refused: dict[str, str] = {}
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()
        self._job = Job(self._index, queue)
        self._is_over = False
        self.used_at = time.monotonic()

    @property
    def engines(self) -> Engines:
        """What answers over the videos; empty before they are indexed."""
        return self._engines

    def add(self, files: Sequence[Path]) -> None:
        """Takes files over and indexes them.

        Raises:
            XmrError: They are too many or too large.
        """
        with self._lock:
            if self._job.is_busy:
                raise XmrError("Your last videos are still being read; wait or cancel first.")
            here = list(self._media.iterdir())
            if len(here) + len(files) > self._limits.files:
                raise XmrError(
                    f"At most {self._limits.files} files at a time; you have {len(here)} and "
                    f"bring {len(files)}."
                )
            size = sum(file.stat().st_size for file in (*here, *files))
            if size > self._limits.total_bytes:
                raise XmrError(
                    f"Together they have {size / 1e6:.0f} MB and the limit is "
                    f"{self._limits.total_bytes / 1e6:.0f} MB."
                )
            self._refused = {}
            for file in files:
                shutil.move(file, self._free_place(file.name))
        self._job.start()

    def stop(self) -> None:
        """Stops indexing."""
        self._job.stop()

    def state(self) -> Json:
        """What the page shows."""
        engine = next(iter(self._engines.values()), None)
        files = len(list(self._media.iterdir())) if self._media.is_dir() else 0
        job = self._job.state()
        problem = job["problem"].replace(str(self._media), "…").replace(str(self._folder), "…")
        refused = dict(self._refused)
        return job | {
            "problem": in_both(problem),
            "files": files,
            "size": len(engine.clips) if engine else 0,
            "refused": [
                {"name": name, "reason": clause_in_both(why)} for name, why in refused.items()
            ],
        }

    def remove(self) -> None:
        """Deletes everything of this visitor."""
        self._is_over = True
        self._job.stop()
        self._engines = {}
        shutil.rmtree(self._folder, ignore_errors=True)

    def _free_place(self, name: str) -> Path:
        """A place for a file; its name is kept as far as no system minds it."""
        plain = re.sub(r"[^\w. -]+", "_", Path(name).name).strip(". ")[-100:] or "video"
        place = self._media / plain
        number = 2
        while place.exists():
            place = self._media / f"{number}-{plain}"
            number += 1
        return place

    def _index(self, job: Job) -> None:
        try:
            self._index_all(job)
        finally:
            if self._is_over:  # the visitor left while this was written
                self._engines = {}
                shutil.rmtree(self._folder, ignore_errors=True)

    def _index_all(self, job: Job) -> None:
        for path in job.progress(sorted(self._media.iterdir()), desc="Measuring"):
            if path.name not in self._seconds and not job.should_stop():
                self._measure(path)
        gallery = self._base.index_folder(
            self._media,
            self._folder / "gallery",
            job.progress,
            reader=self._reader,
            should_stop=job.should_stop,
        )
        for bad in gallery.card.bad_files:
            self._refused[bad.path] = bad.reason
        self._engines = {self._base.checkpoint: self._base.over(self._folder / "gallery")}

    def _measure(self, path: Path) -> None:
        """Takes a file out again that cannot be read or is too long with the others."""
        try:
            length_s, _ = self._reader.length(path)
        except VideoUnavailableError as error:
            self._refused[path.name] = str(error).partition(" cannot be read: ")[2] or str(error)
            path.unlink(missing_ok=True)
            return
        together_s = sum(self._seconds.values()) + length_s
        if together_s > self._limits.total_s:
            self._refused[path.name] = (
                f"with it your videos last {together_s:.0f} s and the limit is "
                f"{self._limits.total_s:.0f} s"
            )
            path.unlink(missing_ok=True)
            return
        self._seconds[path.name] = length_s


class Visitors:
    """All visitors that brought videos.

    Args:
        state: Where their folders are. Each running app has one of its own there; those of apps
            that ended without clearing up are removed.
        base: Its checkpoint embeds the videos and answers.
        limits: What one visitor may bring.
    """

    def __init__(self, state: Path, base: Engine, limits: VisitorLimits = VisitorLimits()) -> None:
        self.limits = limits
        self._state = state / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._base = base
        self._lock = threading.Lock()
        self._visits: dict[str, Visit] = {}
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="visitors")
        self._reader = MediaReader(
            1,
            MediaLimits(
                max_duration_s=limits.total_s,
                max_bytes=limits.total_bytes,
                max_memory_bytes=2_000_000_000,
            ),
        )
        for left in _left_behind(state):
            shutil.rmtree(left, ignore_errors=True)
        weakref.finalize(self, shutil.rmtree, self._state, ignore_errors=True)
        threading.Thread(target=self._forget_old, name="old visits", daemon=True).start()

    def get(self, token: str | None) -> Visit | None:
        """The visit behind a token; using it keeps it alive."""
        visit = self._visits.get(token) if token and _TOKEN.fullmatch(token) else None
        if visit is not None:
            visit.used_at = time.monotonic()
        return visit

    def engines(self, token: str) -> Engines | None:
        """What answers over the videos behind a token, if there are any."""
        visit = self.get(token)
        return (visit.engines or None) if visit else None

    def begin(self) -> str:
        """A new visitor's token.

        Raises:
            XmrError: There are too many visitors with videos.
        """
        with self._lock:
            if len(self._visits) >= self.limits.visitors:
                raise XmrError("Too many visitors have brought videos just now; try again later.")
            token = secrets.token_hex(16)
            # The folder has another name: who can list folders shall not learn tokens.
            folder = self._state / secrets.token_hex(8)
            try:
                visit = Visit(folder, self._base, self._reader, self.limits, self._queue)
            except OSError as error:
                raise XmrError("There is no room for videos here now; try again later.") from error
            self._visits[token] = visit
            return token

    def end(self, token: str | None) -> None:
        """Forgets a visitor and deletes the files."""
        with self._lock:
            visit = self._visits.pop(token, None) if token else None
        if visit is not None:
            visit.remove()

    def _forget_old(self) -> None:
        while True:
            time.sleep(min(60.0, self.limits.life_s / 4))
            now = time.monotonic()
            for token, visit in list(self._visits.items()):
                if now - visit.used_at > self.limits.life_s:
                    self.end(token)


def _left_behind(state: Path) -> list[Path]:
    """Folders of apps that no longer run, by the process number that begins their names."""
    folders = list(state.iterdir()) if state.is_dir() else []
    return [
        f for f in folders if (pid := f.name.partition("-")[0]).isdigit() and _is_over(int(pid))
    ]


def _is_over(pid: int) -> bool:
    if pid == os.getpid():  # of an earlier process, as in a container that was started again
        return True
    if os.name == "nt":  # where signal 0 would be no question
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:  # somebody else's, so it is there
        pass
    return False
