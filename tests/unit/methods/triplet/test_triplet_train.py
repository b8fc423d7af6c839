"""Training the hash network on tiny clips."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from xmr_core.errors import ConfigError
from xmr_core.methods.triplet.config import TripletTrainConfig
from xmr_core.methods.triplet.model import load_network, write_length
from xmr_core.methods.triplet.train import (
    ACTIONS,
    TrainingBatches,
    TripletLearner,
    actions,
    augmented,
    train_triplet,
)

TINY = TripletTrainConfig(
    bits=(8, 16),
    width=2,
    num_frames=2,
    height=16,
    picture_width=24,
    clips=32,
    classes_per_batch=2,
    clips_per_class=2,
    steps=4,
    small_share=0.5,
    validation_clips=24,
    validation_every=2,
    checkpoint_every=2,
)


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 255, (32, 2, 16, 24, 3), dtype=np.uint8)


def test_a_run_gives_every_length_and_goes_on_after_a_stop(tmp_path):
    done = train_triplet(TINY, tmp_path / "whole")
    assert (done.bits, done.width, done.encoder.num_frames) == (16, 16, 2)
    write_length(tmp_path / "whole", 8, tmp_path / "short")
    assert load_network(tmp_path / "short").config.bits == 8
    lines = (tmp_path / "whole" / "metrics.jsonl").read_text()
    measured = json.loads(lines.splitlines()[-1])
    assert {"triplet_loss", "centre_loss", "val_mAP_8", "val_mAP_16", "val_mAP"} <= set(measured)

    (tmp_path / "stopped" / "data").mkdir(parents=True)
    for file in (tmp_path / "whole" / "data").iterdir():
        file.rename(tmp_path / "stopped" / "data" / file.name)
    stop = _Stop(after=3)
    with pytest.raises(KeyboardInterrupt):
        train_triplet(TINY, tmp_path / "stopped", progress=stop)
    train_triplet(TINY, tmp_path / "stopped")
    assert (tmp_path / "stopped" / "metrics.jsonl").read_text() == lines
    with pytest.raises(ConfigError, match="other settings"):
        train_triplet(replace(TINY, lr=1.0), tmp_path / "stopped")


class _Stop:
    """A progress bar whose user presses Ctrl-C."""

    def __init__(self, after):
        self._after = after

    def __call__(self, iterable, desc="", total=None):
        for count, item in enumerate(iterable):
            if desc == "training" and count == self._after:
                raise KeyboardInterrupt
            yield item


def test_a_batch_depends_on_its_number_alone(pixels):
    batches = TrainingBatches(TINY, pixels)
    third = list(batches.since(0))[2]
    again = next(batches.since(2))
    assert all(torch.equal(a, b) for a, b in zip(third, again, strict=True))


def test_training_begins_with_small_pictures(pixels):
    shapes = [tuple(clips.shape) for clips, _ in TrainingBatches(TINY, pixels).since(0)]
    assert shapes == [(4, 3, 2, 8, 12)] * 2 + [(4, 3, 2, 16, 24)] * 2


def test_labels_are_those_of_the_clips(pixels):
    labels = next(TrainingBatches(TINY, pixels).since(0))[1]
    known = {ACTIONS.index(action) for action in actions("train", 32)}
    assert set(labels.tolist()) <= known
    assert len(set(labels.tolist())) == 2


def test_augmentation_is_the_same_in_all_frames_of_a_clip():
    clips = torch.randint(0, 255, (6, 1, 16, 24, 3), dtype=torch.uint8).repeat(1, 3, 1, 1, 1)
    found = augmented(clips, TINY, torch.Generator().manual_seed(0))
    assert torch.equal(found[:, 0], found[:, 2])
    assert not torch.allclose(found[:, 0], clips[:, 0].permute(0, 3, 1, 2).float(), atol=1)


def test_augmentation_never_mirrors():
    clips = torch.zeros(20, 1, 16, 24, 3, dtype=torch.uint8)
    clips[:, :, :, :8] = 200  # bright on the left
    found = augmented(clips, TINY, torch.Generator().manual_seed(0)).mean((1, 2, 3))
    assert (found[:, :6].mean(1) > found[:, -6:].mean(1)).all()


def test_without_augmentation_pictures_pass_unchanged():
    clips = torch.randint(0, 255, (3, 2, 16, 24, 3), dtype=torch.uint8)
    plain = replace(TINY, colour_jitter=0.0, shift=0.0)
    found = augmented(clips, plain, torch.Generator().manual_seed(0))
    assert torch.allclose(found, clips.permute(0, 1, 4, 2, 3).float(), atol=1e-2)


@pytest.mark.parametrize("loss", ["batch-all", "batch-all-nonzero", "batch-hard", "semi-hard"])
def test_every_rule_for_triplets_reaches_the_network(loss, pixels):
    settings = replace(
        TINY, loss=loss, quantisation_weight=0.0, balance_weight=0.0, centre_weight=0.0
    )
    learner = TripletLearner(settings)
    clips, labels = next(TrainingBatches(settings, pixels).since(0))
    named = learner.losses(clips, labels)
    torch.stack(list(named.values())).sum().backward()
    assert float(named["triplet_loss"].detach()) > 0
    gradient = learner.backbone.conv1.weight.grad
    assert torch.isfinite(gradient).all()
    assert float(gradient.abs().max()) > 0


def test_hash_centres_alone_train(pixels):
    learner = TripletLearner(replace(TINY, loss="none"))
    named = learner.losses(*next(TrainingBatches(TINY, pixels).since(0)))
    assert float(named["triplet_loss"]) == 0
    assert float(named["centre_loss"].detach()) > 0


@pytest.mark.parametrize("values", [{"bits": ()}, {"clips_per_class": 1}, {"small_share": 1.5}])
def test_settings_that_cannot_train_are_refused(values):
    with pytest.raises(ConfigError, match=r"at least|a share between"):
        TripletTrainConfig(**values)
