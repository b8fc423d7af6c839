import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from xmr_core.errors import ConfigError
from xmr_core.methods.mlcmr.config import MlcmrModelConfig, MlcmrTrainConfig
from xmr_core.methods.mlcmr.data import TrainingBatches
from xmr_core.methods.mlcmr.model import load
from xmr_core.methods.mlcmr.train import MlcmrLearner, train_mlcmr
from xmr_core.nn.text import WordIds
from xmr_core.training.run import METRICS
from xmr_core.training.translations import translated_captions, translation_tokenizer
from xmr_core.types import CheckpointCard

CONFIG = MlcmrTrainConfig(
    model=MlcmrModelConfig(
        frame_width=3, gru_width=8, conv_channels=8, embed_dim=16, text_width=16, text_heads=2
    ),
    clips=16,
    frames=3,
    captions_per_clip=2,
    steps=4,
    batch_size=8,
    warmup_steps=1,
    all_negatives_steps=2,
    validation_clips=4,
    validation_every=2,
    checkpoint_every=2,
)


class MeanColours:
    """A trunk whose frame features are mean colours."""

    id = "mean-colours"
    num_frames = 4
    stores_frames = True

    def frame_features(self, frames):
        return torch.from_numpy(frames.mean((1, 2)) / 255).float()


@pytest.fixture(scope="module")
def features_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("features")


def config(features_folder, **changes):
    return replace(CONFIG, features_folder=str(features_folder), **changes)


def batches(corpus="parallel", **changes):
    settings = replace(CONFIG, corpus=corpus, **changes)
    captions = translated_captions(settings.clips, settings.captions_per_clip, 0.3, settings.seed)
    vocabulary = translation_tokenizer(captions)
    features = np.arange(16.0)[:, None, None] * np.ones((16, 3, 3))
    return captions, vocabulary, TrainingBatches(settings, features, captions, WordIds(vocabulary))


def test_a_batch_holds_one_translated_sentence_of_each_clip():
    captions, vocabulary, source = batches()
    batch = source.batch(1)
    to_ids = WordIds(vocabulary)
    for row, clip in enumerate(batch.frames[:, 0, 0].int().tolist()):
        pair = [
            tuple(batch.ids[name][row][batch.masks[name][row]].tolist()) for name in ("en", "zh")
        ]
        known = [
            tuple(tuple(to_ids([text])[0][0].tolist()) for text in (c.english, c.chinese))
            for c in captions[clip]
        ]
        assert tuple(pair) in known


def test_an_epoch_shows_every_clip_once():
    _, _, source = batches()
    clips = [int(value) for step in (0, 1) for value in source.batch(step).frames[:, 0, 0]]
    assert sorted(clips) == list(range(16))
    again = [int(value) for step in (2, 3) for value in source.batch(step).frames[:, 0, 0]]
    assert sorted(again) == list(range(16))
    assert again != clips


def test_a_non_parallel_corpus_has_one_language_per_clip():
    _, _, source = batches("unparallel")
    _, _, both = batches()
    batch, pairs = source.batch(0), both.batch(0)
    assert set(batch.ids) == {"text"}
    for row, clip in enumerate(batch.frames[:, 0, 0].int().tolist()):
        name = "zh" if clip % 2 else "en"
        expected = pairs.ids[name][row][pairs.masks[name][row]]
        assert torch.equal(batch.ids["text"][row][batch.masks["text"][row]], expected)


def test_losses_depend_on_the_step_alone():
    _, vocabulary, source = batches()
    learner = MlcmrLearner(CONFIG, vocabulary.get_vocab_size(), 2).train()
    found = []
    for _ in range(2):
        torch.rand(3)  # somebody else draws from the global generator
        found.append(
            {name: value.detach() for name, value in learner.losses(source.batch(0)).items()}
        )
    assert found[0] == found[1]
    assert set(found[0]) == {"tri_en_video", "tri_zh_video", "nce_en", "nce_zh", "nce_video"}


