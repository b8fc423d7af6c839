"""Trains CMPL on frames of `scenes` in two stages."""

import copy
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import ConfigError
from xmr_core.methods.cmpl.config import CmplTrainConfig, Loss
from xmr_core.methods.cmpl.data import (
    Pairs,
    ScenePairs,
    caption_vocabulary,
    frame_retrieval,
    scene_captions,
    scene_frames,
)
from xmr_core.methods.cmpl.loss import (
    Identities,
    Vectors,
    cmpc_loss,
    cmpm_loss,
    info_nce_loss,
    ranking_loss,
    sdm_loss,
)
from xmr_core.methods.cmpl.model import TOKENIZER, CmplEncoder, CmplModel, write_model
from xmr_core.methods.cmpl.towers import CaptionIds, image_tower
from xmr_core.nn.momentum import follow
from xmr_core.progress import Progress, no_progress
from xmr_core.training.run import RunSettings, TrainedRun, claim_folder, train
from xmr_core.types import LANGUAGES

_MONITOR = "val_SumR"
_NUM_FRAMES = 12
_TITLES: dict[Loss, str] = {
    "cmpm+cmpc": "CMPM + CMPC",
    "cmpm": "CMPM",
    "sdm": "SDM",
    "infonce": "InfoNCE",
    "ranking": "ranking loss",
}


def train_cmpl(
    config: CmplTrainConfig,
    out: Path,
    *,
    trunk: VideoEncoder | None = None,
    progress: Progress = no_progress,
) -> TrainedRun:
    """Trains and writes a checkpoint folder to `out`; goes on where a stopped run left off.

    Frames are drawn once and kept in `features` beside `out`, for other runs on the same clips.

    Args:
        config: The run.
        out: Folder of the run.
        trunk: What makes the image features, for `config.model.image` = "features".
        progress: Shows drawing and training.

    Raises:
        ConfigError: `out` holds a run with other settings, or the trunk is missing.
    """
    own_network = config.model.image != "features"
    if trunk is None and not own_network:
        raise ConfigError("the image features of CMPL are those of a trunk, and there is none")
    trunk = None if own_network else trunk
    claim_folder(out, config)
    tokenizer = _vocabulary(config, out)
    drawn = out.parent / "features"
    frames = {name: scene_frames(config, name, trunk, drawn, progress) for name in ("train", "val")}
    learner = CmplLearner(config, tokenizer.get_vocab_size(), frames["train"].shape[-1])
    encoder = CmplEncoder(
        "run",
        learner.averaged,
        tokenizer,
        trunk=trunk,
        num_frames=_NUM_FRAMES,
        languages=LANGUAGES,
    )
    captions = scene_captions("train", config.clips, config.captions_per_clip)
    pairs = ScenePairs(config, frames["train"], captions, CaptionIds(tokenizer))
    validation = Validation(config, frames["val"], encoder)
    seconds = 0.0
    for stage, settings in _stages(config):
        learner.freeze(stage == 1)
        learner.train()

        def batches(first: int, earlier: int = (stage - 1) * config.steps):
            return pairs.batches(first + earlier)

        folder = out / f"stage{stage}"
        seconds += train(
            learner, batches, learner.losses, validation.measure, folder, settings, progress
        )
    learner.eval()
    weights = write_model(learner.averaged, tokenizer, out)
    title = f"Cross-modal projection learning ({_TITLES[config.loss]}), English and Chinese"
    return TrainedRun(encoder, seconds, weights.name, config.model.embed_dim, title)


