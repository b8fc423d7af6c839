"""Which pictures of a video stand for it.

The stretch [start, end) is cut into `num_frames` equal segments, and the centre of each is a wanted
time. The picture for a time is the one that a player shows then: the last whose presentation time
is not later, or the first picture of all if none is. A picture is taken once, so a video with few
pictures gives fewer than `num_frames`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xmr_core.media.limits import cannot_read


def clip_stretch(
    path: Path, duration_s: float, start_s: float, end_s: float | None
) -> tuple[float, float]:
    """The part of [start_s, end_s) that the video has.

    Raises:
        VideoUnavailableError: The video is over before `start_s`.
    """
    if start_s >= duration_s:
        raise cannot_read(
            path, f"the stretch starts at {start_s:.2f} s and the video ends at {duration_s:.2f} s"
        )
    return start_s, duration_s if end_s is None else min(end_s, duration_s)


def centre_times(start_s: float, end_s: float, num_frames: int) -> NDArray[np.float64]:
    """Centres of `num_frames` equal segments of [start_s, end_s), shape (num_frames,)."""
    centres = (np.arange(num_frames, dtype=np.float64) + 0.5) / num_frames
    return np.asarray(start_s + centres * (end_s - start_s), np.float64)


def shown_at(times_s: NDArray[np.float64], wanted_s: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the pictures on the screen at some times, each once, rising.

    Args:
        times_s: Presentation times of all pictures, rising, shape (pictures,).
        wanted_s: Times asked for, shape (wanted,).
    """
    # A time that equals a presentation time up to rounding belongs to that picture.
    indices = np.searchsorted(times_s, wanted_s + 1e-6, side="right") - 1
    return np.unique(np.maximum(indices, 0))
