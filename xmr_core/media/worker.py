"""Decoding in processes that may crash or hang without taking the caller with them."""

import math
import os
import queue
import subprocess
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import VideoUnavailableError
from xmr_core.media import _worker as protocol
from xmr_core.media.frames import check_request
from xmr_core.media.limits import MediaLimits, cannot_read
from xmr_core.media.process import killed_after, start_worker
from xmr_core.media.readers import decoder_in_use
from xmr_core.types import Video

__all__ = ["MediaReader", "ReadRequest", "decoder_in_use"]

T = TypeVar("T")

_START_S = 120.0
"""A worker has to load its decoders first, which takes long on a busy machine."""

_CLOSED = "this MediaReader is closed"


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What `MediaReader.read` is asked for; see there."""

    path: Path
    num_frames: int
    start_s: float = 0.0
    end_s: float | None = None
    max_side: int | None = None


class MediaReader:
    """Reads frames like `sample_frames`, in worker processes. Safe to share between threads.

    A worker that hangs is killed after `limits.timeout_s`, and one that dies costs the file that it
    was reading; the next read starts a new one. Workers start when they are first needed, are
    programs of their own (no copy of the caller and none of its modules) and end with the caller,
    also when that is killed.

    Use it as a context manager or call `close`.
    """

    def __init__(self, workers: int = 1, limits: MediaLimits = MediaLimits()) -> None:  # noqa: B008
        if workers < 1:
            raise ValueError(f"workers must be at least 1, got {workers}")
        self.limits = limits
        self._closed = threading.Event()
        self._workers = tuple(_Worker(limits, self._closed) for _ in range(workers))
        # Last in, first out: one caller at a time keeps a single worker busy.
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._end = weakref.finalize(self, _stop_all, self._workers, self._closed)

    def read(
        self,
        path: Path | str,
        num_frames: int,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        max_side: int | None = None,
    ) -> Video:
        """Reads at most `num_frames` pictures, evenly spaced; waits for a free worker.

        The arguments are those of `sample_frames`.

        Raises:
            VideoUnavailableError: One sentence with the file's name and the reason.
            ValueError: An argument that no file could satisfy.
            RuntimeError: The reader is closed.
        """
        check_request(num_frames, start_s, end_s, max_side)
        request = ReadRequest(Path(path), num_frames, start_s, end_s, max_side)
        with self._worker() as worker:
            return worker.read(request)

    def length(self, path: Path) -> tuple[float, bool]:
        """Length in seconds, 0 for a picture, and whether it can be read in pieces.

        Raises:
            VideoUnavailableError: One sentence with the file's name and the reason.
        """
        with self._worker() as worker:
            duration_s, has_starts = worker.ask(path, {"task": "length"})
            return float(duration_s), bool(has_starts)

    def changes(
        self, path: Path, start_s: float, end_s: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Times of the pictures in [start_s, end_s) and how much each differs from the one before.

        Raises:
            VideoUnavailableError: One sentence with the file's name and the reason.
        """
        with self._worker() as worker:
            message = {"task": "changes", "start_s": start_s, "end_s": end_s}
            times_s, changes = worker.ask(path, message)
            return np.asarray(times_s, np.float64), np.asarray(changes, np.float32)

    @contextmanager
    def _worker(self) -> "Iterator[_Worker]":
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)

    def read_many(
        self, requests: Iterable[ReadRequest]
    ) -> Iterator[tuple[ReadRequest, Video | VideoUnavailableError]]:
        """Reads ahead of the caller and yields in the order of the requests.

        At most two results per worker wait for the caller, so memory stays bounded however many
        requests there are. A file that cannot be read yields its error.
        """
        ahead = 2 * len(self._workers)
        waiting: deque[tuple[ReadRequest, Future[Video | VideoUnavailableError]]] = deque()
        threads = ThreadPoolExecutor(len(self._workers), thread_name_prefix="media")
        try:
            for request in requests:
                waiting.append((request, threads.submit(self._try_read, request)))
                if len(waiting) > ahead:
                    done, future = waiting.popleft()
                    yield done, future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            threads.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Ends the workers; a read in progress in another thread ends with an error."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try_read(self, request: ReadRequest) -> Video | VideoUnavailableError:
        try:
            return self.read(
                request.path,
                request.num_frames,
                start_s=request.start_s,
                end_s=request.end_s,
                max_side=request.max_side,
            )
        except VideoUnavailableError as error:
            return error