class CmplLearner(nn.Module):
    """The model, its slowly following average, and the classes of CMPC, for training only."""

    updates: Tensor

    def __init__(self, config: CmplTrainConfig, vocabulary: int, features: int) -> None:
        super().__init__()
        self.config = config
        with torch.random.fork_rng(devices=[]):  # layers draw from the global generator
            torch.manual_seed(config.seed)
            backbone = None if config.model.image == "features" else image_tower(config.model)
            width = backbone.width if backbone is not None else features
            self.model = CmplModel(config.model, vocabulary, width, backbone)
            self.averaged = copy.deepcopy(self.model).requires_grad_(False)
            self.classes: nn.Parameter | None = None
            if config.loss == "cmpm+cmpc":
                classes = torch.empty(config.model.embed_dim, config.clips)
                self.classes = nn.Parameter(nn.init.xavier_uniform_(classes))
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))
        self._frozen = False

    def freeze(self, frozen: bool) -> None:
        """Keeps what lies below the image's joint head as it is, its statistics included."""
        self._frozen = frozen
        for below in (self.model.backbone, self.model.adapter):
            if below is not None:
                below.requires_grad_(not frozen)

    def train(self, mode: bool = True) -> "CmplLearner":
        """Training mode, but for what is frozen and for the averaged weights."""
        super().train(mode)
        self.averaged.eval()
        if self._frozen and self.model.backbone is not None:
            self.model.backbone.eval()
        return self

    def losses(self, pairs: Pairs) -> dict[str, Tensor]:
        """The named losses of one batch. Updates the averaged weights first."""
        self._average()
        with torch.random.fork_rng(devices=[]):
            # Dropout is then a function of the step, and a resumed run draws what it would have.
            torch.manual_seed(self.config.seed * 1_000_003 + int(self.updates))
            images = pairs.images
            if self.model.backbone is not None:
                images = self.model.backbone(images)
            x = self.model.embed_images(images)
            z = self.model.embed_texts(pairs.ids, pairs.mask)
        named = self._matching(x, z, pairs.identities)
        if self.classes is not None:
            named["cmpc_loss"] = cmpc_loss(x, z, pairs.identities, self.classes)
        return named

    def _matching(self, x: Vectors, z: Vectors, identities: Identities) -> dict[str, Tensor]:
        kind, temperature = self.config.loss, self.config.temperature
        scale = {"temperature": temperature} if temperature else {}
        if kind == "sdm":
            return {"sdm_loss": sdm_loss(x, z, identities, **scale)}
        if kind == "infonce":
            return {"info_nce_loss": info_nce_loss(x, z, identities, **scale)}
        if kind == "ranking":
            return {"ranking_loss": ranking_loss(x, z, identities)}
        return {"cmpm_loss": cmpm_loss(x, z, identities)}

    @torch.no_grad()
    def _average(self) -> None:
        """Moves the averaged weights towards the present ones, statistics included."""
        done = int(self.updates)
        momentum = min(self.config.average_momentum, (1 + done) / (10 + done))
        follow(self.averaged, self.model, momentum)
        for slow, fast in zip(self.averaged.buffers(), self.model.buffers(), strict=True):
            if slow.is_floating_point():
                slow.lerp_(fast, 1 - momentum)
            else:
                slow.copy_(fast)
        self.updates += 1


class Validation:
    """Validation clips with their first captions; weights are chosen here and nowhere else.

    Args:
        config: Of the run.
        frames: Features or pixels of the clips, (clips, frames, ...).
        encoder: Over the averaged weights.
    """

    def __init__(self, config: CmplTrainConfig, frames: np.ndarray, encoder: CmplEncoder) -> None:
        self._frames = frames
        self._encoder = encoder
        captions = scene_captions("val", config.validation_clips, 1)
        self._texts = [[of_clip[i] for of_clip in captions] for i in range(len(LANGUAGES))]

    @torch.inference_mode()
    def measure(self) -> dict[str, float]:
        """SumR of frames and captions, mean of both languages, and R@1 by task and language."""
        features = self._features()
        owners, numbers, sums = np.arange(len(features)), {}, []
        for language, texts in zip(LANGUAGES, self._texts, strict=True):
            embedded = self._encoder.encode_text(texts)
            found = frame_retrieval(self._encoder, features, embedded, owners)
            sums.append(found.sum_of_recalls)
            numbers[f"val_{language}_t2i_R@1"] = found.text_to_image.recall_at_1
            numbers[f"val_{language}_i2t_R@1"] = found.image_to_text.recall_at_1
            numbers[f"val_{language}_t2v_R@1"] = found.text_to_video.recall_at_1
            numbers[f"val_{language}_t2v_R@10"] = found.text_to_video.recall_at_10
        return {_MONITOR: sum(sums) / len(sums), **numbers, **self._lengths(features)}

    def _features(self) -> Tensor:
        if self._frames.ndim == 3:
            return torch.from_numpy(np.asarray(self._frames, dtype=np.float32))
        clips, frames = self._frames.shape[:2]
        flat = self._frames.reshape(-1, *self._frames.shape[2:])
        return self._encoder.frame_features(flat).view(clips, frames, -1)

    def _lengths(self, features: Tensor) -> dict[str, float]:
        """Mean length of the image embeddings: growing without end, it sharpens p for nothing."""
        images = self._encoder.model.embed_images(features.flatten(0, 1).to(self._encoder.device))
        return {"val_length": float(images.norm(dim=1).mean())}


def _stages(config: CmplTrainConfig) -> list[tuple[int, RunSettings]]:
    """Number and settings of the stages."""
    plan = [(1, config.steps, config.lr)]
    if config.tune_steps:
        plan.append((2, config.tune_steps, config.tune_lr))
    return [
        (
            stage,
            RunSettings(
                steps=steps,
                lr=lr,
                warmup_steps=config.warmup_steps,
                weight_decay=config.weight_decay,
                validation_every=config.validation_every,
                checkpoint_every=config.checkpoint_every,
                monitor=_MONITOR,
            ),
        )
        for stage, steps, lr in plan
    ]


def _vocabulary(config: CmplTrainConfig, out: Path) -> Tokenizer:
    """Counted on the training captions once."""
    path = out / TOKENIZER
    if path.exists():
        return Tokenizer.from_file(str(path))
    tokenizer = caption_vocabulary(config.clips, config.captions_per_clip, config.min_count)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(tokenizer.to_str(), encoding="utf-8")
    temporary.replace(path)
    return tokenizer
