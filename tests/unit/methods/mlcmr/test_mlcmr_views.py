import torch

from xmr_core.methods.mlcmr.views import drop_frames, front, mask_tokens

MASK_ID = 2


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def texts(lengths):
    longest = max(lengths)
    mask = torch.arange(longest) < torch.tensor(lengths)[:, None]
    ids = torch.arange(10, 10 + longest).repeat(len(lengths), 1) * mask
    return ids, mask


def test_as_many_tokens_are_masked_as_the_share_says():
    lengths = [3, 6, 7, 14, 20, 40]
    ids, mask = texts(lengths)
    found = mask_tokens(ids, mask, 0.15, MASK_ID, drawn())
    assert (found == MASK_ID).sum(1).tolist() == [int(0.15 * length) for length in lengths]
    assert torch.equal(found[found != MASK_ID], ids[found != MASK_ID])


def test_marks_and_padding_are_never_masked():
    ids, mask = texts([4, 9])
    for seed in range(20):
        found = mask_tokens(ids, mask, 1.0, MASK_ID, drawn(seed))
        assert (found == MASK_ID).sum(1).tolist() == [2, 7]
        assert torch.equal(found[:, 0], ids[:, 0])
        assert (found[0, 3], found[1, 8]) == (ids[0, 3], ids[1, 8])
        assert not found[0, 4:].any()


def test_every_inner_token_is_masked_equally_often():
    ids, mask = texts([7] * 3000)
    share = (mask_tokens(ids, mask, 0.15, MASK_ID, drawn()) == MASK_ID).float().mean(0)
    assert share[[0, 6]].tolist() == [0, 0]
    assert (share[1:6] - 0.2).abs().max() < 0.03


def test_as_many_frames_are_left_as_the_share_says_in_order():
    lengths = [1, 2, 5, 9, 70]
    mask = torch.arange(70) < torch.tensor(lengths)[:, None]
    frames = torch.arange(1.0, 71).view(1, 70, 1) * mask.unsqueeze(-1)
    kept, real = drop_frames(frames, mask, 0.8, drawn())
    counts = [length - int(0.8 * length) for length in lengths]
    assert real.sum(1).tolist() == counts
    assert kept.shape == (5, max(counts), 1)
    for row, count in enumerate(counts):
        values = kept[row, :count, 0].tolist()
        assert values == sorted(set(values))
        assert min(values) > 0


def test_the_same_generator_gives_the_same_views():
    ids, mask = texts([20, 30])
    found = [mask_tokens(ids, mask, 0.3, MASK_ID, drawn(seed)) for seed in (0, 0, 1)]
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_real_frames_come_to_the_front():
    frames = torch.arange(8.0).view(2, 4, 1)
    mask = torch.tensor([[False, True, False, True], [False, False, True, False]])
    moved, real = front(frames, mask)
    assert real.tolist() == [[True, True], [True, False]]
    assert moved[0, :, 0].tolist() == [1, 3]
    assert moved[1, 0, 0] == 6


def test_videos_without_frames_keep_one_column():
    moved, real = front(torch.ones(2, 3, 1), torch.zeros(2, 3, dtype=torch.bool))
    assert moved.shape == (2, 1, 1)
    assert not real.any()
