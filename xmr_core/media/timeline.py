"""What a video file holds, read from its packets: when each picture is shown, where one can start.

Only the container is read and one picture decoded, which takes milliseconds for a clip. PyAV does
it for every reader, so that all agree on times and on which part of a damaged file is missing.
Time 0 is where a player's clock starts.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from xmr_core.media.container import display_matrix, is_access_point, open_video
from xmr_core.media.limits import MediaLimits, cannot_read

SEEKABLE = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"})
"""Containers with an index of key pictures; the others are decoded from their beginning."""

_TIMED = SEEKABLE | {"mpegts", "flv", "gif"}
"""Containers whose packets carry the presentation times."""

_MISSING_TAIL_S = 0.25
"""A container may announce a little more than it holds; this much more means that it was cut."""

_FIRST_PICTURE_WITHIN = 100
"""Packets in which a picture must come for its display matrix to count."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The pictures of a video in the order in which they are shown.

    Attributes:
        container: FFmpeg's name of the container format.
        codec: FFmpeg's name of the codec.
        width: Pixels as stored, before any turn.
        height: Pixels as stored.
        num_streams: Number of video streams.
        pts: Presentation times in units of `time_base_s`, rising, shape (pictures,). Of a damaged
            file only the pictures that are there.
        is_counted: The container does not tell the times, so the k-th picture that a decoder gives
            is picture k, whatever time it claims.
        time_base_s: Seconds.
        origin_s: The player's zero on the scale of `pts`.
        duration_s: Length of the video; of a damaged file, what it announces.
        access: Whether decoding may start at the picture, shape (pictures,).
        closed: No picture refers across a key picture, and all key pictures are access points.
        matrix: Display matrix of the first picture, or None.
        missing_after_s: Where a damaged file breaks off, or None for a whole one.
    """

    container: str
    codec: str
    width: int
    height: int
    num_streams: int
    pts: NDArray[np.int64]
    is_counted: bool
    time_base_s: float
    origin_s: float
    duration_s: float
    access: NDArray[np.bool_]
    closed: bool
    matrix: tuple[int, ...] | None
    missing_after_s: float | None

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Presentation times on the player's clock, shape (pictures,)."""
        return np.asarray(self.pts * self.time_base_s - self.origin_s, np.float64)


