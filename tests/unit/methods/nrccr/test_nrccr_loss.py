import math
from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F

from xmr_core.methods.nrccr.adversary import Adversary
from xmr_core.methods.nrccr.loss import (
    distillation_loss,
    feature_loss,
    language_loss,
)
from xmr_core.nn.ranking_loss import triplet_loss


def unit(*shape, seed=0):
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def naive_triplet(a, b, margin):
    scores, total = a @ b.T, 0.0
    for i in range(len(a)):
        row = max(0.0, max(margin + float(scores[i, j] - scores[i, i]) for j in others(i, a)))
        column = max(0.0, max(margin + float(scores[j, i] - scores[i, i]) for j in others(i, a)))
        total += row + column
    return total


def others(i, a):
    return [j for j in range(len(a)) if j != i]


def test_triplet_against_a_double_loop():
    a, b = unit(7, 5), unit(7, 5, seed=1)
    assert float(triplet_loss(a, b, 0.3)) == pytest.approx(naive_triplet(a, b, 0.3), rel=1e-5)


def test_triplet_of_two_orthogonal_pairs_by_hand():
    a = torch.eye(2)
    assert float(triplet_loss(a, a, 0.2)) == 0.0
    assert float(triplet_loss(a, a.flip(0), 0.2)) == pytest.approx(4 * 1.2)


def test_a_better_pair_costs_less():
    a, b = unit(6, 8), unit(6, 8, seed=1)
    assert float(triplet_loss(a, F.normalize(b + 2 * a, dim=-1))) < float(triplet_loss(a, b))


def test_distillation_against_a_double_loop():
    teacher, student, video = unit(4, 6), unit(4, 6, seed=1), unit(4, 6, seed=2)

    def cross_entropy(taught, given):
        total = 0.0
        for t, s in zip(taught.tolist(), given.tolist(), strict=True):
            norm_t = sum(math.exp(x / 0.07) for x in t)
            norm_s = sum(math.exp(x / 0.07) for x in s)
            for x, y in zip(t, s, strict=True):
                total -= math.exp(x / 0.07) / norm_t * (y / 0.07 - math.log(norm_s))
        return total / len(taught)

    taught, given = video @ teacher.T, video @ student.T
    expected = (cross_entropy(taught, given) + cross_entropy(taught.T, given.T)) / 2
    assert float(distillation_loss(teacher, student, video)) == pytest.approx(expected, rel=1e-4)


def test_the_teacher_learns_nothing_from_the_student():
    teacher, student, video = (unit(4, 6, seed=i).requires_grad_() for i in range(3))
    distillation_loss(teacher, student, video).backward()
    assert teacher.grad is None
    assert student.grad is not None and video.grad is not None


def test_feature_loss_by_hand():
    a, b = torch.zeros(2, 3), torch.ones(2, 3)
    assert float(feature_loss(a, b)) == pytest.approx(1 / 8)  # 0.5 x^2 / beta


def test_language_loss_by_hand():
    logits = torch.zeros(3, 2)
    assert float(language_loss(logits, source=True)) == pytest.approx(math.log(2))
    sure = torch.full((3, 2), 9.0)
    assert float(language_loss(sure, source=True)) < 1e-3 < float(language_loss(sure, source=False))


@pytest.mark.parametrize("kind", ["weak", "not-so-weak", "strong"])
def test_the_adversary_learns_and_padding_does_not_reach_it(kind):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        adversary = Adversary(6, kind, lr=3e-3)
    source, target = torch.ones(5, 4, 6), -torch.ones(5, 4, 6)
    mask = torch.tensor([True, True, True, False]).expand(5, 4)
    first = sum(adversary.update(source, mask, target, mask))
    for _ in range(20):
        last = sum(adversary.update(source, mask, target, mask))
    assert last < 0.8 * first
    padded = source.clone()
    padded[:, 3] = 99.0
    assert torch.allclose(adversary(padded, mask), adversary(source, mask))
    assert torch.allclose(adversary(source[:, :3], mask[:, :3]), adversary(source, mask), atol=1e-6)


def test_only_the_adversary_moves_in_its_own_step_and_only_the_states_in_ours():
    adversary = Adversary(6, "weak")
    states, mask = torch.randn(3, 4, 6).requires_grad_(), torch.ones(3, 4, dtype=torch.bool)
    before = adversary.discriminator.model.weight.clone()
    adversary.update(states, mask, states, mask)
    assert states.grad is None
    moved = adversary.discriminator.model.weight.clone()
    assert not torch.equal(before, moved)
    language_loss(adversary(states, mask), source=True).backward()
    assert states.grad is not None
    assert adversary.discriminator.model.weight.grad is None


def test_an_adversary_resumes_with_its_optimiser():
    mask = torch.ones(3, 4, dtype=torch.bool)
    source, target = unit(3, 4, 6), unit(3, 4, 6, seed=1)
    first, second = Adversary(6, "weak"), Adversary(6, "weak")
    for _ in range(3):
        first.update(source, mask, target, mask)
    second.load_state_dict(deepcopy(first.state_dict()))
    first.update(source, mask, target, mask)
    second.update(source, mask, target, mask)
    weights = [one.discriminator.model.weight for one in (first, second)]
    assert torch.equal(*weights)
