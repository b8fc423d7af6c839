"""Training CMPL: its batches, its two stages, averaged weights, and eight clips learnt by heart."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_models import small_clip
from torch import nn

from xmr_core.encoder import Embeddings
from xmr_core.errors import ConfigError
from xmr_core.methods.cmpl.config import CmplModelConfig, CmplTrainConfig
from xmr_core.methods.cmpl.data import (
    Pairs,
    ScenePairs,
    caption_vocabulary,
    frame_retrieval,
    scene_captions,
)
from xmr_core.methods.cmpl.model import CmplEncoder, load
from xmr_core.methods.cmpl.towers import CaptionIds, padded
from xmr_core.methods.cmpl.train import CmplLearner, train_cmpl
from xmr_core.types import LANGUAGES, CheckpointCard

pytest.importorskip("skia", reason="drawing scenes needs skia (Debian: libgl1 libegl1)")

MODEL = CmplModelConfig(adapter_width=8, word_width=16, lstm_width=16, embed_dim=16)
CONFIG = CmplTrainConfig(
    loss="cmpm+cmpc",
    model=MODEL,
    clips=8,
    frames_per_clip=2,
    captions_per_clip=2,
    clips_per_batch=4,
    steps=3,
    tune_steps=2,
    warmup_steps=1,
    validation_clips=4,
    validation_every=2,
    checkpoint_every=1,
    min_count=1,
)
OWN_NETWORK = replace(MODEL, image="torchvision:mobilenet_v3_small", image_size=16, adapter_width=0)


@pytest.fixture(scope="module")
def trunk(tmp_path_factory):
    return small_clip(tmp_path_factory.mktemp("trunk"))


@pytest.fixture(scope="module")
def run(tmp_path_factory, trunk):
    folder = tmp_path_factory.mktemp("runs") / "cmpl"
    return folder, train_cmpl(CONFIG, folder, trunk=trunk)


@pytest.fixture(scope="module")
def pairs():
    ids = CaptionIds(caption_vocabulary(8, 2, 1))
    frames = np.random.default_rng(0).random((8, 2, 5)).astype(np.float16)
    return ScenePairs(CONFIG, frames, scene_captions("train", 8, 2), ids), frames


def records(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_every_clip_comes_in_both_languages(pairs):
    found, frames = pairs
    first, second = found.batch(0), found.batch(1)
    assert sorted(torch.cat([first.identities, second.identities]).tolist()) == sorted(
        2 * [*range(8)]
    )
    assert torch.equal(first.identities[0::2], first.identities[1::2])
    assert first.images.dtype == torch.float32
    for image, clip in zip(first.images.numpy(), first.identities.tolist(), strict=True):
        assert image in frames[clip].astype(np.float32)
    tokenizer = caption_vocabulary(8, 2, 1)
    for row, mask, place in zip(first.ids, first.mask, range(8), strict=True):
        words = [tokenizer.id_to_token(int(i)) for i in row[mask][1:]]
        assert all(word.isascii() for word in words) == (place % 2 == 0)


def test_batches_are_the_same_whoever_asks(pairs):
    found, _ = pairs
    again = next(found.batches(1))
    assert all(
        torch.equal(getattr(again, name), getattr(found.batch(1), name))
        for name in ("images", "ids", "mask", "identities")
    )
    assert not torch.equal(found.batch(1).identities, found.batch(3).identities)


def test_pictures_are_mirrored_only_where_asked(pairs):
    frames = np.random.default_rng(0).integers(0, 255, (8, 2, 3, 4, 3), dtype=np.uint8)
    captions, ids = scene_captions("train", 8, 2), CaptionIds(caption_vocabulary(8, 2, 1))
    plain = ScenePairs(CONFIG, frames, captions, ids).batch(0).images
    flipped = ScenePairs(replace(CONFIG, flip=True), frames, captions, ids).batch(0).images
    same = (plain == flipped).flatten(1).all(1)
    mirrored = (plain.flip(2) == flipped).flatten(1).all(1)
    assert (same | mirrored).all()
    assert same.any()
    assert mirrored.any()


def test_a_run_writes_a_checkpoint_and_its_numbers(run, trunk):
    folder, result = run
    assert [record["step"] for record in records(folder / "stage1")] == [1, 2, 3]
    assert [record["step"] for record in records(folder / "stage2")] == [1, 2]
    last = records(folder / "stage2")[-1]
    assert {"cmpm_loss", "cmpc_loss", "val_SumR", "val_en_i2t_R@1", "val_zh_t2v_R@1"} <= set(last)
    assert result.width == 16
    assert result.seconds > 0
    card = CheckpointCard("c", "cmpl", "C", ("en",), 16, 4, result.weights, "", "MIT")
    again = load(folder, card, trunk=trunk)
    texts = ["a red car", "红色的汽车"]
    found, kept = again.encode_text(texts)["global"], result.encoder.encode_text(texts)["global"]
    assert torch.allclose(found, kept, atol=2e-3)  # the file has half precision


def test_a_stopped_run_ends_as_an_uninterrupted_one(run, trunk, tmp_path):
    folder, _ = run

    def stop_in_the_second_stage(items, *, desc, total):
        for item in items:
            if (desc, total, item) == ("training", 2, 1):
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        train_cmpl(CONFIG, tmp_path / "cmpl", trunk=trunk, progress=stop_in_the_second_stage)
    train_cmpl(CONFIG, tmp_path / "cmpl", trunk=trunk)
    assert records(tmp_path / "cmpl" / "stage2") == records(folder / "stage2")
    weights = [(f / "model.safetensors").read_bytes() for f in (folder, tmp_path / "cmpl")]
    assert weights[0] == weights[1]


def test_other_settings_are_refused_in_the_folder_of_a_run(run, trunk):
    with pytest.raises(ConfigError, match="other settings"):
        train_cmpl(replace(CONFIG, steps=4), run[0], trunk=trunk)


def test_features_need_a_trunk(tmp_path):
    with pytest.raises(ConfigError, match="trunk"):
        train_cmpl(CONFIG, tmp_path)


def test_an_image_network_of_its_own_is_trained_on_pixels(tmp_path):
    config = replace(CONFIG, model=OWN_NETWORK, trunk="", steps=1, tune_steps=1, clips=4)
    done = train_cmpl(config, tmp_path / "own")
    card = CheckpointCard("c", "cmpl", "C", ("en",), 16, 4, done.weights, "", "MIT")
    frames = np.zeros((2, 9, 16, 3), dtype=np.uint8)
    assert load(tmp_path / "own", card).frame_features(frames).shape == (2, 576)
    assert {"val_SumR", "val_length"} <= set(records(tmp_path / "own" / "stage2")[-1])


def test_the_first_stage_leaves_the_image_network_alone():
    learner = CmplLearner(replace(CONFIG, model=OWN_NETWORK, trunk=""), vocabulary=30, features=0)
    learner.freeze(True)
    learner.train()
    assert learner.model.text.training
    assert not any(part.training for part in learner.model.backbone.modules())
    pixels = torch.randint(0, 255, (4, 16, 16, 3), dtype=torch.uint8)
    batch = Pairs(pixels, *padded([[1, 2], [3], [4], [5, 6, 7]]), torch.tensor([0, 0, 1, 2]))
    before = {k: v.clone() for k, v in learner.model.backbone.state_dict().items()}
    sum(learner.losses(batch).values()).backward()
    assert all(p.grad is None for p in learner.model.backbone.parameters())
    assert all(p.grad is not None for p in learner.model.text.parameters())
    after = learner.model.backbone.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    learner.freeze(False)
    learner.train()
    sum(learner.losses(batch).values()).backward()
    assert all(p.grad is not None for p in learner.model.backbone.parameters())
    assert all(p.grad is None for p in learner.averaged.parameters())


def test_averaged_weights_follow_the_ramp():
    learner = CmplLearner(CONFIG, vocabulary=30, features=5)
    batch = Pairs(torch.randn(4, 5), *padded([[1], [2], [3], [4]]), torch.arange(4))
    nn.init.constant_(learner.model.image_head[0].weight, 1.0)
    nn.init.constant_(learner.averaged.image_head[0].weight, 0.0)
    learner.losses(batch)  # the momentum begins with 1 / 10
    assert learner.averaged.image_head[0].weight.mean() == pytest.approx(0.9)
    learner.losses(batch)  # 2 / 11
    assert learner.averaged.image_head[0].weight.mean() == pytest.approx(1 - 0.1 * 2 / 11)
    assert learner.averaged.image_head[1].running_mean.abs().sum() > 0


@pytest.mark.parametrize("loss", ["cmpm+cmpc", "cmpm", "sdm", "infonce", "ranking"])
def test_eight_clips_are_learnt_by_heart(loss):
    model = replace(MODEL, dropout=0.0)
    config = replace(CONFIG, loss=loss, model=model, average_momentum=0.5, temperature=0.2)
    learner = CmplLearner(config, vocabulary=12, features=8)
    learner.train()
    optimiser = torch.optim.Adam([p for p in learner.parameters() if p.requires_grad], 0.02)
    rows = [[number + 3, 1] for number in range(8)]
    batch = Pairs(torch.eye(8), *padded(rows), torch.arange(8))
    for _ in range(40):
        optimiser.zero_grad()
        sum(learner.losses(batch).values()).backward()
        optimiser.step()
    model = learner.averaged
    with torch.no_grad():
        x, z = model.embed_images(batch.images), model.embed_texts(batch.ids, batch.mask)
        scores = nn.functional.normalize(x) @ nn.functional.normalize(z).T
    assert torch.equal(scores.argmax(0), torch.arange(8))
    assert torch.equal(scores.argmax(1), torch.arange(8))


def test_frames_and_captions_find_each_other():
    """By hand: two clips of two frames; the second caption finds a frame of the wrong clip."""
    learner = CmplLearner(CONFIG, vocabulary=12, features=2)
    encoder = CmplEncoder("t", learner.averaged, caption_vocabulary(8, 2, 1))
    encoder.model.embed_images = lambda features: features  # type: ignore[method-assign]
    features = torch.tensor([[[1.0, 0.0], [0.6, 0.8]], [[0.0, 1.0], [-1.0, 0.0]]])
    texts = Embeddings({"global": torch.tensor([[1.0, 0.0], [0.8, 0.6]])})
    found = frame_retrieval(encoder, features, texts, np.arange(2))
    assert found.text_to_image.recall_at_1 == 50.0
    assert found.image_to_text.recall_at_1 == 75.0  # only the frame (0.6, 0.8) errs
    assert found.text_to_video.recall_at_1 == 50.0
    assert found.text_to_image.num_queries == 2
    assert found.image_to_text.num_queries == 4
    assert found.sum_of_recalls == pytest.approx(50 + 100 + 100 + 75 + 100 + 100)


def test_both_languages_come_in_order():
    (first, *_) = scene_captions("val", 1, 2)
    assert len(first) == 2 * len(LANGUAGES)
    assert [text.isascii() for text in first] == [True, True, False, False]


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "hinge"},
        {"clips_per_batch": 1},
        {"clips_per_batch": 9000},
        {"steps": 0},
        {"tune_steps": -1},
        {"average_momentum": 1.0},
        {"trunk": ""},
        {"model": OWN_NETWORK},
    ],
)
def test_settings_that_cannot_train(settings):
    with pytest.raises(ConfigError):
        CmplTrainConfig(**settings)
