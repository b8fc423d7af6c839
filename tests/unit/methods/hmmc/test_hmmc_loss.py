import math

import pytest
import torch
import torch.nn.functional as F

from xmr_core.methods.hmmc.loss import (
    IGNORED,
    fine_tuning_loss,
    frame_adjacency_matching,
    frame_text_matching,
    masked_language_loss,
    noise_contrast,
    two_way_cross_entropy,
    video_text_matching,
)


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def naive_nce(query, key, queue, temperature):
    query, key = F.normalize(query, dim=0), F.normalize(key, dim=0)
    right = math.exp(float(query @ key) / temperature)
    wrong = sum(math.exp(float(query @ other) / temperature) for other in queue)
    return -math.log(right / (right + wrong))


def test_two_way_cross_entropy_of_equal_scores_is_twice_the_log_of_the_batch():
    assert float(two_way_cross_entropy(torch.zeros(5, 5))) == pytest.approx(2 * math.log(5))


def test_fine_tuning_loss_equals_a_plain_double_loop():
    texts, videos, frames = torch.randn(3, 4), torch.randn(3, 4), torch.randn(3, 2, 4)

    def ce2(scores):
        total = 0.0
        for i in range(3):
            total -= float(scores[i, i]) - math.log(sum(math.exp(v) for v in scores[i]))
            total -= float(scores[i, i]) - math.log(sum(math.exp(v) for v in scores[:, i]))
        return total / 3

    def cosine(a, b):
        return torch.stack([torch.stack([F.cosine_similarity(x, y, 0) for y in b]) for x in a])

    losses = fine_tuning_loss(texts, videos, frames, scale=7.0)
    by_frame = sum(ce2(7 * cosine(texts, frames[:, i])) for i in range(2)) / 2
    assert float(losses["video_loss"]) == pytest.approx(0.85 * ce2(7 * cosine(texts, videos)), 1e-5)
    assert float(losses["frame_loss"]) == pytest.approx(0.15 * by_frame, 1e-5)


def test_the_right_pairs_lose_less_than_swapped_ones():
    videos, frames = torch.eye(4), torch.eye(4).unsqueeze(1).repeat(1, 3, 1)
    right = sum(fine_tuning_loss(torch.eye(4), videos, frames).values())
    wrong = sum(fine_tuning_loss(torch.eye(4).roll(1, 0), videos, frames).values())
    assert float(right) < float(wrong)


def test_a_level_without_weight_is_not_computed_and_gets_no_gradient():
    texts, videos = torch.randn(3, 4), torch.randn(3, 4)
    frames = torch.randn(3, 2, 4, requires_grad=True)
    losses = fine_tuning_loss(texts, videos, frames, frame_weight=0.0)
    assert set(losses) == {"video_loss"}
    both = fine_tuning_loss(texts, videos, frames)
    torch.stack(list(both.values())).sum().backward()
    assert float(frames.grad.abs().sum()) > 0


def test_noise_contrast_equals_a_plain_loop():
    queries, keys = torch.randn(3, 4), torch.randn(3, 4)
    queue = F.normalize(torch.randn(6, 4), dim=1)
    wanted = sum(naive_nce(q, k, queue, 0.5) for q, k in zip(queries, keys, strict=True)) / 3
    assert float(noise_contrast(queries, keys, queue, 0.5)) == pytest.approx(wanted, 1e-5)


def test_matching_losses_are_sums_of_noise_contrasts():
    video, text, video_key, text_key = (torch.randn(2, 4) for _ in range(4))
    frames, frame_keys = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    q1, q2 = (F.normalize(torch.randn(6, 4), dim=1) for _ in range(2))
    found = video_text_matching(
        video, text, video_key, text_key, video_queue=q1, text_queue=q2, temperature=0.5
    )
    wanted = noise_contrast(video, text_key, q2, 0.5) + noise_contrast(text, video_key, q1, 0.5)
    assert torch.allclose(found, wanted)
    found = frame_text_matching(
        frames, text, frame_keys, text_key, frame_queue=q1, text_queue=q2, temperature=0.5
    )
    wanted = sum(
        noise_contrast(text, frame_keys[:, i], q1, 0.5)
        + noise_contrast(frames[:, i], text_key, q2, 0.5)
        for i in range(3)
    )
    assert torch.allclose(found, wanted / 3)
    found = frame_adjacency_matching(frames, frame_keys, q1, 0.5)
    wanted = sum(
        noise_contrast(frames[:, i], frame_keys[:, i + 1], q1, 0.5)
        + noise_contrast(frames[:, i + 1], frame_keys[:, i], q1, 0.5)
        for i in range(2)
    )
    assert torch.allclose(found, wanted / 2)


def test_one_frame_has_no_neighbours():
    frames = torch.randn(2, 1, 4, requires_grad=True)
    loss = frame_adjacency_matching(frames, frames.detach(), torch.eye(4), 0.07)
    assert float(loss.detach()) == 0.0


def test_a_draw_that_hides_no_word_loses_nothing():
    logits = torch.randn(2, 3, 7, requires_grad=True)
    loss = masked_language_loss(logits, torch.full((2, 3), IGNORED))
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert float(logits.grad.abs().sum()) == 0.0


def test_masked_language_loss_is_the_mean_over_hidden_words():
    logits = torch.randn(1, 3, 7)
    labels = torch.tensor([[2, IGNORED, 5]])
    wanted = F.cross_entropy(logits[0, [0, 2]], torch.tensor([2, 5]))
    assert torch.allclose(masked_language_loss(logits, labels), wanted)
