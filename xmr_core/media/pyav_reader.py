"""Reads pictures with PyAV and proves each by its presentation time."""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from xmr_core.media.container import display_matrix, open_video, to_rgb
from xmr_core.media.limits import MediaLimits, cannot_read
from xmr_core.media.pixels import orient, shrink
from xmr_core.media.timeline import Timeline

T = TypeVar("T")


class _SeekMissedError(Exception):
    """A seek ended behind the wanted picture."""


def read_pictures(
    path: Path,
    timeline: Timeline,
    indices: NDArray[np.intp],
    limits: MediaLimits,
    max_side: int | None,
) -> list[NDArray[np.uint8]]:
    """Decodes the pictures at some places of the timeline.

    Args:
        path: The file that the timeline describes.
        timeline: When each picture is shown.
        indices: Rising places in it.
        limits: Bounds on the size and number of decoded pictures.
        max_side: Longer side of the result in pixels, or None.

    Returns:
        For each index a picture, RGB, (height, width, 3).

    Raises:
        VideoUnavailableError: A picture, or one that it needs, is damaged.
    """

    def picture(frame: VideoFrame) -> NDArray[np.uint8]:
        return shrink(orient(to_rgb(frame), display_matrix(frame)), max_side)

    return map_pictures(path, timeline, indices, limits, picture)


def map_pictures(
    path: Path,
    timeline: Timeline,
    indices: NDArray[np.intp],
    limits: MediaLimits,
    take: Callable[[VideoFrame], T],
) -> list[T]:
    """What `take` makes of the pictures at rising places, one after the other; errors as above."""
    try:
        starts = access_points(timeline, indices)
        return _map_from(path, timeline, indices, starts, limits, take)
    except _SeekMissedError:
        starts = np.zeros_like(indices)
        return _map_from(path, timeline, indices, starts, limits, take)


def access_points(timeline: Timeline, indices: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where decoding has to start to reach each picture; 0 is the beginning of the file."""
    places = np.flatnonzero(timeline.access)
    if len(places) == 0 or places[0] != 0:
        places = np.concatenate([np.zeros(1, np.intp), places])
    return places[np.searchsorted(places, indices, side="right") - 1]


def count_decoded(starts: NDArray[np.intp], indices: NDArray[np.intp]) -> int:
    """How many pictures have to be decoded to reach `indices` from `starts`."""
    last = dict(zip(starts.tolist(), indices.tolist(), strict=True))
    return sum(index - start + 1 for start, index in last.items())


def _map_from(
    path: Path,
    timeline: Timeline,
    indices: NDArray[np.intp],
    starts: NDArray[np.intp],
    limits: MediaLimits,
    take: Callable[[VideoFrame], T],
) -> list[T]:
    limits.check_work(path, count_decoded(starts, indices))
    taken: list[T] = []
    container, stream = open_video(path)
    with container:
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = min(4, os.cpu_count() or 1)
        # Without this FFmpeg paints over damage and calls the picture good.
        stream.codec_context.options = {"err_detect": "explode"}
        for start, group in groupby(zip(starts, indices, strict=True), key=lambda pair: pair[0]):
            wanted = [int(timeline.pts[index]) for _, index in group]
            if start > 0:
                container.seek(int(timeline.pts[start]), stream=stream)
            for frame in _walk(path, container, stream, timeline, wanted, sought=start > 0):
                limits.check_picture(path, frame.width, frame.height)
                taken.append(take(frame))
    return taken


def _walk(
    path: Path,
    container: InputContainer,
    stream: VideoStream,
    timeline: Timeline,
    wanted: list[int],
    *,
    sought: bool,
) -> Iterator[VideoFrame]:
    """The pictures shown at the `wanted` presentation times, decoding on from where we are.

    Raises:
        VideoUnavailableError: Damage lies on the way.
        _SeekMissedError: The first picture decoded is already too late.
    """
    todo = iter(wanted)
    want = next(todo)
    shown: VideoFrame | None = None
    flow = _Flow(container, stream)
    for pts, frame in _timed(flow, timeline):
        if shown is None and sought and pts > want:
            raise _SeekMissedError
        if flow.is_damaged and (shown is not None or pts > want):
            break
        # A time without a picture of its own (a hidden one) shows the picture before it.
        while pts >= want:
            yield frame if pts == want or shown is None else shown
            following = next(todo, None)
            if following is None:
                return
            want = following
        shown = frame
    if shown is None and sought:
        raise _SeekMissedError
    if shown is None or flow.is_damaged:
        at_s = want * timeline.time_base_s - timeline.origin_s
        raise cannot_read(path, f"it is damaged, and the picture at {at_s:.2f} s needs that part")
    yield shown
    yield from (shown for _ in todo)


def _timed(frames: Iterable[VideoFrame], timeline: Timeline) -> Iterator[tuple[int, VideoFrame]]:
    """Pictures with their presentation times."""
    if timeline.is_counted:
        yield from zip(timeline.pts.tolist(), frames, strict=False)
    else:
        yield from ((frame.pts, frame) for frame in frames if frame.pts is not None)


class _Flow:
    """The pictures that a decoder gives, and whether it has complained."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self.container, self.stream = container, stream
        self.is_damaged = False

    def __iter__(self) -> Iterator[VideoFrame]:
        try:
            for packet in self.container.demux(self.stream):
                yield from self._decode(packet)
        except av.error.FFmpegError:
            self.is_damaged = True

    def _decode(self, packet: av.Packet) -> Iterator[VideoFrame]:
        try:
            frames = [frame for frame in packet.decode() if isinstance(frame, VideoFrame)]
        except av.error.FFmpegError:
            self.is_damaged = True
            return
        for frame in frames:
            self.is_damaged |= frame.is_corrupt
            yield frame
