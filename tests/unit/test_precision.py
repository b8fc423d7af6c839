"""Average precision by counting against average precision by sorting."""

import numpy as np
import pytest

from xmr_core import precision
from xmr_core.precision import average_precision


@pytest.mark.parametrize("ties", ["expected", "optimistic", "pessimistic"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, np.int16])
@pytest.mark.parametrize("values", [1, 2, 5, 100, 30_000])
def test_counting_agrees_with_sorting(monkeypatch, ties, dtype, values):
    generator = np.random.default_rng(values)
    scores = generator.integers(0, min(values, np.iinfo(np.uint8).max + 1), (40, 60))
    scores = (scores if np.issubdtype(dtype, np.integer) else scores - 7.5).astype(dtype)
    relevant = generator.random((40, 60)) < generator.random((40, 1)) * 0.2
    relevant[:3] = False  # no relevant item
    relevant[3] = np.arange(60) == 5  # just one
    assert relevant.sum(axis=1).max() <= 30
    monkeypatch.setattr(precision, "_FEW", 30)
    counted = average_precision(scores, relevant, ties)
    monkeypatch.setattr(precision, "_FEW", -1)
    by_sorting = average_precision(scores, relevant, ties)
    assert np.isnan(counted[:3]).all()
    np.testing.assert_allclose(counted, by_sorting, rtol=1e-12, atol=0)


def test_infinite_scores_and_empty_matrices(monkeypatch):
    scores = np.array([[-np.inf, 0.0, -np.inf, np.inf]])
    relevant = np.array([[True, False, False, True]])
    # Certainly first, and third or fourth: (1 + (2/3 + 2/4) / 2) / 2.
    assert average_precision(scores, relevant) == pytest.approx((1 + 7 / 12) / 2)
    assert average_precision(np.zeros((0, 4)), np.zeros((0, 4), dtype=bool)).shape == (0,)