class _Worker:
    """One process, restarted when it is needed and not there. Used by one thread at a time."""

    def __init__(self, limits: MediaLimits, closed: threading.Event) -> None:
        self._limits = limits
        self._closed = closed
        self.process: subprocess.Popen[bytes] | None = None

    def read(self, request: ReadRequest) -> Video:
        """Has one file read; see `MediaReader.read`."""

        def video(replies: BinaryIO, header: dict[str, Any]) -> Video:
            shape = self._checked(header["shape"], request)
            frames = bytearray(math.prod(shape))
            if cast(Any, replies).readinto(frames) < len(frames):
                raise EOFError
            times_s = bytearray(protocol.read_exactly(replies, 8 * shape[0]))
            return Video(
                np.frombuffer(frames, np.uint8).reshape(shape),
                np.frombuffer(times_s, np.float64),
                header["duration_s"],
                header["decoder"],
            )

        message = asdict(request) | {"task": "frames"}
        return self._answer(request.path, message, video)

    def _checked(self, shape: Any, request: ReadRequest) -> tuple[int, int, int, int]:
        """The shape of frames that are to come: what was taken over by a file may say anything."""
        count, height, width, colours = (int(side) for side in shape)
        in_bounds = 1 <= count <= request.num_frames and height > 0 and colours == 3
        if not in_bounds or not 0 < height * width <= self._limits.max_pixels:
            raise ValueError(f"frames of the shape {shape}")
        return count, height, width, colours

    def ask(self, path: Path, message: dict[str, Any]) -> Any:
        """Has a question about one file answered; see `_worker`."""
        return self._answer(path, message, lambda _, header: header["answer"])

    def _answer(
        self,
        path: Path,
        message: dict[str, Any],
        take: Callable[[BinaryIO, dict[str, Any]], T],
    ) -> T:
        process = self._running()
        timed_out = threading.Event()
        try:
            with killed_after(process, self._limits.timeout_s, timed_out):
                answer = self._exchange(process, path, message, take)
        except (OSError, EOFError, ValueError, KeyError, TypeError, MemoryError) as error:
            self.stop()
            reason = (
                f"decoding took longer than {self._limits.timeout_s:g} s"
                if timed_out.is_set()
                else "the decoder crashed on it"
            )
            raise cannot_read(path, reason) from error
        if timed_out.is_set():  # just too late: the answer is good, the process is gone
            self.stop()
        return answer

    def stop(self) -> None:
        """Ends the process, whatever it is doing."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # unsent bytes of a broken pipe
                cast(BinaryIO, pipe).close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed.is_set():
            raise RuntimeError(_CLOSED)
        if self.process is not None and self.process.poll() is None:
            return self.process
        self.stop()
        self.process = process = start_worker()
        try:
            with killed_after(process, _START_S, threading.Event()):
                protocol.write_message(cast(BinaryIO, process.stdin), asdict(self._limits))
                protocol.read_message(cast(BinaryIO, process.stdout))
        except (OSError, EOFError) as error:
            self.stop()
            raise RuntimeError("the decoding process does not start") from error
        if self._closed.is_set():  # while this one was starting
            self.stop()
            raise RuntimeError(_CLOSED)
        return process

    def _exchange(
        self,
        process: subprocess.Popen[bytes],
        path: Path,
        message: dict[str, Any],
        take: Callable[[BinaryIO, dict[str, Any]], T],
    ) -> T:
        protocol.write_message(
            cast(BinaryIO, process.stdin), message | {"path": os.fsdecode(path.absolute())}
        )
        replies = cast(BinaryIO, process.stdout)
        header: dict[str, Any] = protocol.read_message(replies)
        if "unavailable" in header:
            raise VideoUnavailableError(header["unavailable"])
        if "bug" in header:
            raise RuntimeError(f"reading {path.name} failed\n{header['bug']}")
        return take(replies, header)


def _stop_all(workers: tuple[_Worker, ...], closed: threading.Event) -> None:
    closed.set()
    for worker in workers:
        worker.stop()
