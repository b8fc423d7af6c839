"""Exact inner product over float vectors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.index.moments import ScoreMoments
from xmr_core.index.ties import settled_search

_ROUNDING = 1e-5
"""Largest error of a float32 inner product of unit vectors, with room to spare."""


class FloatIndex:
    """FAISS `IndexFlatIP`, made independent of how queries are batched.

    FAISS computes a score by one routine for few queries and by another for many, which differ in
    the last bit. The candidates are therefore scored again in one fixed order of additions, so
    equal vectors have equal scores and a query gets the same answer alone and in a batch.

    Args:
        width: Dimension of the vectors.
        part: Part of the embeddings that this index holds.
    """

    def __init__(self, width: int, part: str = "global") -> None:
        import faiss

        self.part = part
        self._faiss = faiss.IndexFlatIP(width)
        self._moments = ScoreMoments(width)
        self._longest = 0.0

    def __len__(self) -> int:
        return self._faiss.ntotal

    def add(self, vectors: NDArray[Any]) -> None:
        """Appends vectors of any float type, shape (items, width).

        Raises:
            ValueError: The width differs, or a value is not a finite number.
        """
        rows = self._rows(vectors)
        if not len(rows):
            return
        self._faiss.add(rows)  # pyright: ignore[reportCallIssue]
        self._moments.add(rows)
        self._longest = max(self._longest, float(np.linalg.norm(rows, axis=1).max()))

    def search(
        self, queries: NDArray[Any], k: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The `k` best items of every query; see `Index.search`."""
        rows = self._rows(queries)
        lengths = np.linalg.norm(rows, axis=1)
        return settled_search(
            lambda some, count: self._faiss.search(rows[some], count),  # pyright: ignore[reportCallIssue]
            lambda some, positions: self._exact(rows[some], positions),
            num_queries=len(rows),
            num_items=len(self),
            k=k,
            tolerance=_ROUNDING * self._longest * lengths,
        )

    def moments(self, queries: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each query's scores over all items."""
        return self._moments.of(self._rows(queries))

    def _exact(
        self, queries: NDArray[np.float32], positions: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Inner products of each query with its own candidates, shape of `positions`."""
        import faiss

        stored = faiss.rev_swig_ptr(self._faiss.get_xb(), len(self) * self._faiss.d)
        items = stored.reshape(len(self), self._faiss.d)
        scores = np.empty(positions.shape, dtype=np.float32)
        for row, candidates in enumerate(positions):
            np.einsum("d,id->i", queries[row], items[candidates], out=scores[row])
        return scores

    def _rows(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if rows.ndim != 2 or rows.shape[1] != self._faiss.d:
            raise ValueError(f"vectors {rows.shape} do not have the width {self._faiss.d}")
        if not np.isfinite(rows).all():
            raise ValueError("a vector holds NaN or infinity")
        return rows
