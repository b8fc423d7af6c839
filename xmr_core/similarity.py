"""Scores between vectors and between codes: higher is better.

The only module besides the losses that may hold a distance. Results are (queries, items) and are
computed in chunks of items, so a memory-mapped gallery is read once and never copied whole.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK_VALUES = 1 << 22


def inner_product_scores(queries: NDArray[Any], items: NDArray[Any]) -> NDArray[np.float32]:
    """Inner products, shape (queries, items). Any float type; computed in float32.

    Raises:
        ValueError: The widths differ.
    """
    _check_widths(queries, items)
    wide = np.ascontiguousarray(queries, dtype=np.float32)
    scores = np.empty((len(queries), len(items)), dtype=np.float32)
    for part in _item_chunks(items):
        np.matmul(wide, np.asarray(items[part], dtype=np.float32).T, out=scores[:, part])
    return scores


def cosine_scores(queries: NDArray[Any], items: NDArray[Any]) -> NDArray[np.float32]:
    """Cosines of the angles, -1 to 1, shape (queries, items); 0 where a vector is zero."""
    _check_widths(queries, items)
    wide = unit_length(queries)
    scores = np.empty((len(queries), len(items)), dtype=np.float32)
    for part in _item_chunks(items):
        np.matmul(wide, unit_length(items[part]).T, out=scores[:, part])
    return scores


def unit_length(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """The vectors scaled to length 1 along the last axis; zero vectors stay zero."""
    wide = np.asarray(vectors, dtype=np.float32)
    lengths = np.sqrt(np.square(wide).sum(axis=-1, keepdims=True))
    lengths[lengths == 0] = 1
    return wide / lengths


def pack_bits(bits: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Packs bits into bytes, first bit lowest: (items, bits) to (items, ceil(bits / 8))."""
    return np.packbits(bits, axis=-1, bitorder="little")


def unpack_bits(codes: NDArray[np.uint8], bits: int) -> NDArray[np.bool_]:
    """The first `bits` bits of packed codes: (items, bytes) to (items, bits)."""
    return np.unpackbits(codes, axis=-1, count=bits, bitorder="little").astype(bool)


def signs(codes: NDArray[np.uint8], bits: int) -> NDArray[np.float32]:
    """Packed codes as vectors of -1 and +1, shape (items, bits)."""
    return unpack_bits(codes, bits).astype(np.float32) * 2 - 1


def hamming_scores(
    queries: NDArray[np.uint8], items: NDArray[np.uint8], bits: int
) -> NDArray[np.int16]:
    """Number of bits on which two codes agree, 0 to `bits`, shape (queries, items).

    Bits minus the Hamming distance, so higher is better.

    Raises:
        ValueError: The codes have different widths, or fewer than `bits` bits.
    """
    _check_widths(queries, items)
    if not 0 < bits <= 8 * queries.shape[1]:
        raise ValueError(f"codes of {8 * queries.shape[1]} bits do not hold {bits} bits")
    left = signs(queries, bits)
    scores = np.empty((len(queries), len(items)), dtype=np.int16)
    for part in _item_chunks(items, bits):
        # +1 for every bit that agrees, -1 for every other: exact in float32.
        scores[:, part] = (bits + left @ signs(items[part], bits).T) / 2
    return scores


def hamming_distance(
    queries: NDArray[np.uint8], items: NDArray[np.uint8], bits: int
) -> NDArray[np.int16]:
    """Number of bits on which two packed codes differ, shape (queries, items)."""
    return np.int16(bits) - hamming_scores(queries, items, bits)


def _item_chunks(items: NDArray[Any], width: int | None = None) -> Iterator[slice]:
    step = max(1, _CHUNK_VALUES // max(width or items.shape[1], 1))
    for begin in range(0, len(items), step):
        yield slice(begin, min(begin + step, len(items)))


def _check_widths(queries: NDArray[Any], items: NDArray[Any]) -> None:
    if queries.ndim != 2 or items.ndim != 2 or queries.shape[1] != items.shape[1]:
        raise ValueError(f"queries {queries.shape} and items {items.shape} must share a width")
