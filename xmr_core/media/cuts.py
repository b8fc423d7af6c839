"""Where to cut a long video, so that a match points to its moment.

Two ways. Windows have one length and overlap, so that what happens at a border lies whole in one of
them. Shots end where the colours of the picture change at once; what is still long after that (an
interview, a lecture, a slow fade, which is not found) is cut into windows.

The detector is our own because a library for it (PySceneDetect) brings OpenCV, which is larger than
all our decoders together.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import ConfigError

Stretch = tuple[float, float]

_NEIGHBOURS = 6
_LEAST_CHANGE = 0.18
_TIMES_NEIGHBOURS = 3.0


@dataclass(frozen=True, slots=True)
class Cutting:
    """How long videos become several clips.

    Attributes:
        kind: "none" keeps every video whole; "windows" and "shots" see the module.
        longer_than_s: Only videos longer than this are cut. Most clips of the data sets that
            models learn from last 10 to 30 s, so a minute is the most that a dozen frames can
            stand for.
        window_s: Length of a window.
        overlap_s: What two windows share at least.
        shortest_shot_s: A shot that is shorter belongs to the one before it.
    """

    kind: Literal["none", "windows", "shots"] = "windows"
    longer_than_s: float = 60.0
    window_s: float = 20.0
    overlap_s: float = 5.0
    shortest_shot_s: float = 2.0

    def __post_init__(self) -> None:
        """Refuses windows that would never reach the end.

        Raises:
            ConfigError: A length cannot work.
        """
        if not 0 < self.window_s <= self.longer_than_s:
            raise ConfigError(
                f"window_s must be above 0 and at most longer_than_s = {self.longer_than_s:g}, "
                f"got {self.window_s:g}."
            )
        if not 0 <= self.overlap_s <= 0.75 * self.window_s:
            raise ConfigError(
                f"overlap_s must be 0 to three quarters of window_s = {self.window_s:g}, "
                f"got {self.overlap_s:g}."
            )

    def windows(self, start_s: float, end_s: float) -> tuple[Stretch, ...]:
        """Windows over [start_s, end_s), spread evenly, or all of it where one is enough."""
        length_s = end_s - start_s
        if length_s <= self.longer_than_s:
            return ((start_s, end_s),)
        step_s = self.window_s - self.overlap_s
        count = int(np.ceil((length_s - self.window_s) / step_s - 1e-9)) + 1
        starts_s = np.linspace(start_s, end_s - self.window_s, count)
        return tuple((round(s, 3), round(s + self.window_s, 3)) for s in starts_s.tolist())

    def shots(
        self, duration_s: float, times_s: NDArray[np.float64], changes: NDArray[np.float32]
    ) -> tuple[Stretch, ...]:
        """Shots of a video of this length, from the changes of its pictures (`picture_changes`)."""
        borders = [0.0]
        for time_s in times_s[sudden(changes)].tolist():
            if time_s - borders[-1] >= self.shortest_shot_s:
                borders.append(round(time_s, 3))
        if len(borders) > 1 and duration_s - borders[-1] < self.shortest_shot_s:
            borders.pop()
        borders.append(duration_s)
        return tuple(
            part for start_s, end_s in pairwise(borders) for part in self.windows(start_s, end_s)
        )


def sudden(changes: NDArray[np.float32]) -> NDArray[np.intp]:
    """Where a change is large and far larger than those around it, as at a cut.

    Args:
        changes: How much each picture differs from the one before it, 0 to 1.
    """
    if not len(changes):
        return np.zeros(0, np.intp)
    width = 2 * _NEIGHBOURS + 1
    around = np.lib.stride_tricks.sliding_window_view(np.pad(changes, _NEIGHBOURS), width).copy()
    around[:, _NEIGHBOURS] = 0
    # The second largest, so that a flash of one picture or two cuts close together do not hide it.
    usual = np.partition(around, width - 2, axis=1)[:, width - 2]
    return np.flatnonzero((changes >= _LEAST_CHANGE) & (changes >= _TIMES_NEIGHBOURS * usual))
