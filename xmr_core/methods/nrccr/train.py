"""Trains NRCCR on `scenes`: English, and Chinese with the mistakes of a poor translation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor, nn

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import ConfigError
from xmr_core.methods.nrccr.adversary import Adversary
from xmr_core.methods.nrccr.config import NrccrTrainConfig
from xmr_core.methods.nrccr.loss import (
    distillation_loss,
    feature_loss,
    language_loss,
)
from xmr_core.methods.nrccr.model import (
    WEIGHTS,
    NrccrEncoder,
    load_network,
    save_network,
)
from xmr_core.methods.nrccr.network import NrccrNetwork, Sentences, TextViews
from xmr_core.methods.nrccr.text import FOLDER, TextSide, freeze_lower_layers, open_text
from xmr_core.metrics import t2v_metrics
from xmr_core.nn.ranking_loss import triplet_loss
from xmr_core.nn.text import BertIds, BertTower
from xmr_core.nn.tokenizer import save_tokenizer
from xmr_core.progress import Progress, no_progress
from xmr_core.training.run import RunSettings, TrainedRun, claim_folder, train
from xmr_core.training.scenes import first_captions, scene_features
from xmr_core.training.translations import (
    TranslatedCaption,
    translated_captions,
    translation_tokenizer,
)
from xmr_core.types import LANGUAGES


def train_nrccr(
    config: NrccrTrainConfig,
    out: Path,
    *,
    trunk: VideoEncoder | None = None,
    progress: Progress = no_progress,
) -> TrainedRun:
    """Trains and writes a checkpoint folder to `out`; goes on where a stopped run left off.

    Args:
        config: See there.
        out: Folder of the run.
        trunk: What makes the frame features.
        progress: Shows captions, clips and steps.

    Raises:
        ConfigError: There is no trunk, or `out` holds a run with other settings.
    """
    if trunk is None:
        raise ConfigError("NRCCR needs frame features: give it a trunk such as scenes-clip")
    claim_folder(out, config)
    folder = Path(config.features_folder) if config.features_folder else out
    features = scene_features(trunk, "train", config.clips, config.frames, folder, progress)
    captions = translated_captions(
        config.clips,
        config.captions_per_clip,
        config.noise,
        config.seed,
        progress,
        folder=folder,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        text = _text(config, captions, out / FOLDER)
        learner = NrccrLearner(config, NrccrNetwork(config.model, text.tower))
    encoder = NrccrEncoder("run", learner.network, text, trunk=trunk)
    validation = ValidationClips(
        scene_features(trunk, "val", config.validation_clips, config.frames, folder, progress)
    )
    source = TrainingBatches(config, features, captions, text)
    learner.train()
    seconds = train(
        learner,
        source.start,
        learner.losses,
        lambda: validation.measure(encoder),
        out,
        _run_settings(config),
        progress,
    )
    save_network(learner.network, config.text, out)
    network, text = load_network(out)
    encoder = NrccrEncoder("run", network, text, trunk=trunk)
    title = f"NRCCR trained with {config.noise:.0%} translation noise, English and Chinese"
    return TrainedRun(encoder, seconds, WEIGHTS, config.model.space, title)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of clips with their sentences.

    Attributes:
        number: Of the batch; decides what dropout drops.
        features: Frame features, shape (batch, frames, d).
        mask: Which frames are real.
        source: English sentences.
        target: Their noisy translations.
        back: These translated back.
    """

    number: int
    features: Float[Tensor, "batch frames d"]
    mask: Bool[Tensor, "batch frames"]
    source: Sentences
    target: Sentences
    back: Sentences


