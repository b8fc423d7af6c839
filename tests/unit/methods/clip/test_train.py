"""Training the small CLIP: its batches, and a run that learns eight clips by heart."""

import json

import pytest
import torch

from xmr_core.errors import ConfigError
from xmr_core.methods.clip.config import ClipModelConfig, ClipTrainConfig
from xmr_core.methods.clip.train import SceneBatches, train_clip

pytest.importorskip("skia", reason="drawing scenes needs skia (Debian: libgl1 libegl1)")

SMALL = ClipModelConfig(
    embed_dim=32,
    image_height=32,
    image_width=48,
    patch_size=16,
    vision_width=32,
    vision_layers=1,
    text_width=32,
    text_layers=1,
)
CONFIG = ClipTrainConfig(
    model=SMALL,
    steps=5,
    late_share=0.2,
    batch_size=8,
    warmup_steps=1,
    tokenizer_captions=60,
    validation_every=100,
    checkpoint_every=2,
    loader_workers=0,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    done = train_clip(CONFIG, folder)
    encoder, seconds = done.encoder, done.seconds
    return folder, encoder, seconds


def test_a_run_writes_an_open_clip_folder_and_its_numbers(run):
    folder, _, seconds = run
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [record["step"] for record in records] == [1, 2, 3, 4, 5]
    assert {"val_en_R@1", "val_zh_R@10"} <= set(records[-1])
    assert (folder / "open_clip_model.safetensors").exists()
    assert seconds > 0


def test_batches_are_the_same_whoever_asks(run):
    first = SceneBatches(CONFIG, str(run[0]))[1]
    again = SceneBatches(CONFIG, str(run[0]))[1]
    assert torch.equal(first["images"], again["images"])
    assert torch.equal(first["tokens"], again["tokens"])
    assert first["images"].shape == (8, 1, 3, 32, 48)


def test_training_ends_with_averages_of_frames(run):
    assert SceneBatches(CONFIG, str(run[0]))[4]["images"].shape == (8, 2, 3, 32, 48)


def test_other_settings_are_refused_in_the_folder_of_a_run(run):
    with pytest.raises(ConfigError, match="other settings"):
        train_clip(ClipTrainConfig(model=SMALL, steps=4), run[0])
