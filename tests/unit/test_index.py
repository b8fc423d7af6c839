"""Both indexes against a plain sort, above all where scores tie."""

import numpy as np
import pytest

from xmr_core.index import BinaryIndex, FloatIndex
from xmr_core.index.moments import ScoreMoments
from xmr_core.similarity import hamming_scores, inner_product_scores, pack_bits, unit_length


def by_sorting(scores, k):
    positions = np.lexsort((np.broadcast_to(np.arange(scores.shape[1]), scores.shape), -scores))
    return positions[:, :k]


@pytest.mark.parametrize("num_queries", [1, 40])  # FAISS takes another path from 20 on
@pytest.mark.parametrize("k", [1, 10, 150, 400])
def test_float_search_is_a_stable_sort(num_queries, k):
    generator = np.random.default_rng(0)
    # Small whole numbers: exact in float32, with many equal scores at every k.
    items = generator.integers(-1, 2, (300, 8)).astype(np.float32)
    queries = generator.integers(-1, 2, (num_queries, 8)).astype(np.float32)
    index = FloatIndex(8)
    index.add(items[:100])
    index.add(items[100:])
    scores, positions = index.search(queries, k)
    naive = inner_product_scores(queries, items)
    assert np.array_equal(positions, by_sorting(naive, k))
    assert np.array_equal(scores, np.take_along_axis(naive, positions, axis=1))


def test_copies_of_a_vector_tie_exactly_and_batching_changes_nothing():
    generator = np.random.default_rng(1)
    items = unit_length(generator.standard_normal((1500, 67)))
    items[[7, 400, 401, 1033, 1499]] = items[1200]
    queries = unit_length(generator.standard_normal((64, 67)) * 0.05 + items[1200])
    index = FloatIndex(67)
    index.add(items)
    scores, positions = index.search(queries, 8)
    assert positions[0, :6].tolist() == [7, 400, 401, 1033, 1200, 1499]
    for row in range(64):
        alone, at = index.search(queries[row : row + 1], 8)
        assert np.array_equal(alone[0], scores[row])
        assert np.array_equal(at[0], positions[row])


def test_a_gallery_of_one_vector_repeated_comes_in_order():
    index = FloatIndex(4)
    index.add(np.ones((1000, 4), dtype=np.float16))
    assert index.search(np.ones((1, 4)), 5)[1].tolist() == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize("bits", [12, 16, 64])
@pytest.mark.parametrize("k", [1, 10, 500])
def test_binary_search_is_a_stable_sort(bits, k):
    generator = np.random.default_rng(bits)
    items = pack_bits(generator.random((500, bits)) < 0.5)
    queries = pack_bits(generator.random((30, bits)) < 0.5)
    index = BinaryIndex(bits)
    index.add(items)
    scores, positions = index.search(queries, k)
    naive = hamming_scores(queries, items, bits)
    assert np.array_equal(positions, by_sorting(naive, k))
    assert np.array_equal(scores, np.take_along_axis(naive, positions, axis=1))


def test_bits_beyond_the_length_do_not_count():
    index = BinaryIndex(4)
    index.add(np.array([[0b1111_0101]], dtype=np.uint8))
    assert index.search(np.array([[0b0000_0101]], dtype=np.uint8), 1)[0].tolist() == [[4]]


def test_moments_are_those_of_all_scores():
    generator = np.random.default_rng(2)
    base = generator.standard_normal(32)
    items = unit_length(base + 0.05 * generator.standard_normal((9000, 32)))  # cosines near 1
    queries = unit_length(generator.standard_normal((5, 32)))
    index = FloatIndex(32)
    index.add(items[:8500])
    index.add(items[8500:])
    scores = queries.astype(np.float64) @ items.T.astype(np.float64)
    mean, spread = index.moments(queries)
    assert mean == pytest.approx(scores.mean(axis=1), abs=1e-7)
    assert spread == pytest.approx(scores.std(axis=1), rel=1e-4)

    codes = pack_bits(generator.random((700, 20)) < 0.3)
    binary = BinaryIndex(20)
    binary.add(codes)
    agree = hamming_scores(codes[:3], codes, 20)
    mean, spread = binary.moments(codes[:3])
    assert mean == pytest.approx(agree.mean(axis=1))
    assert spread == pytest.approx(agree.std(axis=1))
    assert ScoreMoments(3).of(np.ones((1, 3), dtype=np.float32))[1].tolist() == [0]


def test_empty_indexes_answer_with_nothing():
    assert FloatIndex(4).search(np.ones((2, 4)), 3)[1].shape == (2, 0)
    assert BinaryIndex(8).search(np.ones((2, 1), dtype=np.uint8), 3)[1].shape == (2, 0)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"\(2, 3\).*width 4"):
        FloatIndex(4).add(np.ones((2, 3)))
    with pytest.raises(ValueError, match="NaN"):
        FloatIndex(1).add(np.array([[np.nan]]))
    with pytest.raises(ValueError, match="uint8 of width 2 for 12 bits"):
        BinaryIndex(12).add(np.ones((2, 3), dtype=np.uint8))
