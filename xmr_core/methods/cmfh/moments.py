"""Everything CMFH and CCA need to know of the data: counts, means and products, in one pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.features import Features
from xmr_core.progress import Progress, no_progress

Matrix = NDArray[np.float64]

CHUNK_ITEMS = 4096


@dataclass(frozen=True, slots=True)
class Moments:
    """First and second moments of all views, stacked side by side. Moments of shards add up.

    Attributes:
        widths: Width d_t of each view.
        count: Number of items.
        mean: Shape (sum of widths,).
        scatter: Sum over items of (z - mean)(z - mean)', shape (sum of widths, sum of widths).
    """

    widths: tuple[int, ...]
    count: int
    mean: Matrix
    scatter: Matrix

    def __add__(self, other: "Moments") -> "Moments":
        """The moments of both shards together.

        Raises:
            ConfigError: The shards have views of different widths.
        """
        if self.widths != other.widths:
            raise ConfigError(
                f"shards have views of widths {self.widths} and {other.widths};"
                " all shards need the same features"
            )
        count = self.count + other.count
        step = other.mean - self.mean
        between = np.outer(step, step) * (self.count * other.count / count)
        return Moments(
            self.widths,
            count,
            self.mean + step * (other.count / count),
            self.scatter + other.scatter + between,
        )

    @property
    def slices(self) -> tuple[slice, ...]:
        """Where each view stands in `mean` and `scatter`."""
        ends = np.cumsum(self.widths).tolist()
        return tuple(slice(end - w, end) for w, end in zip(self.widths, ends, strict=True))

    def mean_of(self, view: int) -> Matrix:
        """Mean of one view, shape (width,)."""
        return self.mean[self.slices[view]]

    def block(self, view: int, other: int) -> Matrix:
        """X_view X_other', centred, shape (width of view, width of other)."""
        return self.scatter[self.slices[view], self.slices[other]]


def moments_of(shards: Iterable[Sequence[Features]], progress: Progress = no_progress) -> Moments:
    """Reads all shards once, in float64, a few thousand items at a time.

    Each chunk is centred before it is multiplied, so a large mean costs no digits.

    Args:
        shards: For each shard its views; item i of all views of a shard belong together.
        progress: Called like tqdm.

    Raises:
        ConfigError: There is no item, views differ in length, shards in width, or a number is not
            finite.
    """
    total: Moments | None = None
    for views in shards:
        counts = [view.count for view in views]
        if len(set(counts)) > 1:
            raise ConfigError(f"the views have {counts} items; each item needs all views")
        starts = range(0, counts[0], CHUNK_ITEMS)
        for begin in progress(starts, desc="reading features", total=len(starts)):
            part = _chunk_moments(views, begin)
            total = part if total is None else total + part
    if total is None:
        raise ConfigError("there are no items to learn from")
    return total


def _chunk_moments(views: Sequence[Features], begin: int) -> Moments:
    end = min(begin + CHUNK_ITEMS, views[0].count)
    stacked = np.concatenate([view.items(slice(begin, end)) for view in views], axis=1)
    if not np.isfinite(stacked).all():
        raise ConfigError(f"items {begin} to {end - 1} hold a number that is not finite")
    mean = stacked.mean(axis=0)
    stacked -= mean
    # A product of a matrix with its own transpose: half the work of any other.
    scatter = stacked.T @ stacked
    return Moments(tuple(view.width for view in views), end - begin, mean, scatter)
