import math

import pytest
import torch
import torch.nn.functional as F

from xmr_core.methods.clip.loss import contrastive_loss, word_loss


def unit(*shape):
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(0)), dim=-1)


def test_contrastive_loss_of_equal_scores_is_log_of_the_batch():
    same = torch.ones(5, 3) / math.sqrt(3)
    assert contrastive_loss(same, same, torch.tensor(7.0)).item() == pytest.approx(math.log(5))


def test_contrastive_loss_equals_a_double_loop():
    texts, videos, scale = unit(4, 6), unit(8, 6)[4:], torch.tensor(3.0)
    total = 0.0
    for i in range(4):
        t2v = [math.exp(3 * float(texts[i] @ videos[j])) for j in range(4)]
        v2t = [math.exp(3 * float(texts[j] @ videos[i])) for j in range(4)]
        total -= math.log(t2v[i] / sum(t2v)) + math.log(v2t[i] / sum(v2t))
    assert contrastive_loss(texts, videos, scale).item() == pytest.approx(total / 8, rel=1e-5)


def test_contrastive_loss_is_lower_when_pairs_belong_together():
    texts = unit(6, 16)
    right = contrastive_loss(texts, texts, torch.tensor(5.0))
    wrong = contrastive_loss(texts, texts.roll(1, 0), torch.tensor(5.0))
    assert right < wrong


def test_word_loss_counts_each_word_once_and_no_marks():
    # vocabulary: pad, start, unk, a, b, end; the caption says "a a"
    logits = torch.zeros(1, 6)
    tokens = torch.tensor([[1, 3, 3, 5, 0]])
    assert word_loss(logits, tokens, ignore=2).item() == pytest.approx(6 * math.log(2))
    logits[0, 3] = 5.0
    better = word_loss(logits, tokens, ignore=2)
    logits[0, 3], logits[0, 4] = 0.0, 5.0
    worse = word_loss(logits, tokens, ignore=2)
    assert better < 6 * math.log(2) < worse


def test_word_loss_gradient_pulls_towards_the_words_of_the_caption():
    logits = torch.zeros(1, 6, requires_grad=True)
    word_loss(logits, torch.tensor([[1, 3, 5]]), ignore=2).backward()
    assert logits.grad is not None
    assert (logits.grad[0] < 0).tolist() == [False, False, False, True, False, False]
