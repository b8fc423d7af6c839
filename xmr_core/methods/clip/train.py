"""Trains the small CLIP on the world `scenes`, from nothing, on a CPU."""

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from xmr_core.datasets.scenes.captions import SceneCaption, caption_rng, write_captions
from xmr_core.datasets.scenes.render import render_frames
from xmr_core.datasets.scenes.script import NUM_FRAMES, Split, script
from xmr_core.encoder import VideoEncoder
from xmr_core.methods.clip.config import ClipTrainConfig
from xmr_core.methods.clip.loss import contrastive_loss, word_loss
from xmr_core.methods.clip.model import ClipEncoder, write_open_clip
from xmr_core.metrics import t2v_metrics
from xmr_core.nn.tokenizer import UNKNOWN, save_tokenizer, train_tokenizer
from xmr_core.progress import Progress, no_progress
from xmr_core.training.run import RunSettings, TrainedRun, claim_folder, train
from xmr_core.training.scenes import first_captions
from xmr_core.types import LANGUAGES

_VALIDATION_CLIPS = 500
_VALIDATION_FRAMES = 4


def train_clip(
    config: ClipTrainConfig,
    out: Path,
    *,
    trunk: VideoEncoder | None = None,
    progress: Progress = no_progress,
) -> TrainedRun:
    """Trains and writes an open_clip folder to `out`; goes on where a stopped run left off.

    Args:
        config: The settings.
        out: Folder of the run.
        trunk: Not used: it is a trunk itself.
        progress: Counts steps.

    Raises:
        ConfigError: `out` holds a run with other settings.
    """
    claim_folder(out, config)
    if not (out / "tokenizer.json").exists():
        _write_tokenizer(config, out, progress)
    vocabulary = len(json.loads((out / "tokenizer.json").read_text())["model"]["vocab"])
    model_config = config.model.open_clip(vocabulary)
    (out / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": model_config, "preprocess_cfg": config.model.preprocess()}) + "\n"
    )
    tokenizer = open_clip.get_tokenizer("local-dir:" + str(out))
    learner = ClipLearner(config, vocabulary)
    encoder = ClipEncoder("run", learner.clip, tokenizer, languages=LANGUAGES, num_frames=12)
    validation = ValidationClips(config)

    def batches(first: int) -> Iterable[dict[str, Tensor]]:
        return DataLoader(
            SceneBatches(config, str(out)),
            batch_size=None,
            sampler=range(first, config.steps),
            num_workers=config.loader_workers,
            prefetch_factor=4 if config.loader_workers else None,
            multiprocessing_context="spawn" if config.loader_workers else None,
        )

    settings = RunSettings(
        steps=config.steps,
        lr=config.lr,
        warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay,
        validation_every=config.validation_every,
        checkpoint_every=config.checkpoint_every,
    )
    learner.train()
    seconds = train(
        learner,
        batches,
        learner.losses,
        lambda: validation.measure(encoder),
        out,
        settings,
        progress,
    )
    weights = write_open_clip(learner.clip, model_config, config.model.preprocess(), out)
    title = "Small CLIP trained on scenes, mean pooling, English and Chinese"
    return TrainedRun(encoder, seconds, weights.name, config.model.embed_dim, title)


