"""Decoding in processes that may crash or hang without taking the caller with them."""

import math
import os
import queue
import re
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self, cast

import numpy as np

from xmr_core.errors import VideoUnavailableError
from xmr_core.media import _worker as protocol
from xmr_core.media.frames import check_request
from xmr_core.media.limits import MediaLimits, cannot_read
from xmr_core.media.readers import decoder_in_use
from xmr_core.types import Video

__all__ = ["MediaReader", "ReadRequest", "decoder_in_use"]

_START_S = 120.0
"""A worker has to load its decoders first, which takes long on a busy machine."""

_CLOSED = "this MediaReader is closed"
_SECRET = re.compile("TOKEN|SECRET|PASSWORD|CREDENTIAL|KEY", re.IGNORECASE)


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
        worker = self._idle.get()
        try:
            return worker.read(request)
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
        process = self._running()
        timed_out = threading.Event()
        try:
            with _killed_after(process, self._limits.timeout_s, timed_out):
                video = self._ask(process, request)
        except (OSError, EOFError, ValueError, KeyError, TypeError, MemoryError) as error:
            self.stop()
            reason = (
                f"decoding took longer than {self._limits.timeout_s:g} s"
                if timed_out.is_set()
                else "the decoder crashed on it"
            )
            raise cannot_read(request.path, reason) from error
        if timed_out.is_set():  # just too late: the answer is good, the process is gone
            self.stop()
        return video

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
        self.process = process = _start()
        try:
            with _killed_after(process, _START_S, threading.Event()):
                protocol.write_message(cast(BinaryIO, process.stdin), asdict(self._limits))
                protocol.read_message(cast(BinaryIO, process.stdout))
        except (OSError, EOFError) as error:
            self.stop()
            raise RuntimeError("the decoding process does not start") from error
        if self._closed.is_set():  # while this one was starting
            self.stop()
            raise RuntimeError(_CLOSED)
        return process

    def _ask(self, process: subprocess.Popen[bytes], request: ReadRequest) -> Video:
        message = asdict(request) | {"path": os.fsdecode(request.path.absolute())}
        protocol.write_message(cast(BinaryIO, process.stdin), message)
        replies = cast(BinaryIO, process.stdout)
        reply: dict[str, Any] = protocol.read_message(replies)
        if "unavailable" in reply:
            raise VideoUnavailableError(reply["unavailable"])
        if "bug" in reply:
            raise RuntimeError(f"reading {request.path.name} failed\n{reply['bug']}")
        shape = self._checked(reply["shape"], request)
        frames = bytearray(math.prod(shape))
        if cast(Any, replies).readinto(frames) < len(frames):
            raise EOFError
        times_s = bytearray(protocol.read_exactly(replies, 8 * shape[0]))
        return Video(
            np.frombuffer(frames, np.uint8).reshape(shape),
            np.frombuffer(times_s, np.float64),
            reply["duration_s"],
            reply["decoder"],
        )

    def _checked(self, shape: Any, request: ReadRequest) -> tuple[int, int, int, int]:
        """The shape of frames that are to come: what was taken over by a file may say anything."""
        count, height, width, colours = (int(side) for side in shape)
        in_bounds = 1 <= count <= request.num_frames and colours == 3
        if not in_bounds or not 0 < height * width <= self._limits.max_pixels or height < 1:
            raise ValueError(f"frames of the shape {shape}")
        return count, height, width, colours


def _start() -> subprocess.Popen[bytes]:
    """Starts the worker program with the caller's module path, but not its working folder.

    It gets no variable that sounds like a secret: what a hostile file takes over shall find none.
    """
    home = str(Path(__file__).resolve().parents[2])
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    environment = kept | {
        "PYTHONPATH": os.pathsep.join([home, *(os.path.abspath(p) for p in sys.path if p)]),  # noqa: PTH100
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "xmr_core.media._worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


@contextmanager
def _killed_after(
    process: subprocess.Popen[bytes], seconds: float, timed_out: threading.Event
) -> Iterator[None]:
    """Kills the process if the body takes longer; the body then meets the end of its pipe."""

    def kill() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _stop_all(workers: tuple[_Worker, ...], closed: threading.Event) -> None:
    closed.set()
    for worker in workers:
        worker.stop()
