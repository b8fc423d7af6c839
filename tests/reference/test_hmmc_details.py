"""HMMC's frame sampling, tokens, optimiser and dual softmax against the original code."""

import random

import hmmc_fixtures as fixtures
import numpy as np
import pytest
import torch

from xmr_core.methods.hmmc.bertadam import BertAdam
from xmr_core.methods.hmmc.ids import ClipWords
from xmr_core.methods.hmmc.loss import dual_softmax
from xmr_core.methods.hmmc.sampling import (
    dynamic_count,
    pool_positions,
    random_frames,
    uniform_frames,
    uniform_random_frames,
)


@pytest.fixture(scope="module")
def frames(shared):
    return fixtures.record(shared("fixtures/hmmc/frame_indices.json"))


def test_uniform_frames(frames):
    for case, wanted in frames["uniform"].items():
        pool, count = (int(part.split("=")[1]) for part in case.split(","))
        assert uniform_frames(pool, count) == wanted


def test_random_frames(frames):
    draws = {"random": random_frames, "uniform_random": uniform_random_frames}
    for case, wanted in frames["random"].items():
        mode, *rest = case.split()
        pool, count, seed = (int(part.split("=")[1]) for part in rest)
        assert draws[mode](pool, count, random.Random(seed)) == wanted


def test_dynamic_counts_and_pool_positions(frames):
    for case in frames["dynamic"]:
        for purpose in ("pretrain", "query"):
            found = dynamic_count(case["duration"], case["max_frames"], purpose)
            assert found == case[purpose]
    for count, wanted in frames["pool_positions"].items():
        assert pool_positions(int(count)) == wanted
    assert pool_positions(4) == [0] * 30


def test_english_tokens(shared):
    rows = fixtures.record(shared("fixtures/hmmc/english_tokens.json"))["rows"]
    readers = {number: ClipWords(number) for number in {row["max_words"] for row in rows}}
    for row in rows:
        ids, mask = readers[row["max_words"]]([row["text"]])
        assert ids[0].tolist() == row["ids"]
        assert mask[0].long().tolist() == row["mask"]


def test_bertadam(shared):
    golden = fixtures.arrays(shared("fixtures/hmmc/bertadam.npz"))
    values = [torch.nn.Parameter(golden[f"p{i}_init"].clone()) for i in range(3)]
    groups = [
        {"params": [value], "lr": lr, "weight_decay": decay}
        for value, lr, decay in zip(values, (0.01, 0.003, 0.01), (0.2, 0.0, 0.05), strict=True)
    ]
    optimiser = BertAdam(groups, lr=0.01, warmup=0.1, total_steps=20)
    for step in range(12):
        for i, value in enumerate(values):
            value.grad = golden[f"p{i}_grads"][step].clone()
        optimiser.step()
        for i, value in enumerate(values):
            torch.testing.assert_close(
                value.detach(), golden[f"p{i}_after"][step], atol=1e-6, rtol=2e-5
            )


def test_learning_rates(shared):
    from xmr_core.methods.hmmc.bertadam import warmup_cosine

    wanted = fixtures.arrays(shared("fixtures/hmmc/bertadam.npz"))["lr_p0"].numpy()
    found = [0.01 * warmup_cosine(step / 20, 0.1) for step in range(12)]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-12)


def test_dual_softmax(shared):
    golden = fixtures.arrays(shared("fixtures/hmmc/dual_softmax.npz"))
    torch.testing.assert_close(dual_softmax(golden["sim"]), golden["dual"], atol=1e-5, rtol=2e-5)
