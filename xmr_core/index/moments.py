"""Mean and spread of a query's inner products with all items, without visiting the items."""

import numpy as np
from numpy.typing import NDArray

_CHUNK_ROWS = 8192


class ScoreMoments:
    """Keeps the mean and the covariance of the items.

    The scores of a query q have mean q.m and variance q'Cq, so a match's sigma costs the same in a
    gallery of a thousand clips as in one of a million.

    Args:
        width: Dimension of the items.
    """

    def __init__(self, width: int) -> None:
        self._count = 0
        # Sums go over the differences from a first guess of the mean: otherwise the variance of
        # cosines that all lie near 0.2 would drown in rounding.
        self._guess = np.zeros(width, dtype=np.float32)
        self._sum = np.zeros(width)
        self._outer = np.zeros((width, width))

    def add(self, items: NDArray[np.float32]) -> None:
        """Counts items in, shape (items, width)."""
        if self._count == 0 and len(items):
            self._guess = items[:_CHUNK_ROWS].mean(axis=0, dtype=np.float64).astype(np.float32)
        for begin in range(0, len(items), _CHUNK_ROWS):
            centred = items[begin : begin + _CHUNK_ROWS] - self._guess
            self._sum += centred.sum(axis=0, dtype=np.float64)
            self._outer += centred.T @ centred
        self._count += len(items)

    def of(self, queries: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each query's scores, shape (queries,); 0 if empty."""
        wide = queries.astype(np.float64)
        mean = self._sum / max(self._count, 1)
        covariance = self._outer / max(self._count, 1) - np.outer(mean, mean)
        variance = np.einsum("qd,qd->q", wide @ covariance, wide)
        return wide @ (mean + self._guess), np.sqrt(np.maximum(variance, 0))
