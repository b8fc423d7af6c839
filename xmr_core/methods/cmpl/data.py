"""Pairs of a frame and a caption from `scenes`, and how well frames and captions find each other.

The identity of a pair is its clip: every frame of a clip matches every caption of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from xmr_core.datasets.scenes.captions import SceneCaption, caption_rng, write_captions
from xmr_core.datasets.scenes.script import Split, script
from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.methods.cmpl.config import CmplTrainConfig
from xmr_core.methods.cmpl.model import CmplEncoder
from xmr_core.methods.cmpl.towers import CaptionIds, padded
from xmr_core.metrics import RetrievalMetrics, retrieval_metrics, t2v_metrics
from xmr_core.nn.tokenizer import train_tokenizer
from xmr_core.progress import Progress, no_progress
from xmr_core.ranking import first_relevant, same_group
from xmr_core.training.scenes import scene_features, scene_pixels
from xmr_core.types import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Pairs:
    """One batch.

    Attributes:
        images: Image features (pairs, d), or pixels (pairs, height, width, 3) as uint8.
        ids: Words of the captions.
        mask: Which ids are words.
        identities: The clip of each pair.
    """

    images: Tensor
    ids: Int[Tensor, "pairs length"]
    mask: Bool[Tensor, "pairs length"]
    identities: Int[Tensor, " pairs"]


class ScenePairs:
    """The batches of a run: number n is the same whoever asks and when.

    Args:
        config: Of the run.
        frames: Features or pixels of the training clips, axes (clips, frames, ...).
        captions: Captions of each clip, in the order of `scene_captions`.
        ids: Turns them into words.
    """

    def __init__(
        self,
        config: CmplTrainConfig,
        frames: NDArray[Any],
        captions: list[tuple[str, ...]],
        ids: CaptionIds,
    ) -> None:
        self._config = config
        self._frames = frames
        self._ids = [ids.rows(of_clip) for of_clip in captions]

    def batches(self, first: int) -> Iterator[Pairs]:
        """All batches from number `first` on, without end."""
        while True:
            yield self.batch(first)
            first += 1

    def batch(self, number: int) -> Pairs:
        """Every clip with an English and with a Chinese caption; all clips once in an epoch."""
        config = self._config
        epoch, place = divmod(number, config.clips // config.clips_per_batch)
        order = np.random.default_rng([config.seed, 0, epoch]).permutation(config.clips)
        chosen = order[place * config.clips_per_batch :][: config.clips_per_batch]
        draw = np.random.default_rng([config.seed, 1, number])
        clips = np.repeat(chosen, len(LANGUAGES))
        frames = draw.integers(config.frames_per_clip, size=len(clips))
        which = draw.integers(config.captions_per_clip, size=len(clips))
        which += np.tile(np.arange(len(LANGUAGES)), len(chosen)) * config.captions_per_clip
        images = self._frames[clips, frames]
        if images.ndim > 2 and config.flip:
            mirrored = draw.random(len(clips)) < 0.5
            images[mirrored] = images[mirrored, :, ::-1]
        rows = [self._ids[clip][caption] for clip, caption in zip(clips, which, strict=True)]
        pictures = torch.from_numpy(np.ascontiguousarray(images))
        if images.dtype == np.float16:
            pictures = pictures.float()
        return Pairs(pictures, *padded(rows), torch.from_numpy(clips))


def scene_frames(
    config: CmplTrainConfig,
    split: Split,
    trunk: VideoEncoder | None,
    folder: Path,
    progress: Progress = no_progress,
) -> NDArray[Any]:
    """Image features of a trunk, or pixels, of the clips that a run uses, (clips, frames, ...)."""
    count = config.clips if split == "train" else config.validation_clips
    if trunk is not None:
        return scene_features(trunk, split, count, config.frames_per_clip, folder, progress)
    return scene_pixels(split, count, config.frames_per_clip, folder, progress=progress)


def scene_captions(split: Split, clips: int, count: int) -> list[tuple[str, ...]]:
    """The first `count` captions of each clip in English, then as many in Chinese."""
    return [
        tuple(c.text for language in LANGUAGES for c in _captions(split, i, language, count))
        for i in range(clips)
    ]


def caption_vocabulary(clips: int, count: int, min_count: int) -> Tokenizer:
    """The words that recur in the training captions of both languages."""
    english = [c.text for i in range(clips) for c in _captions("train", i, "en", count)]
    chinese = []
    for index in range(clips):
        for caption in _captions("train", index, "zh", count):
            named = [caption.text[m.start : m.end] for m in caption.mentions]
            chinese.append((caption.text, named))
    return train_tokenizer(english, chinese, min_count)


@dataclass(frozen=True, slots=True)
class FrameRetrieval:
    """Frames and captions that look for each other; any of the own clip is right.

    Attributes:
        text_to_image: A caption looks for a frame.
        image_to_text: A frame looks for a caption.
        text_to_video: A caption looks for a clip, by its frames.
    """

    text_to_image: RetrievalMetrics
    image_to_text: RetrievalMetrics
    text_to_video: RetrievalMetrics

    @property
    def sum_of_recalls(self) -> float:
        """SumR: R@1, R@5 and R@10 of frames and captions in both directions, 0 to 600."""
        return sum(
            m.recall_at_1 + m.recall_at_5 + m.recall_at_10
            for m in (self.text_to_image, self.image_to_text)
        )


@torch.inference_mode()
def frame_retrieval(
    encoder: CmplEncoder, features: Tensor, texts: Embeddings, owners: NDArray[np.int64]
) -> FrameRetrieval:
    """Measures retrieval between single frames and captions, and of clips by their frames.

    Args:
        encoder: The model.
        features: Image features, (clips, frames, d).
        texts: Embeddings of captions.
        owners: The clip of each caption.
    """
    clips, frames = features.shape[:2]
    everything = torch.ones(clips, frames, dtype=torch.bool)
    images = encoder.encode_video(features.flatten(0, 1)[:, None], everything.view(-1, 1))
    scores = (texts["global"] @ images["global"].T).cpu().numpy()
    relevant = same_group(owners, np.repeat(np.arange(clips), frames))
    videos = encoder.score(texts, encoder.encode_video(features, everything)).cpu().numpy()
    return FrameRetrieval(
        retrieval_metrics(first_relevant(scores, relevant)),
        retrieval_metrics(first_relevant(scores.T, relevant.T)),
        t2v_metrics(videos, owners),
    )


def _captions(split: Split, index: int, language: Language, count: int) -> tuple[SceneCaption, ...]:
    return write_captions(
        script(split, index), language, count, caption_rng(split, index, language)
    )
