"""Indexing beside the page: one thing at a time, looked at and stopped from the page."""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

from demo.render import Json
from xmr_core import IndexingStoppedError, XmrError

T = TypeVar("T")

Stage = Literal["idle", "waiting", "running", "stopping", "done", "stopped", "failed"]

log = logging.getLogger("xmr")


class Job:
    """Something long that is done now and then; one run at a time.

    Args:
        work: Gets this job; reports to `progress` and asks `should_stop`.
        queue: Where it runs; several jobs may share one and then wait for each other.
    """

    def __init__(self, work: "Callable[[Job], None]", queue: ThreadPoolExecutor) -> None:
        self._work = work
        self._queue = queue
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._stage: Stage = "idle"
        self._step, self._done, self._total = "", 0, 0
        self._problem = ""

    @property
    def is_busy(self) -> bool:
        """Whether it runs or is about to."""
        return self._stage in ("waiting", "running", "stopping")

    def start(self) -> None:
        """Starts it, unless it is running."""
        with self._lock:
            if self.is_busy:
                return
            self._stop.clear()
            self._stage, self._problem = "waiting", ""
            self._step, self._done, self._total = "", 0, 0
        self._queue.submit(self._run)

    def stop(self) -> None:
        """Asks it to stop; what is finished is kept."""
        with self._lock:
            self._stop.set()
            if self.is_busy:
                self._stage = "stopping"

    def should_stop(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    def progress(
        self, iterable: Iterable[T], *, desc: str | None = None, total: int | None = None
    ) -> Iterable[T]:
        """Counts the items of a step, as `tqdm` does."""
        # "Indexing (3 of 9 done before)": the page has its own words.
        self._step = (desc or "").partition(" ")[0].lower()
        self._done, self._total = 0, total or 0
        for item in iterable:
            yield item
            self._done += 1

    def state(self) -> Json:
        """What the page shows of it."""
        return {
            "stage": self._stage,
            "step": self._step,
            "done": self._done,
            "total": self._total,
            "problem": self._problem,
        }

    def _run(self) -> None:
        self._stage = "stopping" if self._stop.is_set() else "running"
        stage: Stage = "done"
        try:
            if self._stop.is_set():
                stage = "stopped"
            else:
                self._work(self)
        except IndexingStoppedError:
            stage = "stopped"
        except XmrError as error:
            stage, self._problem = "failed", str(error)
        except Exception:
            # Nobody waits for this thread: without a word here the fault would be lost.
            log.exception("indexing failed")
            stage, self._problem = "failed", "A fault of this program; its log says which."
        with self._lock:
            self._stage = stage
