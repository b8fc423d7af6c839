"""The published 64-bit codes of UCF101 by a network like ours, through our own evaluator.

3,783 queries, 9,537 items; printed with four decimals. The rest of the column, in the golden tests
of the metrics, needs no repetition: the mAP with expected ties and the balls of radius 2.
"""

import numpy as np
import pytest

from xmr_core.metrics import mean_average_precision
from xmr_core.precision import precision_at
from xmr_core.ranking import same_group
from xmr_core.similarity import hamming_scores, inner_product_scores, pack_bits

PRINTED = 0.51e-4


@pytest.fixture(scope="module")
def data(shared):
    names = ("test_hash", "test_label", "database_hash", "database_label")
    return {name: np.load(shared(f"data/video_hash_ucf101/{name}.npy")) for name in names}


@pytest.fixture(scope="module")
def codes(data):
    return pack_bits(data["test_hash"] >= 0), pack_bits(data["database_hash"] >= 0)


@pytest.fixture(scope="module")
def scores(codes):
    return hamming_scores(*codes, 64)


@pytest.fixture(scope="module")
def relevant(data):
    return same_group(data["test_label"].ravel(), data["database_label"].ravel())


@pytest.mark.parametrize(
    "cutoff, normalisation, printed",
    [
        pytest.param(100, "hits", 0.8740, marks=pytest.mark.slow),
        pytest.param(100, "min", 0.8100, marks=pytest.mark.slow),
        (None, "all", 0.8459),
    ],
)
def test_mean_average_precision_in_the_published_order(
    scores, relevant, cutoff, normalisation, printed
):
    found = mean_average_precision(
        scores, relevant, "stable", cutoff=cutoff, normalisation=normalisation
    )
    assert found == pytest.approx(printed, abs=PRINTED)


@pytest.mark.slow
@pytest.mark.parametrize(
    "ties, full, first_100",
    [("optimistic", 0.8557, 0.8838), ("pessimistic", 0.8373, 0.8668)],
)
def test_bounds_of_every_order(scores, relevant, ties, full, first_100):
    assert mean_average_precision(scores, relevant, ties) == pytest.approx(full, abs=PRINTED)
    found = mean_average_precision(scores, relevant, ties, cutoff=100, normalisation="hits")
    assert found == pytest.approx(first_100, abs=PRINTED)


@pytest.mark.slow
@pytest.mark.parametrize("k, printed", [(1, 0.8884), (10, 0.8771), (100, 0.7758)])
def test_precision(scores, relevant, k, printed):
    found = precision_at(scores, relevant, k, "stable").mean()
    assert found == pytest.approx(printed, abs=PRINTED)


@pytest.mark.slow
def test_real_valued_outputs(data, relevant):
    queries, items = data["test_hash"], data["database_hash"]
    found = mean_average_precision(inner_product_scores(queries, items), relevant)
    assert found == pytest.approx(0.8455, abs=PRINTED)
    signs = np.where(queries >= 0, 1, -1).astype(np.float32)
    found = mean_average_precision(inner_product_scores(signs, items), relevant)
    assert found == pytest.approx(0.8379, abs=PRINTED)


def test_distinct_codes(codes):
    assert len(np.unique(codes[1], axis=0)) == 5833
