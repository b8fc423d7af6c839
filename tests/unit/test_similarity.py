"""Scores between vectors and codes against the plainest way to compute them."""

import numpy as np
import pytest

from xmr_core.similarity import (
    cosine_scores,
    hamming_distance,
    hamming_scores,
    inner_product_scores,
    pack_bits,
    unpack_bits,
)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr("xmr_core.similarity._CHUNK_VALUES", 24)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_inner_products_and_cosines(dtype):
    generator = np.random.default_rng(0)
    queries = generator.standard_normal((3, 8)).astype(dtype)
    items = generator.standard_normal((11, 8)).astype(dtype)
    naive = [
        [sum(float(a) * float(b) for a, b in zip(q, v, strict=True)) for v in items]
        for q in queries
    ]
    assert inner_product_scores(queries, items) == pytest.approx(np.array(naive), abs=1e-5)
    lengths = np.outer(
        np.linalg.norm(queries.astype(float), axis=1), np.linalg.norm(items.astype(float), axis=1)
    )
    assert cosine_scores(queries, items) == pytest.approx(naive / lengths, abs=1e-5)


def test_a_zero_vector_has_cosine_zero():
    assert cosine_scores(np.zeros((1, 4)), np.ones((2, 4))).tolist() == [[0, 0]]


@pytest.mark.parametrize("bits", [1, 8, 12, 48, 128])
def test_hamming_counts_bit_by_bit(bits):
    generator = np.random.default_rng(bits)
    queries, items = generator.random((4, bits)) < 0.5, generator.random((9, bits)) < 0.5
    items[0] = ~queries[0]  # every bit differs
    packed = pack_bits(queries), pack_bits(items)
    assert np.array_equal(unpack_bits(packed[1], bits), items)
    naive = [[sum(a != b for a, b in zip(q, v, strict=True)) for v in items] for q in queries]
    assert hamming_distance(*packed, bits).tolist() == naive
    assert hamming_scores(*packed, bits).tolist() == (bits - np.array(naive)).tolist()


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"\(1, 4\).*\(2, 5\)"):
        inner_product_scores(np.zeros((1, 4)), np.zeros((2, 5)))
    with pytest.raises(ValueError, match="16 bits do not hold 17"):
        hamming_scores(np.zeros((1, 2), np.uint8), np.zeros((1, 2), np.uint8), 17)
