"""Exact nearest neighbours of float vectors and of packed binary codes.

An index holds one part of a gallery's embeddings and answers with scores and positions, higher is
better, equal scores in the order of the items. NumPy in, NumPy out. FAISS does the work.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from xmr_core.index.binary import BinaryIndex
from xmr_core.index.flat import FloatIndex

__all__ = ["BinaryIndex", "FloatIndex", "Index"]


class Index(Protocol):
    """What search needs of an index."""

    part: str
    """Part of the embeddings that it holds: "global" or "code"."""

    def add(self, vectors: NDArray[Any]) -> None:
        """Appends items; their positions go on from those there are."""
        ...

    def search(
        self, queries: NDArray[Any], k: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The `k` best items of every query, best first, equal scores by position.

        Returns:
            Scores and positions, both of shape (queries, min(k, items)).
        """
        ...

    def moments(self, queries: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each query's scores over all items, shape (queries,)."""
        ...

    def __len__(self) -> int: ...