def test_a_stopped_run_goes_on_as_if_nothing_had_happened(features_folder, tmp_path):
    def stop_at_three(iterable, desc="", total=0):
        for number, item in enumerate(iterable):
            if desc == "training" and number == 3:
                raise KeyboardInterrupt
            yield item

    settings = config(features_folder)
    train_mlcmr(settings, tmp_path / "whole", trunk=MeanColours())
    with pytest.raises(KeyboardInterrupt):
        train_mlcmr(settings, tmp_path / "cut", trunk=MeanColours(), progress=stop_at_three)
    run = train_mlcmr(settings, tmp_path / "cut", trunk=MeanColours())
    whole, cut = ((tmp_path / name / METRICS).read_text() for name in ("whole", "cut"))
    assert whole == cut
    weights = [(tmp_path / name / run.weights).read_bytes() for name in ("whole", "cut")]
    assert weights[0] == weights[1]


def test_what_is_trained_can_be_loaded(features_folder, tmp_path):
    run = train_mlcmr(config(features_folder), tmp_path, trunk=MeanColours())
    assert (run.width, run.weights) == (16, "model.safetensors")
    assert "30%" in run.title
    card = CheckpointCard("c", "mlcmr", "", ("en", "zh"), 16, 4, run.weights, "", "MIT")
    encoder = load(tmp_path, card, trunk=MeanColours())
    ours, theirs = (
        e.encode_text(["a red car", "红色的车"])["global"] for e in (encoder, run.encoder)
    )
    assert torch.allclose(ours, theirs, atol=5e-3)  # stored in half precision
    last = json.loads((tmp_path / METRICS).read_text().splitlines()[-1])
    assert {"val_en_R@1", "val_zh_R@1", "val_R@1"} <= set(last)


def test_eight_pairs_are_learnt_by_heart():
    """On features that tell the clips apart, every training sentence finds its clip."""
    settings = replace(
        CONFIG,
        model=replace(CONFIG.model, dropout=0.0),
        clips=8,
        captions_per_clip=1,
        noise=0.0,
        steps=120,
        lr=5e-3,
        all_negatives_steps=60,
    )
    captions = translated_captions(8, 1, 0.0, 0)
    vocabulary = translation_tokenizer(captions * 5)
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(8, 3, 3, generator=generator).numpy()
    source = TrainingBatches(settings, features, captions, WordIds(vocabulary))
    learner = MlcmrLearner(settings, vocabulary.get_vocab_size(), 2).train()
    optimiser = torch.optim.Adam(learner.parameters(), lr=settings.lr)
    sentences = [
        WordIds(vocabulary)([getattr(some[0], text) for some in captions])
        for text in ("english", "chinese")
    ]
    for step in range(settings.steps):
        optimiser.zero_grad()
        torch.stack(list(learner.losses(source.batch(step)).values())).sum().backward()
        optimiser.step()
        if step % 20 == 19 and all(found(learner.network, features, ids) for ids in sentences):
            return
        learner.train()
    pytest.fail("not learnt")


@torch.no_grad()
def found(network, features, sentences):
    network.eval()
    mask = torch.ones(features.shape[:2], dtype=torch.bool)
    scores = network.texts(*sentences) @ network.videos(torch.from_numpy(features), mask).T
    return scores.argmax(1).tolist() == list(range(len(features)))


def test_a_run_needs_its_trunk(tmp_path):
    with pytest.raises(ConfigError, match="scenes-clip"):
        train_mlcmr(CONFIG, tmp_path)


def test_a_trunk_of_another_width_is_refused(features_folder, tmp_path):
    model = replace(CONFIG.model, frame_width=7)
    with pytest.raises(ConfigError, match="width 3"):
        train_mlcmr(config(features_folder, model=model), tmp_path, trunk=MeanColours())


def test_a_folder_with_another_run_is_refused(features_folder, tmp_path):
    Path(tmp_path / "train.json").write_text("{}")
    with pytest.raises(ConfigError, match="other settings"):
        train_mlcmr(config(features_folder), tmp_path, trunk=MeanColours())
