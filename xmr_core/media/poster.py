"""Still pictures of clips: a poster, small frames for a card, and a strip of all frames."""

import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xmr_core.media.pixels import shrink

_QUALITY = 80
STILLS = 3
"""Small frames that a gallery keeps of a clip."""
STILL_SIDE = 240
"""Their longer side in pixels."""


def write_poster(frame: NDArray[np.uint8], path: Path) -> None:
    """Writes one frame as WebP; a file that was there is replaced only when all is written.

    Args:
        frame: RGB, shape (height, width, 3).
        path: Where to.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(_webp(Image.fromarray(frame)))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_stills(frames: NDArray[np.uint8], folder: Path, name: str) -> None:
    """Writes small frames from the first, the second and the last third as "<name>.<n>.webp".

    Args:
        frames: RGB, shape (frames, height, width, 3); of fewer than three each is written once.
        folder: Where to.
        name: What the files are called before their number.
    """
    thirds = range(1, 2 * STILLS, 2)
    places = sorted({len(frames) * third // (2 * STILLS) for third in thirds})
    for number, place in enumerate(places):
        small = shrink(frames[place], STILL_SIDE)
        write_poster(small, folder / f"{name}.{number}.webp")


def strip_webp(frames: NDArray[np.uint8], cell_width: int) -> bytes:
    """All frames side by side in one row, as WebP.

    Args:
        frames: RGB, shape (frames, height, width, 3), at least one.
        cell_width: Width of each frame in the strip, in pixels; the height follows. All frames
            together must fit into the 16,383 pixels that WebP allows.

    Raises:
        ValueError: There are no frames, or the strip would be too wide.
    """
    count, height, width, _ = frames.shape
    if count == 0 or not 1 <= count * cell_width <= 16_383:
        raise ValueError(f"a strip of {count} frames of {cell_width} pixels cannot be WebP")
    size = (cell_width, max(1, round(height * cell_width / width)))
    strip = Image.new("RGB", (count * size[0], size[1]))
    for i, frame in enumerate(frames):
        cell = Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC)
        strip.paste(cell, (i * size[0], 0))
    return _webp(strip)


def _webp(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY)
    return buffer.getvalue()
