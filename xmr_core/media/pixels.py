"""Turning and shrinking decoded pictures; the same code for every reader."""

from typing import cast

import numpy as np
from numpy.typing import NDArray


def shrink(frame: NDArray[np.uint8], max_side: int | None) -> NDArray[np.uint8]:
    """Makes the longer side at most `max_side` pixels and keeps the shape of the picture.

    Args:
        frame: RGB, shape (height, width, 3).
        max_side: Pixels; None leaves the picture as it is. Pictures never grow.
    """
    height, width = frame.shape[:2]
    if max_side is None or max(height, width) <= max_side:
        return frame
    from PIL import Image

    scale = max_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC))


def orient(frame: NDArray[np.uint8], matrix: tuple[int, ...] | None) -> NDArray[np.uint8]:
    """Turns and mirrors a picture as its display matrix asks.

    Args:
        frame: RGB, shape (height, width, 3).
        matrix: The first two rows (a, b, u, c, d, v) of an ISO base media matrix, which takes a
            point (x, y), y downwards, to (a x + c y, b x + d y); None for an upright picture.
            Turns that are not a multiple of a right angle go to the nearest one.
    """
    if matrix is None:
        return frame
    a, b, _, c, d, _ = matrix[:6]
    if abs(b) + abs(c) > abs(a) + abs(d):
        frame = cast("NDArray[np.uint8]", frame.swapaxes(0, 1))
        a, d = c, b
    if a < 0:
        frame = frame[:, ::-1]
    if d < 0:
        frame = frame[::-1]
    return np.ascontiguousarray(frame)


def stack(frames: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Joins pictures to (frames, height, width, 3); a stray size is scaled to the first's."""
    from PIL import Image

    height, width = frames[0].shape[:2]
    for i, frame in enumerate(frames):
        if frame.shape[:2] != (height, width):
            resized = Image.fromarray(frame).resize((width, height), Image.Resampling.BICUBIC)
            frames[i] = np.asarray(resized)
    return np.stack(frames)
