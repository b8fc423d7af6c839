"""Batches of `scenes`: frames with a sentence and its noisy translation; validation clips."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from xmr_core.encoder import DualEncoder, VideoEncoder
from xmr_core.methods.mlcmr.config import MlcmrTrainConfig
from xmr_core.metrics import t2v_metrics
from xmr_core.nn.text import WordIds
from xmr_core.progress import Progress
from xmr_core.training.scenes import first_captions, scene_features
from xmr_core.training.translations import TranslatedCaption
from xmr_core.types import LANGUAGES

VALIDATION_FRAMES = 12  # as search samples clips


@dataclass(frozen=True, slots=True)
class Batch:
    """One training step.

    Attributes:
        step: Its number, from 0.
        frames: Frame features, shape (batch, frames, d); all frames are real.
        ids: Token ids by language; "text" for a non-parallel corpus.
        masks: Which ids are real.
    """

    step: int
    frames: Float[Tensor, "batch frames d"]
    ids: dict[str, Int[Tensor, "batch length"]]
    masks: dict[str, Bool[Tensor, "batch length"]]


class TrainingBatches:
    """Batch n of the training data: the same for the same settings, whoever asks and when.

    Args:
        config: See `MlcmrTrainConfig`.
        features: Of the training clips, shape (clips, frames, d).
        captions: Of the same clips.
        to_ids: From texts to token ids.
    """

    def __init__(
        self,
        config: MlcmrTrainConfig,
        features: np.ndarray,
        captions: Sequence[tuple[TranslatedCaption, ...]],
        to_ids: WordIds,
    ) -> None:
        self._config = config
        self._features = features
        flat = [caption for some in captions for caption in some]
        self._tokens_of = {
            "en": self._tokens([caption.english for caption in flat], to_ids),
            "zh": self._tokens([caption.chinese for caption in flat], to_ids),
        }

    def _tokens(
        self, texts: list[str], to_ids: WordIds
    ) -> tuple[Int[Tensor, "clips captions length"], Bool[Tensor, "clips captions length"]]:
        ids, mask = to_ids(texts)
        shape = (self._config.clips, self._config.captions_per_clip, -1)
        return ids.to(torch.int32).view(shape), mask.view(shape)

    def since(self, first: int) -> Iterator[Batch]:
        """The batches from number `first` to the last."""
        return (self.batch(step) for step in range(first, self._config.steps))

    def batch(self, step: int) -> Batch:
        """Clips in an order of their own in every epoch, and one sentence of each."""
        config = self._config
        epoch, place = divmod(step, config.clips // config.batch_size)
        order = np.random.default_rng([config.seed, epoch]).permutation(config.clips)
        clips = order[place * config.batch_size : (place + 1) * config.batch_size]
        rng = np.random.default_rng([config.seed, epoch, place])
        numbers = rng.integers(config.captions_per_clip, size=len(clips))
        frames = torch.from_numpy(self._features[clips]).float()
        texts = {name: self._texts(name, clips, numbers) for name in LANGUAGES}
        if config.corpus == "unparallel":
            texts = {"text": _one_of_each(texts, clips)}
        ids = {name: some for name, (some, _) in texts.items()}
        return Batch(step, frames, ids, {name: mask for name, (_, mask) in texts.items()})

    def _texts(
        self, language: str, clips: np.ndarray, numbers: np.ndarray
    ) -> tuple[Int[Tensor, "batch length"], Bool[Tensor, "batch length"]]:
        ids, mask = (tokens[clips, numbers] for tokens in self._tokens_of[language])
        longest = int(mask.sum(1).max())
        return ids[:, :longest].long(), mask[:, :longest]


class ValidationClips:
    """Clips of the split "val" with their first captions, free of noise; selection happens here.

    Args:
        config: See `MlcmrTrainConfig`.
        trunk: Makes their frame features.
        folder: Where these are kept.
        progress: Counts blocks of clips.
    """

    def __init__(
        self, config: MlcmrTrainConfig, trunk: VideoEncoder, folder: Path, progress: Progress
    ) -> None:
        count = config.validation_clips
        stored = scene_features(trunk, "val", count, VALIDATION_FRAMES, folder, progress)
        self._features = torch.from_numpy(np.asarray(stored, dtype=np.float32))
        self._texts = {language: first_captions("val", count, language) for language in LANGUAGES}

    def measure(self, encoder: DualEncoder) -> dict[str, float]:
        """R@1 of text to video in both languages and their mean, in percent."""
        mask = torch.ones(self._features.shape[:2], dtype=torch.bool)
        videos = encoder.encode_video(self._features, mask)
        numbers = {}
        for name, texts in self._texts.items():
            scores = encoder.score(encoder.encode_text(texts), videos).cpu().numpy()
            numbers[f"val_{name}_R@1"] = t2v_metrics(scores).recall_at_1
        return {**numbers, "val_R@1": sum(numbers.values()) / len(numbers)}


def _one_of_each(
    texts: dict[str, tuple[Tensor, Tensor]], clips: np.ndarray
) -> tuple[Int[Tensor, "batch length"], Bool[Tensor, "batch length"]]:
    """English of clips with an even number, Chinese of the others."""
    longest = max(mask.shape[1] for _, mask in texts.values())
    even = torch.from_numpy(clips % 2 == 0)[:, None]
    english, chinese = (
        tuple(torch.nn.functional.pad(part, (0, longest - part.shape[1])) for part in texts[name])
        for name in LANGUAGES
    )
    ids, mask = (torch.where(even, en, zh) for en, zh in zip(english, chinese, strict=True))
    return ids, mask
