"""Training on a handful of clips, with a trunk that needs no pictures."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from xmr_core.errors import ConfigError
from xmr_core.methods.nrccr.config import NrccrModelConfig, NrccrTextConfig, NrccrTrainConfig
from xmr_core.methods.nrccr.model import load_network
from xmr_core.methods.nrccr.train import train_nrccr

SMALL = NrccrTrainConfig(
    model=NrccrModelConfig(
        feature_width=16,
        video_width=16,
        attention_width=8,
        space=16,
        dropout=0.0,
        hidden_dropout=0.1,
    ),
    text=NrccrTextConfig(width=16, layers=1, context_length=24),
    noise=0.3,
    clips=8,
    captions_per_clip=2,
    frames=2,
    steps=4,
    batch_size=8,
    warmup_steps=1,
    validation_clips=4,
    validation_every=2,
    checkpoint_every=2,
)


class Trunk:
    """Features by the mean colour of a frame, so that nothing has to be trained."""

    id, num_frames, stores_frames = "stand-in", 2, True

    def frame_features(self, frames):
        generator = torch.Generator().manual_seed(0)
        colours = torch.from_numpy(frames.reshape(len(frames), -1, 3).mean(1)).float() / 255
        return torch.nn.functional.normalize(colours @ torch.randn(3, 16, generator=generator))

    def encode_video(self, features, mask):
        raise NotImplementedError

    def score(self, queries, gallery):
        raise NotImplementedError


def metrics(folder):
    return (folder / "metrics.jsonl").read_text()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    return out, train_nrccr(SMALL, out, trunk=Trunk())


def test_every_loss_is_there(whole):
    last = json.loads(metrics(whole[0]).splitlines()[-1])
    for term in ("source", "target", "distillation", "feature", "cycle", "adversary"):
        assert np.isfinite(last[f"{term}_loss"])
    assert {"val_en_R@1", "val_zh_R@1", "val_zh_sum"} <= set(last)


def test_the_result_is_what_was_written(whole):
    out, run = whole
    network, _ = load_network(out)
    assert run.width == 16
    theirs = run.encoder.network.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in network.state_dict().items())


def test_a_stopped_run_ends_as_an_uninterrupted_one(whole, tmp_path):
    def stopping(iterable, *, desc="", total=None):
        for number, item in enumerate(iterable):
            if desc == "training" and number == 3:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        train_nrccr(SMALL, tmp_path, trunk=Trunk(), progress=stopping)
    train_nrccr(SMALL, tmp_path, trunk=Trunk())
    assert metrics(tmp_path) == metrics(whole[0])


def test_a_plain_triplet_model_is_the_same_with_weights_at_zero(tmp_path):
    plain = replace(
        SMALL,
        steps=1,
        source_weight=0.0,
        distillation_weight=0.0,
        feature_weight=0.0,
        cycle_weight=0.0,
        adversary_weight=0.0,
    )
    train_nrccr(plain, tmp_path, trunk=Trunk())
    terms = [key for key in json.loads(metrics(tmp_path)) if key.endswith("_loss")]
    assert terms == ["target_loss"]


def test_it_learns_eight_clips(tmp_path):
    config = replace(SMALL, steps=80, lr=1e-2, noise=0.0, validation_every=80)
    train_nrccr(config, tmp_path, trunk=Trunk())
    lines = [json.loads(line) for line in metrics(tmp_path).splitlines()]
    assert lines[-1]["target_loss"] < 0.6 * lines[0]["target_loss"]


def test_other_settings_need_another_folder(whole):
    with pytest.raises(ConfigError, match="other settings"):
        train_nrccr(replace(SMALL, noise=0.5), whole[0], trunk=Trunk())


def test_without_a_trunk_it_says_so(tmp_path):
    with pytest.raises(ConfigError, match="trunk"):
        train_nrccr(SMALL, tmp_path)
