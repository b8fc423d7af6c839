"""What cutting a video needs to know of it: how long it is, and how its pictures change."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xmr_core.media.limits import MediaLimits

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_SMALL = (32, 24)
_BINS = 16
_REACHED_WITHIN_S = 120.0


def video_length(path: Path, limits: MediaLimits) -> tuple[float, bool]:
    """Length of a file in seconds, 0 for a picture, and whether it can be read in pieces.

    It can if every piece can be reached in reasonable time: decoding may start at some picture
    every two minutes, or the file is no longer than that.

    Raises:
        VideoUnavailableError: It cannot be read.
    """
    from xmr_core.media import stills
    from xmr_core.media.timeline import known_timeline

    limits.check_file(path)
    picture = stills.open_picture(path, limits)
    if picture is not None:
        picture.close()
        return 0.0, False
    timeline = known_timeline(path, limits)
    starts = max(1, int(timeline.access.sum()))
    return timeline.duration_s, timeline.duration_s <= _REACHED_WITHIN_S * starts


def picture_changes(
    path: Path, start_s: float, end_s: float, limits: MediaLimits
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """How much each picture shown in [start_s, end_s) differs from the one before it.

    Half the difference of the colour histograms (16 levels of red, green and blue each, of the
    picture at 32 x 24), 0 to 1. Pictures are decoded one after the other and only the last is kept.

    Returns:
        Times and changes, both of shape (pictures,); the first picture of a video has change 0.

    Raises:
        VideoUnavailableError: Something on the way is damaged.
    """
    from xmr_core.media import pyav_reader
    from xmr_core.media.timeline import known_timeline

    timeline = known_timeline(path, limits)
    shown_s = timeline.times_s
    chosen = np.flatnonzero((shown_s >= start_s) & (shown_s < end_s))
    if not len(chosen):
        return np.zeros(0), np.zeros(0, np.float32)
    first = max(int(chosen[0]) - 1, 0)
    indices = np.arange(first, chosen[-1] + 1)
    histograms = np.stack(pyav_reader.map_pictures(path, timeline, indices, limits, _histogram))
    changes = 0.5 * np.abs(np.diff(histograms, axis=0)).sum(axis=1)
    if first == int(chosen[0]):
        changes = np.concatenate([np.zeros(1), changes])
    return shown_s[chosen], changes.astype(np.float32)


def _histogram(frame: "VideoFrame") -> NDArray[np.float64]:
    """Shares of the levels of each colour, shape (3 * 16,), with sum 1.

    A colour between two levels counts for both, so that a slow fade never jumps from one to the
    next.
    """
    small = frame.reformat(*_SMALL, format="rgb24", interpolation="AREA").to_ndarray()
    levels = small.reshape(-1, 3) * ((_BINS - 1) / 255)
    lower = np.minimum(levels.astype(np.int64), _BINS - 2)
    upper_share = (levels - lower).ravel()
    places = (lower + np.arange(3) * _BINS).ravel()
    counts = np.bincount(places, 1 - upper_share, minlength=3 * _BINS)
    counts += np.bincount(places + 1, upper_share, minlength=3 * _BINS)
    return counts / counts.sum()
