"""Losses on hash outputs: by hand, against a plain loop, their direction and their gradient."""

import itertools
import math

import pytest
import torch

from xmr_core.methods.triplet.centres import hadamard, hash_centres
from xmr_core.methods.triplet.loss import (
    balance_loss,
    batch_all_loss,
    batch_hard_loss,
    centre_loss,
    quantisation_loss,
    semi_hard_loss,
)

MARGIN = 2.0
TRIPLET_LOSSES = [
    lambda h, y: batch_all_loss(h, y, MARGIN),
    lambda h, y: batch_all_loss(h, y, MARGIN, violating_only=True),
    lambda h, y: batch_all_loss(h, y, MARGIN, by_class_size=True),
    lambda h, y: batch_hard_loss(h, y, MARGIN),
    lambda h, y: semi_hard_loss(h, y, MARGIN),
]


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    labels = torch.tensor([0, 1, 0, 2, 1, 0, 2, 3])
    return torch.tanh(torch.randn(8, 6, generator=generator)), labels


def squared(a, b):
    return float(((a - b) ** 2).sum())


def test_batch_all_against_a_loop(batch):
    outputs, labels = batch
    values, weights = [], []
    for a, p, n in itertools.product(range(8), repeat=3):
        if a < p and labels[a] == labels[p] != labels[n]:
            distance = squared(outputs[a], outputs[p]) - squared(outputs[a], outputs[n])
            values.append(max(0.0, MARGIN + distance))
            weights.append(int((labels == labels[a]).sum()))
    mean = sum(values) / len(values)
    assert float(batch_all_loss(outputs, labels, MARGIN)) == pytest.approx(mean, rel=1e-5)
    violating = [value for value in values if value > 0]
    assert 0 < len(violating) < len(values)
    found = float(batch_all_loss(outputs, labels, MARGIN, violating_only=True))
    assert found == pytest.approx(sum(violating) / len(violating), rel=1e-5)
    weighted = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    found = float(batch_all_loss(outputs, labels, MARGIN, by_class_size=True))
    assert found == pytest.approx(weighted, rel=1e-5)


def test_batch_hard_against_a_loop(batch):
    outputs, labels = batch
    values = []
    for a in range(8):
        positives = [squared(outputs[a], outputs[p]) for p in range(8) if labels[p] == labels[a]]
        negatives = [squared(outputs[a], outputs[n]) for n in range(8) if labels[n] != labels[a]]
        values.append(max(0.0, MARGIN + math.sqrt(max(positives)) - math.sqrt(min(negatives))))
    found = float(batch_hard_loss(outputs, labels, MARGIN))
    assert found == pytest.approx(sum(values) / 8, rel=1e-4)


def test_semi_hard_against_a_loop(batch):
    outputs, labels = batch
    values = []
    for a, p in itertools.permutations(range(8), 2):
        if labels[a] != labels[p]:
            continue
        positive = squared(outputs[a], outputs[p])
        negatives = [squared(outputs[a], outputs[n]) for n in range(8) if labels[n] != labels[a]]
        beyond = [negative for negative in negatives if negative > positive]
        values.append(max(0.0, MARGIN + positive - (min(beyond) if beyond else max(negatives))))
    found = float(semi_hard_loss(outputs, labels, MARGIN))
    assert found == pytest.approx(sum(values) / len(values), rel=1e-5)


@pytest.mark.parametrize("loss", TRIPLET_LOSSES)
def test_sorted_classes_cost_less_than_mixed_ones(loss):
    corners = torch.tensor([[1.0, 1, 1, 1], [1, 1, 1, 1], [-1, -1, -1, -1], [-1, -1, -1, -1]])
    together, mixed = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    assert float(loss(corners, together)) == 0
    assert float(loss(corners, mixed)) >= MARGIN


@pytest.mark.parametrize("loss", TRIPLET_LOSSES)
def test_a_step_against_the_gradient_helps(batch, loss):
    outputs, labels = batch[0].clone().requires_grad_(), batch[1]
    before = loss(outputs, labels)
    before.backward()
    with torch.no_grad():
        after = loss(outputs - 0.01 * outputs.grad, labels)
    assert float(after) < float(before.detach())


@pytest.mark.parametrize("loss", TRIPLET_LOSSES)
@pytest.mark.parametrize("labels", [[0, 0, 0], [0]])
def test_without_a_negative_there_is_nothing_to_learn(loss, labels):
    outputs = torch.rand(len(labels), 5, requires_grad=True)
    value = loss(outputs, torch.tensor(labels))
    value.backward()
    assert float(value.detach()) == 0
    assert float(outputs.grad.abs().max()) == 0


def test_equal_outputs_have_a_finite_gradient():
    outputs = torch.zeros(4, 3, requires_grad=True)
    batch_hard_loss(outputs, torch.tensor([0, 0, 1, 1]), 0.3).backward()
    assert torch.isfinite(outputs.grad).all()


def test_quantisation_and_balance_by_hand():
    outputs = torch.tensor([[1.0, -0.5], [-1.0, -0.5]])
    assert float(quantisation_loss(outputs)) == pytest.approx((0 + 0.25 + 0 + 0.25) / 4)
    assert float(balance_loss(outputs)) == pytest.approx((0 + 0.25) / 2)


def test_outputs_are_drawn_to_their_centre():
    centres = torch.from_numpy(hash_centres(3, 4))
    own = centres.float() * 1.8 - 0.9
    labels = torch.arange(3)
    near = centre_loss(own, labels, centres)
    assert float(near) == pytest.approx(-math.log(0.95), rel=1e-4)
    assert float(centre_loss(-own, labels, centres)) > float(near)


@pytest.mark.parametrize("order", [1, 2, 4, 8, 12, 16, 20, 24, 32, 48, 64])
def test_hadamard_rows_are_orthogonal(order):
    signs = hadamard(order) * 2 - 1
    assert (signs @ signs.T == order * torch.eye(order).numpy()).all()


def test_centres_differ_in_half_of_their_bits():
    for classes, bits in ((20, 16), (20, 48), (100, 64)):
        centres = hash_centres(classes, bits)
        distances = (centres[:, None] != centres).sum(-1)
        assert set(distances.ravel().tolist()) <= {0, bits // 2, bits}
        assert (distances.diagonal() == 0).all()
        assert (distances == 0).sum() == classes


def test_without_a_matrix_the_centres_are_random_and_balanced():
    assert hadamard(10) is None
    centres = hash_centres(7, 10)
    assert centres.shape == (7, 10)
    assert (centres.sum(1) == 5).all()
    assert len({row.tobytes() for row in centres}) == 7
