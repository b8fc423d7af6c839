import pytest
import torch

from xmr_core.errors import ConfigError
from xmr_core.methods.mlcmr.config import MlcmrModelConfig, MlcmrTrainConfig
from xmr_core.methods.mlcmr.files import small_tower
from xmr_core.methods.mlcmr.network import MlcmrNetwork, VideoLevels

SMALL = {"frame_width": 6, "gru_width": 3, "conv_channels": 4, "embed_dim": 5}


@pytest.fixture
def levels():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return VideoLevels(MlcmrModelConfig(**SMALL)).eval()


def videos(lengths, seed=0):
    generator = torch.Generator().manual_seed(seed)
    frames = torch.randn(len(lengths), max(lengths), 6, generator=generator)
    return frames, torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]


@torch.no_grad()
def test_levels_as_written_out(levels):
    """Every window of the convolutions by hand, for one video without padding."""
    frames, mask = videos([4])
    states = levels.gru(frames)[0][0]
    expected = [states.mean(0)]
    for size, conv in zip((2, 3, 4, 5), levels.convolutions, strict=True):
        around = torch.cat([torch.zeros(size - 1, 6), states, torch.zeros(size - 1, 6)])
        windows = [around[i : i + size] for i in range(len(around) - size + 1)]
        responses = [(conv.weight * window.T).sum((1, 2)) + conv.bias for window in windows]
        expected.append(torch.stack(responses).relu().amax(0))
    expected.append(frames[0].mean(0))
    assert torch.allclose(levels(frames, mask)[0], torch.cat(expected), atol=1e-6)


@torch.no_grad()
def test_a_video_is_the_same_alone_and_beside_a_longer_one(levels):
    with torch.no_grad():
        for conv in levels.convolutions:
            conv.bias += 1.0  # windows of padding alone would win the maximum
    frames, mask = videos([2, 9, 1])
    together = levels(frames, mask)
    for row, length in enumerate([2, 9, 1]):
        alone = levels(frames[row : row + 1, :length], mask[row : row + 1, :length])
        assert torch.allclose(together[row], alone[0], atol=1e-6)


@torch.no_grad()
def test_padding_counts_behind_the_switch_only():
    frames, mask = videos([2, 9])
    for legacy in (True, False):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            module = VideoLevels(MlcmrModelConfig(**SMALL, legacy_padding=legacy)).eval()
        same = torch.allclose(module(frames, mask)[0], module(frames[:1, :2], mask[:1, :2])[0])
        assert same != legacy


@torch.no_grad()
def test_frames_after_the_last_that_is_seen_move_the_mean_only():
    config = MlcmrModelConfig(**SMALL, max_frames=3)
    module = VideoLevels(config).eval()
    frames, mask = videos([5])
    changed = frames.clone()
    changed[:, 4] += 1
    before, after = module(frames, mask)[0], module(changed, mask)[0]
    assert torch.equal(before[:-6], after[:-6])
    assert torch.allclose(after[-6:] - before[-6:], torch.full((6,), 0.2), atol=1e-6)


def test_both_languages_share_every_text_weight():
    config = MlcmrModelConfig(**SMALL, text_width=8, text_heads=2)
    network = MlcmrNetwork(config, small_tower(config, 20))
    names = {name.split(".")[0] for name, _ in network.named_parameters()}
    assert names == {"levels", "tower", "video_mapping", "text_mapping"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"text_width": 10, "text_heads": 4}, "text_width 10"),
        ({"query_weight_zh": 1.5}, "query_weight_zh 1.5"),
    ],
)
def test_odd_sizes_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        MlcmrModelConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 1}, "batch_size is 1"),
        ({"noise": 1.5}, "noise 1.5"),
        ({"model": MlcmrModelConfig(text_tower="bert")}, "small text tower"),
    ],
)
def test_odd_trainings_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        MlcmrTrainConfig(**settings)
