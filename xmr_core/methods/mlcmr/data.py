"""Training data of `scenes`: captions in two languages, the Chinese ones noisy, and batches."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from tokenizers import Tokenizer
from torch import Tensor

from xmr_core.datasets.scenes.captions import SceneCaption, caption_rng, write_captions
from xmr_core.datasets.scenes.noise import add_noise
from xmr_core.datasets.scenes.script import Split, script
from xmr_core.encoder import DualEncoder, VideoEncoder
from xmr_core.methods.mlcmr.config import MlcmrTrainConfig
from xmr_core.metrics import t2v_metrics
from xmr_core.nn.text import WordIds
from xmr_core.nn.tokenizer import train_tokenizer
from xmr_core.progress import Progress, no_progress
from xmr_core.training.scenes import scene_features
from xmr_core.types import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
VALIDATION_FRAMES = 12  # as search samples clips


@dataclass(frozen=True, slots=True)
class TrainingCaptions:
    """The captions of the training clips, clip by clip.

    Attributes:
        english: As they are.
        chinese: With the noise; the same whenever they are asked for with the same seed.
        chinese_words: Words that name something in each Chinese caption before the noise, by which
            Chinese is cut into words.
    """

    english: list[tuple[str, ...]]
    chinese: list[tuple[str, ...]]
    chinese_words: list[tuple[tuple[str, ...], ...]]


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


def training_captions(
    config: MlcmrTrainConfig, progress: Progress = no_progress
) -> TrainingCaptions:
    """Writes the captions; the noise of each is a function of seed, clip and number alone."""
    english, chinese, words = [], [], []
    for index in progress(range(config.clips), desc="writing captions", total=config.clips):
        english.append(
            tuple(c.text for c in _captions("train", index, "en", config.captions_per_clip))
        )
        clean = _captions("train", index, "zh", config.captions_per_clip)
        noisy = []
        for number, caption in enumerate(clean):
            rng = random.Random(f"noise/{config.seed}/{index}/{number}")
            noisy.append(add_noise(caption, config.noise, rng))
        chinese.append(tuple(noisy))
        words.append(tuple(tuple(c.text[m.start : m.end] for m in c.mentions) for c in clean))
    return TrainingCaptions(english, chinese, words)


def count_words(captions: TrainingCaptions) -> Tokenizer:
    """The vocabulary: words that recur in the training captions, noise included."""
    chinese = [
        (text, words)
        for texts, named in zip(captions.chinese, captions.chinese_words, strict=True)
        for text, words in zip(texts, named, strict=True)
    ]
    return train_tokenizer((text for texts in captions.english for text in texts), chinese)


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
        captions: TrainingCaptions,
        to_ids: WordIds,
    ) -> None:
        self._config = config
        self._features = features
        english = self._tokens(captions.english, to_ids)
        chinese = self._tokens(captions.chinese, to_ids)
        self._tokens_of = {"en": english, "zh": chinese}

    def _tokens(
        self, texts: list[tuple[str, ...]], to_ids: WordIds
    ) -> tuple[Int[Tensor, "clips captions length"], Bool[Tensor, "clips captions length"]]:
        ids, mask = to_ids([text for some in texts for text in some])
        shape = (len(texts), self._config.captions_per_clip, -1)
        return ids.to(torch.int32).view(shape), mask.view(shape)

    def since(self, first: int) -> Iterator[Batch]:
        """The batches from number `first` to the last."""
        return (self.batch(step) for step in range(first, self._config.steps))

    def batch(self, step: int) -> Batch:
        """Clips in an order of their own in every epoch, and one caption number of each."""
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
        self._texts = {
            name: [_captions("val", index, name, 1)[0].text for index in range(count)]
            for name in LANGUAGES
        }

    def measure(self, encoder: DualEncoder) -> dict[str, float]:
        """R@1 of text to video in both languages and their mean, in percent."""
        mask = torch.ones(self._features.shape[:2], dtype=torch.bool)
        videos = encoder.encode_video(self._features, mask)
        numbers = {}
        for name, texts in self._texts.items():
            scores = encoder.score(encoder.encode_text(texts), videos).cpu().numpy()
            numbers[f"val_{name}_R@1"] = t2v_metrics(scores).recall_at_1
        return {**numbers, "val_R@1": sum(numbers.values()) / len(numbers)}


def _captions(split: Split, index: int, language: Language, count: int) -> tuple[SceneCaption, ...]:
    return write_captions(
        script(split, index), language, count, caption_rng(split, index, language)
    )


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