class TrainingBatches:
    """Batch n: the same for the same settings, whoever asks and when."""

    def __init__(
        self,
        config: NrccrTrainConfig,
        features: NDArray[np.float16],
        captions: list[tuple[TranslatedCaption, ...]],
        text: TextSide,
    ) -> None:
        self._config, self._features = config, features
        self._captions, self._text = captions, text

    def start(self, first: int) -> Iterator[Batch]:
        """The batches from number `first` on."""
        for number in range(first, self._config.steps):
            yield self.batch(number)

    def batch(self, number: int) -> Batch:
        """Clips of an epoch in random order, one of its captions for each."""
        config = self._config
        epoch, place = divmod(number, config.clips // config.batch_size)
        order = np.random.default_rng((config.seed, epoch)).permutation(config.clips)
        chosen = np.sort(order[place * config.batch_size : (place + 1) * config.batch_size])
        which = np.random.default_rng((config.seed, 1, number)).integers(
            config.captions_per_clip, size=len(chosen)
        )
        drawn = [self._captions[i][k] for i, k in zip(chosen, which, strict=True)]
        features = torch.from_numpy(self._features[chosen].astype(np.float32))
        return Batch(
            number,
            features,
            torch.ones(features.shape[:2], dtype=torch.bool),
            Sentences(*self._text.to_ids([caption.english for caption in drawn])),
            Sentences(*self._text.to_ids([caption.chinese for caption in drawn])),
            Sentences(*self._text.to_ids([caption.back for caption in drawn])),
        )


class NrccrLearner(nn.Module):
    """The network, the adversary, and the losses of a batch."""

    def __init__(self, config: NrccrTrainConfig, network: NrccrNetwork) -> None:
        super().__init__()
        self.config, self.network = config, network
        self.adversary: Adversary | None = None
        if config.adversary_weight > 0:
            width: int = network.tower.hidden  # type: ignore[assignment]
            self.adversary = Adversary(width, config.discriminator, config.adversary_lr)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The weighted terms of one batch; the adversary takes its step in here."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed + 7919 * batch.number)
            return self._losses(batch)

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        c = self.config
        views = self.network.views(
            batch.source if c.source_weight > 0 else None,
            batch.target,
            batch.back if c.cycle_weight > 0 else None,
            cross=c.distillation_weight + c.feature_weight > 0,
        )
        video = self.network.embed_video(batch.features, batch.mask)
        ranked = partial(
            triplet_loss, margin=c.margin, hardest=batch.number >= c.all_negatives_steps
        )
        terms = {"target_loss": c.target_weight * ranked(views.target, video)}
        if views.source is not None:
            terms["source_loss"] = c.source_weight * ranked(views.source, video)
        if views.cross is not None:
            terms["distillation_loss"] = c.distillation_weight * distillation_loss(
                views.cross, views.target, video, c.temperature
            )
            terms["feature_loss"] = c.feature_weight * feature_loss(views.target, views.cross)
        if views.back is not None and views.source is not None:
            terms["cycle_loss"] = c.cycle_weight * ranked(views.source, views.back)
        if self.adversary is not None:
            terms["adversary_loss"] = c.adversary_weight * self._fooling(batch, views)
        return terms

    def _fooling(self, batch: Batch, views: TextViews) -> Tensor:
        """How badly the adversary, after its own step, takes the target for the source language."""
        assert self.adversary is not None and views.source_states is not None
        source, target = batch.source.mask, batch.target.mask
        if self.config.model.legacy_padding:
            source, target = torch.ones_like(source), torch.ones_like(target)
        self.adversary.update(views.source_states, source, views.target_states, target)
        return language_loss(self.adversary(views.target_states, target), source=True)


class ValidationClips:
    """Clips of the validation split with clean first captions; selection happens here only."""

    def __init__(self, features: NDArray[np.float16]) -> None:
        self._features = torch.from_numpy(features.astype(np.float32))
        self._texts = {
            language: first_captions("val", len(features), language) for language in LANGUAGES
        }

    def measure(self, encoder: NrccrEncoder) -> dict[str, float]:
        """R@1 and R@10 of text to video, in percent, and the sum that chooses (Chinese)."""
        mask = torch.ones(self._features.shape[:2], dtype=torch.bool)
        videos = encoder.encode_video(self._features, mask)
        numbers: dict[str, float] = {}
        for language, texts in self._texts.items():
            found = t2v_metrics(encoder.score(encoder.encode_text(texts), videos).numpy())
            numbers[f"val_{language}_R@1"] = found.recall_at_1
            numbers[f"val_{language}_R@10"] = found.recall_at_10
            numbers[f"val_{language}_sum"] = (
                found.recall_at_1 + found.recall_at_5 + found.recall_at_10
            )
        return numbers


def _run_settings(config: NrccrTrainConfig) -> RunSettings:
    return RunSettings(
        steps=config.steps,
        lr=config.lr,
        warmup_steps=config.warmup_steps,
        clip_norm=config.clip_norm,
        validation_every=config.validation_every,
        checkpoint_every=config.checkpoint_every,
        monitor="val_zh_sum",
    )


def _text(
    config: NrccrTrainConfig, captions: list[tuple[TranslatedCaption, ...]], folder: Path
) -> TextSide:
    """The text tower; its vocabulary is counted on this run's captions if it is a small one."""
    if not config.text.pretrained:
        if not (folder / "tokenizer.json").exists():
            folder.mkdir(exist_ok=True)
            save_tokenizer(translation_tokenizer(captions), folder)
        return open_text(config.text, folder)
    text = open_text(config.text, folder, pretrained=True)
    freeze_lower_layers(text.tower, config.text.first_trainable_layer)
    tower, to_ids = cast(BertTower, text.tower), cast(BertIds, text.to_ids)
    tower.model.config.save_pretrained(folder)
    to_ids.tokenizer.save_pretrained(folder)
    return text
