from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from small_models import SMALL_MODELS

from xmr_core.datasets.scenes.script import script
from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.hmmc.clips import SceneBatches, backwards, reversed_captions
from xmr_core.methods.hmmc.config import HmmcModelConfig, HmmcTrainConfig, PretrainConfig
from xmr_core.methods.hmmc.files import CLIP_WEIGHTS, read_model
from xmr_core.methods.hmmc.loss import IGNORED
from xmr_core.methods.hmmc.pretrain import hide_words
from xmr_core.methods.hmmc.train import train_hmmc


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    start = tmp_path_factory.mktemp("start")
    clip = SMALL_MODELS["clip"](start)
    model = HmmcModelConfig(
        embed_dim=32, image_height=32, image_width=48, vision_width=64, vision_layers=2,
        vision_heads=2, temporal_layers=1, temporal_heads=2, frame_positions=4,
        vocab_size=clip.model.vocab_size, text_width=32, text_layers=2, text_heads=1,
        context_length=16,
    )  # fmt: skip
    pretrain = PretrainConfig(
        pretrain_steps=2, pretrain_batch_size=4, queue_length=8, inner_width=16
    )
    return HmmcTrainConfig(
        model=model, start=str(start), clips=8, frames=3, frozen_blocks=1, steps=3, batch_size=4,
        pretrain=pretrain, validation_clips=6, validation_every=2, checkpoint_every=2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(config, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    return train_hmmc(config, out), out


def test_a_run_leaves_a_checkpoint_that_loads(run):
    done, out = run
    again = read_model(out).state_dict()
    for name, value in done.encoder.model.state_dict().items():
        assert torch.allclose(again[name], value, atol=2e-3), name
    assert (done.weights, done.width, done.encoder.num_frames) == ("model.safetensors", 32, 3)
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 3
    assert "mlm_loss" in (out / "pretraining" / "metrics.jsonl").read_text()


def test_frozen_blocks_stay_and_the_others_move(run, config):
    done, _ = run
    start = load_file(f"{config.start}/{CLIP_WEIGHTS}")
    moved = {
        name: not torch.equal(value.half(), start[name])
        for name, value in done.encoder.model.state_dict().items()
        if name.startswith("visual.")
    }
    assert not moved["visual.conv1.weight"]
    assert not any(v for name, v in moved.items() if "resblocks.0." in name)
    assert moved["visual.transformer.resblocks.1.mlp.c_fc.weight"]
    assert moved["visual.proj"]


def test_the_same_settings_give_the_same_run(run, config, tmp_path):
    again = train_hmmc(replace(config, cache=str(run[1] / "tokens")), tmp_path)
    assert (tmp_path / "metrics.jsonl").read_text() == (run[1] / "metrics.jsonl").read_text()
    ours, theirs = again.encoder.model.state_dict(), run[0].encoder.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_folder_with_another_run_is_refused(run, config):
    with pytest.raises(ConfigError, match="other settings"):
        train_hmmc(replace(config, steps=4), run[1])


def test_a_start_that_does_not_fit_is_refused(config, tmp_path):
    with pytest.raises(CheckpointError, match="no bundled or local"):
        train_hmmc(replace(config, start="nowhere"), tmp_path / "a")
    wide = replace(config, model=replace(config.model, text_layers=1))
    with pytest.raises(CheckpointError, match="does not fit"):
        train_hmmc(wide, tmp_path / "b")


def test_batches_are_a_function_of_their_number(run):
    import numpy as np

    stored = np.zeros((8, 3, 2, 4), np.float16)
    batches = SceneBatches(stored, 4, 1.0, seed=0)
    first, again = batches.batch(3), next(batches.from_step(3))
    assert first.texts == again.texts
    assert torch.equal(first.source, again.source)
    assert len(first.texts) == len(first.source) == len(first.reverse)
    # A clip that comes backwards comes forwards, too; without a share none comes backwards.
    assert set(first.source[first.reverse].tolist()) <= set(first.source[~first.reverse].tolist())
    assert not SceneBatches(stored, 4, 0.0, seed=0).batch(3).reverse.any()


def test_only_what_makes_sense_backwards_is_reversed():
    found = [(script("train", i), backwards(script("train", i))) for i in range(60)]
    assert any(other is None for _, other in found)
    pairs = [(scene, other) for scene, other in found if other is not None]
    assert pairs
    assert all(scene.event != other.event and other.backwards for scene, other in pairs)
    captions = reversed_captions("train", 60, "en")
    assert set(captions) == {i for i, (_, other) in enumerate(found) if other is not None}


def test_hidden_words_are_no_marks_and_have_their_id_as_label():
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(3, 50, (40, 20), generator=generator)
    ids[:, 0], ids[:, -1] = 1, 2
    mask = torch.ones_like(ids, dtype=torch.bool)
    found = hide_words((ids, mask), 50, 49, marks=(1, 2), generator=generator)
    chosen = found.labels != IGNORED
    assert not chosen[:, 0].any()
    assert not chosen[:, -1].any()
    assert 0.12 < float(chosen[:, 1:-1].double().mean()) < 0.18
    assert torch.equal(found.labels[chosen], ids[chosen])
    assert torch.equal(found.ids[~chosen], ids[~chosen])
    shown = found.ids[chosen]
    assert 0.7 < float((shown == 49).double().mean()) < 0.9