class ClipLearner(nn.Module):
    """The CLIP and, for training only, the head that names words."""

    def __init__(self, config: ClipTrainConfig, vocabulary: int) -> None:
        super().__init__()
        cfg = config.model.open_clip(vocabulary)
        with torch.random.fork_rng(devices=[]):  # open_clip draws from the global generator
            torch.manual_seed(config.seed)
            self.clip = open_clip.CLIP(
                embed_dim=cfg["embed_dim"], vision_cfg=cfg["vision_cfg"], text_cfg=cfg["text_cfg"]
            )
            self.namer = nn.Linear(config.model.embed_dim, vocabulary)
        size = tuple(cfg["vision_cfg"]["image_size"])
        open_clip.set_model_preprocess_cfg(self.clip, {"size": size, **config.model.preprocess()})
        nn.init.constant_(self.namer.bias, -4.0)  # a caption holds a few words of hundreds
        self.words_weight = config.words_weight

    def losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The named losses of one batch (see `SceneBatches`)."""
        images, tokens = batch["images"], batch["tokens"]  # (b, f, 3, h, w), (b, length)
        clips, frames = images.shape[:2]
        pixels = (images.flatten(0, 1).float() / 255 - 0.5) / 0.25
        raw = self.clip.encode_image(pixels)  # (b * f, d)
        videos = F.normalize(raw, dim=-1).view(clips, frames, -1).mean(1)
        texts = self.clip.encode_text(tokens, normalize=True)
        scale = self.clip.logit_scale.exp().clamp(max=100)
        named = self.namer(raw).view(clips, frames, -1).mean(1)
        return {
            "contrastive_loss": contrastive_loss(texts, F.normalize(videos, dim=-1), scale),
            "word_loss": self.words_weight * word_loss(named, tokens, ignore=_UNKNOWN_ID),
        }


class SceneBatches(Dataset):
    """Batch n of the training data: the same for the same settings, whoever asks and when."""

    def __init__(self, config: ClipTrainConfig, tokenizer_folder: str) -> None:
        self._config = config
        self._folder = tokenizer_folder
        self._tokenizer: Any = None  # built in the worker

    def __len__(self) -> int:
        return self._config.steps

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        if self._tokenizer is None:
            self._tokenizer = open_clip.get_tokenizer("local-dir:" + self._folder)
        config = self._config
        late = step >= config.steps * (1 - config.late_share)
        frames = config.late_frames_per_clip if late else config.frames_per_clip
        first = step * config.batch_size
        images, texts = [], []
        for index in range(first, first + config.batch_size):
            image, text = self._example(index, frames)
            images.append(image)
            texts.append(text)
        return {
            "images": torch.from_numpy(np.stack(images)).permute(0, 1, 4, 2, 3).contiguous(),
            "tokens": self._tokenizer(texts),
        }

    def _example(self, index: int, frames: int) -> tuple[np.ndarray, str]:
        scene = script("train", index)
        rng = random.Random(f"clip/{self._config.seed}/{index}")
        language = LANGUAGES[index % 2]
        texts = write_captions(scene, language, 4, caption_rng("train", index, language))
        # Equal stretches of the clip, one frame from each.
        stretch = NUM_FRAMES / frames
        times = [int(stretch * (i + rng.random())) for i in range(frames)]
        model = self._config.model
        image = render_frames(scene, times, model.image_width, model.image_height)
        return image, rng.choice(texts).text


class ValidationClips:
    """Validation clips with their first captions, rendered once; selection happens here only."""

    def __init__(self, config: ClipTrainConfig) -> None:
        self._config = config
        self._frames: np.ndarray | None = None
        self._texts = {
            language: first_captions("val", _VALIDATION_CLIPS, language) for language in LANGUAGES
        }

    @torch.inference_mode()
    def measure(self, encoder: ClipEncoder) -> dict[str, float]:
        """R@1 and R@10 of text to video for both languages, in percent."""
        if self._frames is None:
            times = [int(NUM_FRAMES * (i + 0.5) / _VALIDATION_FRAMES) for i in range(4)]
            model = self._config.model
            self._frames = np.concatenate(
                [
                    render_frames(script("val", i), times, model.image_width, model.image_height)
                    for i in range(_VALIDATION_CLIPS)
                ]
            )
        features = encoder.frame_features(self._frames)
        features = features.view(_VALIDATION_CLIPS, _VALIDATION_FRAMES, -1)
        videos = encoder.encode_video(features, torch.ones(features.shape[:2], dtype=torch.bool))
        numbers = {}
        for language, texts in self._texts.items():
            scores = encoder.score(encoder.encode_text(texts), videos).numpy()
            found = t2v_metrics(scores).as_dict()
            numbers |= {f"val_{language}_{k}": float(found[k]) for k in ("R@1", "R@10")}
        return numbers


_UNKNOWN_ID = 2  # <pad>, <start>, <unk> have the ids 0, 1, 2


def _captions(split: Split, index: int, language: Any, count: int) -> tuple[SceneCaption, ...]:
    return write_captions(
        script(split, index), language, count, caption_rng(split, index, language)
    )


def _write_tokenizer(config: ClipTrainConfig, out: Path, progress: Progress) -> None:
    english, chinese = [], []
    clips = range(config.tokenizer_captions)
    for index in progress(clips, desc="counting words", total=len(clips)):
        english += [c.text for c in _captions("train", index, "en", 4)]
        for caption in _captions("train", index, "zh", 4):
            named = [caption.text[m.start : m.end] for m in caption.mentions]
            chinese.append((caption.text, named))
    tokenizer = train_tokenizer(english, chinese)
    assert tokenizer.token_to_id(UNKNOWN) == _UNKNOWN_ID
    save_tokenizer(tokenizer, out)
