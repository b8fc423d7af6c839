"""Exact Hamming search over packed binary codes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.index.moments import ScoreMoments
from xmr_core.index.ties import settled_search
from xmr_core.similarity import pack_bits, signs, unpack_bits


class BinaryIndex:
    """FAISS `IndexBinaryFlat`; the score is the number of bits that agree.

    Args:
        bits: Length of the codes; items and queries are uint8 of shape (items, ceil(bits / 8)),
            first bit lowest, as `similarity.pack_bits` packs them.
        part: Part of the embeddings that this index holds.
    """

    def __init__(self, bits: int, part: str = "code") -> None:
        import faiss

        self.part = part
        self._bits = bits
        self._faiss = faiss.IndexBinaryFlat(8 * -(-bits // 8))
        self._moments = ScoreMoments(bits)

    def __len__(self) -> int:
        return self._faiss.ntotal

    def add(self, vectors: NDArray[np.uint8]) -> None:
        """Appends packed codes.

        Raises:
            ValueError: The codes are not uint8 or not of this length.
        """
        codes = self._codes(vectors)
        if len(codes):
            self._faiss.add(codes)  # pyright: ignore[reportCallIssue]
            self._moments.add(signs(codes, self._bits))

    def search(
        self, queries: NDArray[np.uint8], k: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The `k` best items of every query; see `Index.search`."""
        codes = self._codes(queries)

        def find(some: NDArray[np.int64], count: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
            distance, positions = self._faiss.search(codes[some], count)  # pyright: ignore[reportCallIssue]
            return (self._bits - distance).astype(np.float32), positions

        return settled_search(
            find,
            None,
            num_queries=len(codes),
            num_items=len(self),
            k=k,
            tolerance=np.zeros(len(codes)),
        )

    def moments(
        self, queries: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each query's scores over all items."""
        mean, spread = self._moments.of(signs(self._codes(queries), self._bits))
        # The product of two sign vectors is agreeing bits minus the others.
        return (mean + self._bits) / 2, spread / 2

    def _codes(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        width = -(-self._bits // 8)
        if codes.dtype != np.uint8 or codes.ndim != 2 or codes.shape[1] != width:
            raise ValueError(
                f"codes {codes.dtype} {codes.shape} are not uint8 of width {width} "
                f"for {self._bits} bits"
            )
        # Bits beyond the length must not count.
        return np.ascontiguousarray(pack_bits(unpack_bits(codes, self._bits)))
