"""Small questions to a media file that is open in PyAV."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import Type as SideDataType
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from xmr_core.media.limits import cannot_read


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """Opens a file and finds its video; cover art of a song is not a video.

    Raises:
        VideoUnavailableError: It is no media file, has no video, or a codec unknown here.
    """
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise cannot_read(path, "it is not a video or image file, or it is damaged") from error
    stream = next(
        (s for s in container.streams.video if Disposition.attached_pic not in s.disposition), None
    )
    if stream is None:
        container.close()
        raise cannot_read(path, "it holds no video, only sound or other data")
    if stream.codec_context is None:  # pyright: ignore[reportUnnecessaryComparison]
        container.close()
        raise cannot_read(path, "no decoder for its video is known here")
    return container, stream


def numbered(frames: Iterable[VideoFrame], stream: VideoStream) -> Iterator[tuple[int, VideoFrame]]:
    """Pictures with their presentation times; counted where a raw stream has none."""
    tick = 1 / ((stream.average_rate or 25) * (stream.time_base or 1))
    for count, frame in enumerate(frames):
        yield (frame.pts if frame.pts is not None else round(count * tick)), frame


def display_matrix(frame: VideoFrame) -> tuple[int, ...] | None:
    """The display matrix that came with a picture, or None."""
    data = cast(Any, frame.side_data).get(SideDataType.DISPLAYMATRIX)
    return None if data is None else tuple(np.frombuffer(bytes(data), np.int32).tolist())


def is_access_point(packet: Packet, stream: VideoStream) -> bool:
    """Whether decoding can start at a key picture.

    H.264 files also mark pictures from which a decoder only recovers bit by bit; of those, an IDR
    picture (NAL unit type 5) is the one that truly starts afresh.
    """
    if stream.codec_context.codec.canonical_name != "h264":
        return True
    header = stream.codec_context.extradata or b""
    data = bytes(packet)
    if header[:1] != b"\x01" or len(header) < 5:
        return any(unit[:1] and unit[0] & 31 == 5 for unit in data.split(b"\x00\x00\x01")[1:])
    length_size, at = (header[4] & 3) + 1, 0
    while at + length_size < len(data):
        size = int.from_bytes(data[at : at + length_size], "big")
        if data[at + length_size] & 31 == 5:
            return True
        at += length_size + size
    return False
