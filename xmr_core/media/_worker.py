"""The program that decodes for `worker.MediaReader`: requests come in on stdin, frames go out.

A message is four bytes, the length of a JSON object (little-endian), and the object. A reply with
frames is followed by their bytes and those of their times. There is no pickle: a decoder that was
taken over by a hostile file can send wrong pictures, but run nothing in the parent.
"""

import contextlib
import json
import os
import queue
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from xmr_core.errors import VideoUnavailableError
from xmr_core.media.changes import picture_changes, video_length
from xmr_core.media.frames import sample_frames
from xmr_core.media.limits import MediaLimits
from xmr_core.media.readers import load_decoders

_LENGTH = struct.Struct("<I")
_LONGEST_MESSAGE = 1 << 25  # how much the pictures of an hour differ takes a tenth of it


def write_message(stream: BinaryIO, message: dict[str, Any], *parts: memoryview) -> None:
    """Sends an object and the raw bytes that belong to it."""
    text = json.dumps(message).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for part in parts:
        stream.write(part)
    stream.flush()


def read_message(stream: BinaryIO) -> dict[str, Any]:
    """Receives an object.

    Raises:
        EOFError: The other side is gone.
        ValueError: It sends nonsense.
    """
    (length,) = _LENGTH.unpack(read_exactly(stream, _LENGTH.size))
    if length > _LONGEST_MESSAGE:
        raise ValueError(f"a message of {length:,} bytes")
    return json.loads(read_exactly(stream, length))


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Receives `size` bytes. Raises `EOFError` if the other side is gone."""
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def main() -> None:
    """Answers requests until stdin ends."""
    # Ctrl-C reaches every process of a terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A C library that prints must not print into the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    limits = MediaLimits(**requests.get())
    load_decoders()
    _bound_resources(limits.max_memory_bytes)
    write_message(replies, {"ready": True})
    while True:
        _answer(requests.get(), limits, replies)


def _listen(requests: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Takes requests in a thread of its own, so that the parent's end also ends a long decode."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            requests.put(read_message(sys.stdin.buffer))
    os._exit(0)


def _answer(request: dict[str, Any], limits: MediaLimits, replies: BinaryIO) -> None:
    path = Path(request.pop("path"))
    task = request.pop("task")
    try:
        if task != "frames":
            write_message(replies, {"answer": _TASKS[task](path, limits=limits, **request)})
            return
        video = sample_frames(path, limits=limits, **request)
    except VideoUnavailableError as error:
        write_message(replies, {"unavailable": str(error)})
    except Exception:
        write_message(replies, {"bug": traceback.format_exc()})
    else:
        header = {
            "shape": video.frames.shape,
            "duration_s": video.duration_s,
            "decoder": video.decoder,
        }
        frames = np.ascontiguousarray(video.frames)
        write_message(replies, header, frames.data.cast("B"), video.times_s.data.cast("B"))


def _length(path: Path, limits: MediaLimits) -> tuple[float, bool]:
    return video_length(path, limits)


def _changes(
    path: Path, limits: MediaLimits, start_s: float, end_s: float
) -> tuple[list[float], list[float]]:
    times_s, changes = picture_changes(path, start_s, end_s, limits)
    return times_s.tolist(), changes.tolist()


_TASKS: dict[str, Callable[..., Any]] = {"length": _length, "changes": _changes}


def _bound_resources(max_bytes: int) -> None:
    """Lets a picture bomb fail here instead of bringing the machine to its knees.

    Nothing is written to the disk either: no file, no image of the memory after a crash.
    """
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, max_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
