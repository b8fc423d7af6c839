import math

import pytest
import torch
import torch.nn.functional as F

from xmr_core.methods.mlcmr.loss import (
    TwoViews,
    info_nce,
    mlcmr_losses,
    symmetric_info_nce,
    triplet_loss,
)


def rows(seed, count=5, width=6):
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(count, width, generator=generator), dim=-1)


def test_a_triplet_loss_by_hand():
    texts = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    videos = torch.tensor([[1.0, 0.0], [0.6, 0.8]])
    # scores (1, .6), (0, .8): only text 0 and video 1 see a negative within .5 of the right one
    assert triplet_loss(texts, videos, 0.5).item() == pytest.approx(0.1 + 0.3, abs=1e-6)


@pytest.mark.parametrize("hardest", [True, False])
def test_triplet_loss_is_that_of_two_loops(hardest):
    texts, videos = rows(0), rows(1)
    scores = texts @ videos.T
    expected = 0.0
    for i in range(5):
        others = [j for j in range(5) if j != i]
        for negatives in ([scores[i, j] for j in others], [scores[j, i] for j in others]):
            hinges = [max(0.0, 0.2 + float(n) - float(scores[i, i])) for n in negatives]
            expected += max(hinges) if hardest else sum(hinges) / 4
    assert triplet_loss(texts, videos, 0.2, hardest=hardest).item() == pytest.approx(expected)


def test_a_single_pair_has_no_negatives():
    assert triplet_loss(rows(0, 1), rows(1, 1)).item() == 0
    assert triplet_loss(rows(0, 1), rows(1, 1), hardest=False).item() == 0


def test_info_nce_in_closed_form():
    same = F.normalize(torch.ones(4, 3), dim=-1)
    assert info_nce(same, same).item() == pytest.approx(4 * math.log(4), rel=1e-6)
    apart = torch.eye(4)
    expected = 4 * math.log(1 + 3 * math.exp(-1 / 0.07))
    assert info_nce(apart, apart).item() == pytest.approx(expected, abs=1e-6)


def test_info_nce_has_two_directions():
    a, b = rows(0), rows(1)
    assert info_nce(a, b).item() != pytest.approx(info_nce(b, a).item())
    forward, back = (symmetric_info_nce(TwoViews(*views)).item() for views in ((a, b), (b, a)))
    assert forward == pytest.approx(back)


@pytest.mark.parametrize("loss", [triplet_loss, info_nce])
def test_right_pairs_cost_less_than_wrong_ones(loss):
    a = rows(0)
    assert loss(a, a) < loss(a, a.roll(1, 0))


def test_terms_of_both_corpora():
    views = TwoViews(rows(0), rows(1))
    parallel = mlcmr_losses({"en": views, "zh": views}, views)
    assert set(parallel) == {"tri_en_video", "tri_zh_video", "nce_en", "nce_zh", "nce_video"}
    assert set(mlcmr_losses({"text": views}, views)) == {"tri_text_video", "nce_text", "nce_video"}


def test_languages_meet_at_the_video_only():
    """The gradient of the English terms does not depend on the Chinese sentences."""
    english, video = rows(0).requires_grad_(), TwoViews(rows(2), rows(3))
    gradients = []
    for seed in (4, 5):
        texts = {"en": TwoViews(english, rows(1)), "zh": TwoViews(rows(seed), rows(1))}
        total = torch.stack(list(mlcmr_losses(texts, video).values())).sum()
        gradients.append(torch.autograd.grad(total, english)[0])
    assert torch.equal(*gradients)
    assert gradients[0].abs().sum() > 0
