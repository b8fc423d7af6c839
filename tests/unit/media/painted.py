"""Videos whose every picture carries its number, so that a test knows which picture it holds."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 176, 96
_BITS = 10


def paint(number: int) -> np.ndarray:
    """A picture with `number` as a row of ten black or white fields, and a moving bar."""
    frame = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    frame[52:92, number * 3 % 150 : number * 3 % 150 + 20] = (250, 200, 30)
    for bit in range(_BITS):
        frame[8:40, 8 + 16 * bit : 24 + 16 * bit] = 255 * (number >> bit & 1)
    return frame


def number_of(frame: np.ndarray) -> int:
    """Reads the number of a picture of any size made by `paint`."""
    scale = frame.shape[1] / WIDTH
    fields = [
        frame[int(16 * scale) : int(32 * scale), int(left * scale) : int((left + 8) * scale)]
        for left in range(12, 12 + 16 * _BITS, 16)
    ]
    return sum(int(field.mean() > 127) << bit for bit, field in enumerate(fields))


def write_painted(
    path: Path,
    times_ms: list[int],
    *,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    format: str | None = None,
    matrix: tuple[int, ...] | None = None,
    b_frames: int | None = None,
) -> Path:
    """Writes picture k at `times_ms[k]`, with a key picture every 12."""
    with av.open(str(path), "w", format=format, options=container or {}) as file:
        stream = file.add_stream(codec, rate=Fraction(25), options=options or {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = 12
        if b_frames is not None:
            stream.codec_context.max_b_frames = b_frames
        if matrix is not None:
            stream.set_display_matrix(matrix)
        for number, time_ms in enumerate(times_ms):
            frame = av.VideoFrame.from_ndarray(paint(number), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def write_sound(path: Path) -> Path:
    """One second of silence."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path
