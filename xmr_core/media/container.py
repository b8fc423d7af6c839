"""Small questions to a media file that is open in PyAV."""

from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.filter import Graph
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from xmr_core.media.limits import cannot_read

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,live_flv,mpeg,mpegts,mpegvideo,ogg,gif,apng"
    ",h264,hevc,av1,obu,ivf,m4v,mjpeg,yuv4mpegpipe,dv,mxf,rm,nut,wtv,wav,mp3,aac,flac"
)
"""Containers that are read: none that names other files or addresses, as playlists do."""

_ALONE = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """Opens a file and finds its video; cover art of a song is not a video.

    Nothing but this file is opened: a playlist (HLS, DASH, concat) under whatever name is refused.

    Raises:
        VideoUnavailableError: It is no media file, has no video, or a codec unknown here.
    """
    try:
        container = av.open(str(path), options=_ALONE, metadata_errors="replace")
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


def display_matrix(frame: VideoFrame) -> tuple[int, ...] | None:
    """The display matrix that came with a picture, or None."""
    data = cast(Any, frame.side_data).get("DISPLAYMATRIX")
    return None if data is None else tuple(np.frombuffer(bytes(data), np.int32).tolist())


def to_rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    """The colours of a picture by the matrix and range that it states, shape (height, width, 3).

    By FFmpeg's own filters, as decord and the ffmpeg program do it: PyAV's shorter way places the
    colours of pictures with more than 8 bits half a pixel off.
    """
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1),
    )
    chain = (graph.add("scale", "flags=bicubic"), graph.add("format", "rgb24"))
    graph.link_nodes(source, *chain, graph.add("buffersink")).configure()
    graph.push(frame)
    return cast(VideoFrame, graph.pull()).to_ndarray().astype(np.uint8, copy=False)


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
