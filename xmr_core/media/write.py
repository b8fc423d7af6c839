"""Writing H.264 files that every browser plays."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

# ITU-R BT.709, named in the file so that no player has to guess how to turn it into RGB.
_BT709 = 1


def write_mp4(
    path: Path, frames: UInt8[np.ndarray, "frames height width 3"], fps: int, crf: int = 23
) -> None:
    """Writes frames as H.264 in yuv420p, the index first, so that a page can start at once.

    The file appears under its name only when it is complete. The same frames, settings and
    version of x264 give the same bytes.

    Args:
        path: Where to; an existing file is replaced.
        frames: RGB, 0 to 255; width and height must be even.
        fps: Frames per second.
        crf: Quality of x264, 0 (lossless) to 51; 18 can hardly be told from the original.

    Raises:
        ValueError: There are no frames, or a side is odd.
    """
    import av
    from av.video.reformatter import ColorRange, Colorspace

    count, height, width, _ = frames.shape
    if not count or height % 2 or width % 2:
        raise ValueError(f"H.264 needs frames with even sides, not {count} of {width}x{height}")
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        container = av.open(
            str(partial),
            "w",
            format="mp4",
            options={"movflags": "+faststart", "fflags": "+bitexact"},
        )
        with container:
            stream = container.add_stream("libx264", rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.time_base = Fraction(1, fps)
            # One thread: with several, the split of a frame depends on the machine.
            stream.options = {
                "preset": "slower",
                "crf": str(crf),
                "tune": "animation",
                "threads": "1",
            }
            codec = stream.codec_context
            codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
            codec.color_range = ColorRange.MPEG
            for picture in frames:
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                frame = frame.reformat(
                    format="yuv420p",
                    dst_colorspace=Colorspace.ITU709,
                    dst_color_range=ColorRange.MPEG,
                )
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