def known_timeline(path: Path, limits: MediaLimits) -> Timeline:
    """`read_timeline`, not repeated while one file is read stretch by stretch.

    Raises:
        VideoUnavailableError: As there.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise cannot_read(path, "there is no such file") from error
    return _timeline(path, limits, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1)
def _timeline(path: Path, limits: MediaLimits, *version: int) -> Timeline:
    return read_timeline(path, limits)


def read_timeline(path: Path, limits: MediaLimits) -> Timeline:
    """Reads the packets of a video file and decodes its first picture.

    Raises:
        VideoUnavailableError: The file is no video, nothing of it can be decoded, or it exceeds
            a limit.
    """
    container, stream = open_video(path)
    with container:
        limits.check_picture(path, stream.codec_context.width, stream.codec_context.height)
        limits.check_duration(path, (container.duration or 0) / av.time_base)
        scan = _Scan(container, stream)
        if container.format.name not in _TIMED or not scan.has_times:
            scan.entries = _decode_all(path, scan.dts, limits)
            scan.is_counted, scan.seekable = True, False
        return scan.timeline(path, limits)


@dataclass(slots=True)
class _Entry:
    """One packet of the video stream."""

    pts: int
    duration: int
    is_key: bool
    is_access: bool
    is_shown: bool


class _Scan:
    """All packets of a file, and its first picture."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self.container, self.stream = container, stream
        self.seekable = container.format.name in SEEKABLE
        self.entries: list[_Entry] = []
        self.first: VideoFrame | None = None
        self.has_times = True
        self.num_packets = 0
        self.last_end_s = 0.0
        self.dts: list[int] = []
        self.is_counted = False
        self.broke = False
        stream.codec_context.thread_count = 1  # more threads would only delay the first picture
        try:
            for packet in container.demux():
                self._take(packet)
        except av.error.FFmpegError:
            self.broke = True

    def _take(self, packet: Packet) -> None:
        if packet.size == 0:  # the end: a decoder that waited for more gives what it has
            if packet.stream is self.stream and self.first is None:
                self._decode_first(packet)
            return
        end = packet.pts if packet.pts is not None else packet.dts
        if end is not None and packet.time_base is not None:
            end_s = float((end + (packet.duration or 0)) * packet.time_base)
            self.last_end_s = max(self.last_end_s, end_s)
        if packet.stream is not self.stream:
            return
        if packet.is_corrupt:
            self.broke = True
            return
        self.num_packets += 1
        if packet.dts is not None:
            self.dts.append(packet.dts)
        if self.first is None and self.num_packets <= _FIRST_PICTURE_WITHIN:
            self._decode_first(packet)
        if packet.pts is None:
            self.has_times = False
        else:
            self.entries.append(
                _Entry(
                    packet.pts,
                    packet.duration or 0,
                    packet.is_keyframe,
                    packet.is_keyframe and is_access_point(packet, self.stream),
                    not packet.is_discard,
                )
            )

    def _decode_first(self, packet: Packet) -> None:
        try:
            self.first = next((f for f in packet.decode() if isinstance(f, VideoFrame)), None)
        except av.error.FFmpegError:
            self.first = None  # a recording may begin in the middle

    def timeline(self, path: Path, limits: MediaLimits) -> Timeline:
        """Puts the packets into the order in which they are shown."""
        keys = [i for i, entry in enumerate(self.entries) if entry.is_key]
        # What comes before the first key picture refers to pictures that are not in the file.
        entries = self.entries[keys[0] :] if keys else self.entries
        shown = sorted((e for e in entries if e.is_shown), key=lambda entry: entry.pts)
        if not shown:
            raise cannot_read(path, "no picture of it can be decoded; it may be cut off or damaged")
        pts = np.array([entry.pts for entry in shown], np.int64)
        time_base_s = float(self.stream.time_base or 1)
        origin_s = self._origin_s(float(pts[0]) * time_base_s)
        end_s = self._end_s(shown, time_base_s) - origin_s
        announced_s = self._announced_s(origin_s, end_s)
        cut = self.broke or announced_s is not None
        # Later packets are decoded later, so nothing shown before this moment can be missing.
        sure_s = self.dts[-1] * time_base_s - origin_s if self.dts else end_s
        duration_s = end_s if announced_s is None else announced_s
        limits.check_duration(path, duration_s)
        context = self.stream.codec_context
        return Timeline(
            container=self.container.format.name,
            codec=context.codec.canonical_name,
            width=context.width,
            height=context.height,
            num_streams=len(self.container.streams.video),
            pts=pts,
            is_counted=self.is_counted,
            time_base_s=time_base_s,
            origin_s=origin_s,
            duration_s=duration_s,
            access=np.array([entry.is_access and self.seekable for entry in shown]),
            closed=self.seekable and _is_closed(entries),
            matrix=None if self.first is None else display_matrix(self.first),
            missing_after_s=min(max(sure_s, 0.0), end_s) if cut else None,
        )

    def _origin_s(self, first_s: float) -> float:
        """The player's zero: the start of the file, but not before 0 nor after its pictures."""
        start_s = (self.container.start_time or 0) / av.time_base
        return min(max(start_s, 0.0), first_s)

    def _end_s(self, shown: list[_Entry], time_base_s: float) -> float:
        last = shown[-1]
        if last.duration > 0:
            return (last.pts + last.duration) * time_base_s
        if len(shown) > 1:  # the last picture stays as long as the one before it
            return (2 * last.pts - shown[-2].pts) * time_base_s
        return last.pts * time_base_s + 1 / float(self.stream.average_rate or 25)

    def _announced_s(self, origin_s: float, end_s: float) -> float | None:
        """The length that a cut-off file announces, or None for a file that is all there."""
        if "mov" in self.container.format.name and self.stream.frames > 0:
            if self.num_packets >= self.stream.frames:
                return None
            announced_s = float((self.stream.duration or 0) * (self.stream.time_base or 0))
        else:
            announced_s = (self.container.duration or 0) / av.time_base
            if self.container.format.name == "matroska,webm":
                announced_s -= origin_s
            if announced_s < self.last_end_s - origin_s + _MISSING_TAIL_S:
                return None
        return max(announced_s, end_s)


def _is_closed(entries: list[_Entry]) -> bool:
    """Whether every picture is shown, and none before the key picture it follows in the file."""
    key_pts = entries[0].pts
    for entry in entries:
        if entry.is_key:
            key_pts = entry.pts
        if entry.pts < key_pts or not entry.is_shown or (entry.is_key and not entry.is_access):
            return False
    return True


def _decode_all(path: Path, dts: list[int], limits: MediaLimits) -> list[_Entry]:
    """Finds the presentation times by decoding, for containers that do not tell them.

    AVI has only decoding times, and the k-th picture to be shown is shown at the k-th of them. Raw
    streams have none, and their pictures are counted.
    """
    pts: list[int | None] = []
    container, stream = open_video(path)
    with container:
        stream.thread_type = "AUTO"
        tick = 1 / ((stream.average_rate or 25) * (stream.time_base or 1))
        try:
            for frame in container.decode(stream):
                pts.append(frame.pts)
                limits.check_work(path, len(pts))
        except av.error.FFmpegError:
            pass  # the reader meets the same damage and says so if a wanted picture is behind it
    known = [time for time in pts if time is not None]
    if len(dts) == len(pts):
        known = sorted(dts)
    elif len(known) < len(pts) or any(late <= early for early, late in pairwise(known)):
        known = [round(count * tick) for count in range(len(pts))]
    return [_Entry(time, 0, count == 0, False, True) for count, time in enumerate(known)]
