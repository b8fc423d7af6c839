"""The losses of CMPL beside the golden numbers: plain loops, direction, gradients, saturation."""

import math

import pytest
import torch
import torch.nn.functional as F

from xmr_core.methods.cmpl.loss import (
    EPSILON,
    cmpc_loss,
    cmpm_loss,
    hardest_negatives,
    info_nce_loss,
    matching_divergence,
    matching_shares,
    ranking_loss,
    sdm_loss,
)

MATCHING = (cmpm_loss, sdm_loss, info_nce_loss, ranking_loss)
IDENTITIES = torch.tensor([4, 7, 4, 123_456_789])


@pytest.fixture
def pairs():
    draw = torch.Generator().manual_seed(0)
    return tuple(torch.randn(4, 6, generator=draw, dtype=torch.float64) for _ in range(2))


def in_loops(rows, cost):
    """Sum over both directions of the mean over rows of `cost(scores of a row, shares of it)`."""
    total = 0.0
    for scores in rows:
        for i, row in enumerate(scores):
            same = [float(IDENTITIES[i] == other) for other in IDENTITIES]
            total += cost(row, [value / sum(same) for value in same]) / len(scores)
    return total


def matching_cost(row, shares):
    exps = [math.exp(value) for value in row]
    return sum(
        (e / sum(exps)) * math.log(EPSILON + (e / sum(exps)) / (share + EPSILON))
        for e, share in zip(exps, shares, strict=True)
    )


def cross_entropy_cost(row, shares):
    exps = [math.exp(value) for value in row]
    return -sum(share * math.log(e / sum(exps)) for e, share in zip(exps, shares, strict=True))


def cosines(x, z):
    return F.normalize(x, dim=1) @ F.normalize(z, dim=1).T


def test_matching_in_loops(pairs):
    x, z = pairs
    lengths = x.norm(dim=1), z.norm(dim=1)
    rows = (x @ z.T / lengths[1], z @ x.T / lengths[0])
    expected = in_loops([each.tolist() for each in rows], matching_cost)
    assert float(cmpm_loss(x, z, IDENTITIES)) == pytest.approx(expected, rel=1e-12)


def test_the_options_in_loops(pairs):
    x, z = pairs
    for loss, cost in ((sdm_loss, matching_cost), (info_nce_loss, cross_entropy_cost)):
        scores = cosines(x, z) / 0.5
        expected = in_loops([scores.tolist(), scores.T.tolist()], cost)
        assert float(loss(x, z, IDENTITIES, temperature=0.5)) == pytest.approx(expected, rel=1e-12)


def test_ranking_in_loops(pairs):
    scores = cosines(*pairs).tolist()
    expected = 0.0
    for i in range(4):
        others = [j for j in range(4) if IDENTITIES[j] != IDENTITIES[i]]
        expected += max(0, *(0.2 + scores[i][j] - scores[i][i] for j in others)) / 4
        expected += max(0, *(0.2 + scores[j][i] - scores[i][i] for j in others)) / 4
    assert float(ranking_loss(*pairs, IDENTITIES)) == pytest.approx(expected, rel=1e-12)


def test_classification_is_that_of_the_other_modality(pairs):
    """The projected image points where the text does, so its logits are the text's, rescaled."""
    x, z = pairs
    classes = torch.randn(6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    labels = torch.tensor([0, 2, 1, 1])
    expected = 0.0
    for source, target in ((x, z), (z, x)):
        reach = (source * target).sum(1, keepdim=True) / target.norm(dim=1, keepdim=True)
        logits = reach * cosines(target, classes.T)
        expected += float(F.cross_entropy(logits, labels))
    assert float(cmpc_loss(x, z, labels, classes)) == pytest.approx(expected, rel=1e-12)
    assert float(cmpc_loss(x, z, labels, 9 * classes)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("loss", MATCHING)
def test_matching_pairs_cost_less_than_crossed_ones(loss):
    x = 5 * torch.eye(4)
    together = loss(x, x, torch.arange(4))
    crossed = loss(x, x.roll(1, 0), torch.arange(4))
    assert together < crossed


@pytest.mark.parametrize("loss", MATCHING)
def test_the_order_of_the_pairs_does_not_matter(pairs, loss):
    order = torch.tensor([2, 0, 3, 1])
    shuffled = loss(*(each[order] for each in pairs), IDENTITIES[order])
    assert float(shuffled) == pytest.approx(float(loss(*pairs, IDENTITIES)), rel=1e-12)


@pytest.mark.parametrize("loss", MATCHING)
def test_gradients_are_finite_for_vectors_of_any_length(loss):
    for length in (0.0, 1e-6, 1e4):
        x = (
            length * torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
        ).requires_grad_()
        z = (
            length * torch.randn(4, 6, generator=torch.Generator().manual_seed(1))
        ).requires_grad_()
        value = loss(x, z, IDENTITIES)
        gradients = torch.autograd.grad(value, (x, z))
        assert torch.isfinite(value)
        assert all(torch.isfinite(each).all() for each in gradients)


def test_half_precision_is_computed_in_float32(pairs):
    x, z = (each.bfloat16() for each in pairs)
    with torch.autocast("cpu", torch.bfloat16):
        found = cmpm_loss(x, z, IDENTITIES)
    assert found.dtype == torch.float32
    assert float(found) == pytest.approx(float(cmpm_loss(x.float(), z.float(), IDENTITIES)))


def test_every_wrong_pair_counts_in_matching_and_only_the_hardest_in_ranking():
    """The paper's claim about its loss, as gradients of the scores."""
    scores = torch.randn(32, 32, generator=torch.Generator().manual_seed(2)).requires_grad_()
    identities = torch.arange(32)
    (matching,) = torch.autograd.grad(matching_divergence(scores, identities), scores)
    (ranking,) = torch.autograd.grad(hardest_negatives(scores, identities, 0.2), scores)
    wrong = ~torch.eye(32, dtype=torch.bool)
    assert (matching[wrong] != 0).all()
    assert ((ranking != 0) & wrong).sum(1).max() == 1


def test_shares_of_repeated_identities():
    expected = torch.tensor([[0.5, 0, 0.5, 0], [0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 0, 1]])
    assert torch.equal(matching_shares(IDENTITIES), expected)
