"""CMFH on real data: the Wikipedia set, against the authors' codes and an own NumPy solver's."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.wikipedia import read_wikipedia
from xmr_core.methods.cmfh.codes import score_latents
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.features import Features
from xmr_core.methods.cmfh.moments import moments_of
from xmr_core.methods.cmfh.solver import solve
from xmr_core.methods.cmfh.train import model_of
from xmr_core.metrics import mean_average_precision
from xmr_core.similarity import hamming_scores

SEEDS = range(5)
# The fixture's own start, so that the mean over a few seeds has the same expectation.
WIKIPEDIA = CmfhConfig(start="uniform", start_scale=1.0)


@pytest.mark.parametrize("bits", [16, 64])
def test_hamming_ranking_of_the_authors_codes(shared, bits):
    with np.load(shared("fixtures/cmfh/wikipedia_codes.npz")) as stored:
        data = dict(stored)
    relevant = data["query_label"][:, None] == data["db_label"]
    row = (16, 64).index(bits)
    for column, (queries, items) in enumerate((("qI", "dbT"), ("qT", "dbI"))):
        scores = hamming_scores(data[f"{queries}_{bits}"], data[f"{items}_{bits}"], bits)
        for ties in ("stable", "expected"):
            found = mean_average_precision(scores, relevant, ties)
            assert found == pytest.approx(data[f"map_{ties}"][row, column], rel=1e-9)


@pytest.fixture(scope="module")
def wikipedia(shared):
    shared("data/wiki/raw_features.mat")
    data = read_wikipedia(shared("data/wiki"))
    assert [len(data.train[0]), len(data.test[0])] == [2173, 693]
    moments = moments_of([tuple(Features(view) for view in data.train)])
    return data, moments, data.test_labels[:, None] == data.train_labels


def wikipedia_map(wikipedia, config, scoring, *, unified=False):
    """mAP image to text and text to image, expected over ties, and the final objective."""
    data, moments, relevant = wikipedia
    solution = solve(moments, config)
    model = model_of(moments, solution, config)
    queries = [model.latents(data.test[t], t) for t in (0, 1)]
    items = [model.latents(data.train[1 - t], 1 - t) for t in (0, 1)]
    if unified:
        items = [model.unified_latents(*data.train)] * 2
    scores = [score_latents(queries[t], items[t], scoring) for t in (0, 1)]
    return [mean_average_precision(each, relevant) for each in scores], solution.objectives[-1]


@pytest.mark.parametrize("bits", [16, 32, 64, 128])
def test_wikipedia_real_valued(shared, wikipedia, bits):
    golden = json.loads(shared("fixtures/cmfh/wikipedia.json").read_text())[str(bits)]["numpy"]
    for config in (replace(WIKIPEDIA, bits=bits), CmfhConfig(bits=bits)):
        found, objective = wikipedia_map(wikipedia, config, "real")
        assert found == pytest.approx([0.2620, 0.2579], abs=1e-3)
        assert found == pytest.approx(
            [golden["I2T_cosine"]["mean"], golden["T2I_cosine"]["mean"]], abs=1e-3
        )
        assert objective == pytest.approx(97.7274, abs=1e-3)


@pytest.mark.parametrize(
    "bits",
    [16, pytest.param(32, marks=pytest.mark.slow), 64, pytest.param(128, marks=pytest.mark.slow)],
)
def test_wikipedia_codes(shared, wikipedia, bits):
    golden = json.loads(shared("fixtures/cmfh/wikipedia.json").read_text())[str(bits)]["numpy"]
    configs = [replace(WIKIPEDIA, bits=bits, seed=seed) for seed in SEEDS]
    found = np.mean([wikipedia_map(wikipedia, c, "hamming")[0] for c in configs], axis=0)
    expected = [golden[f"{way}_expected"]["mean"] for way in ("I2T", "T2I")]
    assert found == pytest.approx(expected, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("bits", [16, 32, 64, 128])
def test_wikipedia_unified_codes(shared, wikipedia, bits):
    golden = json.loads(shared("fixtures/cmfh/wikipedia.json").read_text())[str(bits)]["numpy"]
    configs = [replace(WIKIPEDIA, bits=bits, seed=seed) for seed in SEEDS]
    found = [wikipedia_map(wikipedia, c, "hamming", unified=True)[0] for c in configs]
    expected = [golden[f"{way}_unified"]["mean"] for way in ("I2T", "T2I")]
    assert np.mean(found, axis=0) == pytest.approx(expected, abs=0.01)
