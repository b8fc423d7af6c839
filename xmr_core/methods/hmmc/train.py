"""Trains HMMC on the world `scenes`, from the towers of a small CLIP, on a CPU."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from xmr_core.datasets.scenes.script import Split
from xmr_core.encoder import Embeddings, VideoEncoder
from xmr_core.errors import CheckpointError
from xmr_core.methods.hmmc.clips import (
    ClipBatch,
    SceneBatches,
    clip_tokens,
    reversed_captions,
)
from xmr_core.methods.hmmc.config import HmmcTrainConfig
from xmr_core.methods.hmmc.files import BUNDLED, CLIP_WEIGHTS, WEIGHTS, write_model
from xmr_core.methods.hmmc.ids import TOKENIZER, Reader, reader
from xmr_core.methods.hmmc.loss import fine_tuning_loss
from xmr_core.methods.hmmc.model import HmmcEncoder, HmmcModel
from xmr_core.methods.hmmc.pretrain_run import pretrain
from xmr_core.methods.hmmc.vision import features_from, freeze_below
from xmr_core.metrics import t2v_metrics
from xmr_core.nn.distributed import gather
from xmr_core.progress import Progress, no_progress
from xmr_core.training.run import RunSettings, TrainedRun, claim_folder, train
from xmr_core.training.scenes import first_captions
from xmr_core.types import LANGUAGES

TITLE = "HMMC on scenes: frame and video level, temporal transformer, English and Chinese"
_CLIPS_PER_PASS = 16
_ROUNDING = 1e-4  # of a score


def train_hmmc(
    config: HmmcTrainConfig,
    out: Path,
    *,
    trunk: VideoEncoder | None = None,
    progress: Progress = no_progress,
) -> TrainedRun:
    """Trains and writes a folder that `load` reads; goes on where a stopped run left off.

    Args:
        config: All settings.
        out: Folder of the run.
        trunk: Not used: the method has its own picture part, which starts from `config.start`.
        progress: Shows drawing and training.

    Raises:
        ConfigError: `out` holds a run with other settings.
    """
    claim_folder(out, config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        model = HmmcModel(config.model, waves=True)
    _start_from(model, config.start, out)
    freeze_below(model.visual, config.frozen_blocks)
    read = reader(out, config.model)
    encoder = HmmcEncoder("run", model, read, num_frames=config.frames, languages=LANGUAGES)
    stored = scene_tokens(config, encoder, out, progress)
    clips = stored["train"]
    seconds = 0.0
    if config.pretrain.pretrain_steps:
        size = config.pretrain.pretrain_batch_size
        batches = SceneBatches(clips, size, 0.0, config.seed, "pre-training")
        seconds = pretrain(model, read, _ids(out), batches, config, out / "pretraining", progress)
    learner = HmmcLearner(model, read, config)
    validation = Validation(config, stored["val"])
    batches = SceneBatches(clips, config.batch_size, config.reversed_share, config.seed)
    settings = RunSettings(
        steps=config.steps,
        lr=config.lr,
        warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay,
        validation_every=config.validation_every,
        checkpoint_every=config.checkpoint_every,
    )
    learner.train()
    seconds += train(
        learner,
        batches.from_step,
        learner.losses,
        lambda: validation.measure(encoder),
        out,
        settings,
        progress,
    )
    model.eval()
    write_model(model, out, start=config.start)
    width = config.model.embed_dim
    return TrainedRun(encoder, seconds, WEIGHTS, width, TITLE, compares_frames=True)


class HmmcLearner(nn.Module):
    """Fine-tuning: the model and its loss on batches of tokens.

    Args:
        model: Is trained in place.
        read: Turns texts into ids.
        config: Weights and scale of the loss.
    """

    def __init__(self, model: HmmcModel, read: Reader, config: HmmcTrainConfig) -> None:
        super().__init__()
        self.model = model
        self._read = read
        self._config = config

    def losses(self, batch: ClipBatch) -> dict[str, Tensor]:
        """The named losses of one batch."""
        config = self._config
        frames = batch_frames(self.model, batch, config.frozen_blocks)
        ids, mask = self._read(batch.texts)
        return fine_tuning_loss(
            gather(self.model.encode_ids(ids, mask)),
            gather(self.model.encode_frames(frames)),
            gather(frames),
            scale=config.scale,
            video_weight=config.video_weight,
            frame_weight=config.frame_weight,
        )


def batch_frames(
    model: HmmcModel, batch: ClipBatch, frozen_blocks: int
) -> Float[Tensor, "rows frames d"]:
    """Frame features of every row of a batch: each clip is encoded once, whatever its direction."""
    clips, frames = batch.tokens.shape[:2]
    found = features_from(model.visual, batch.tokens.flatten(0, 1).float(), frozen_blocks)
    rows = found.view(clips, frames, -1)[batch.source]
    return torch.where(batch.reverse[:, None, None], rows.flip(1), rows)


def scene_tokens(
    config: HmmcTrainConfig, encoder: HmmcEncoder, out: Path, progress: Progress
) -> dict[Split, NDArray[np.float16]]:
    """Tokens of the training and validation clips after the frozen blocks."""
    folder = Path(config.cache) if config.cache else out / "tokens"
    counts: dict[Split, int] = {"train": config.clips, "val": config.validation_clips}
    return {
        split: clip_tokens(
            encoder.model.visual,
            encoder.preprocess,
            split,
            count,
            config.frames,
            config.frozen_blocks,
            folder,
            progress,
        )
        for split, count in counts.items()
    }


class Validation:
    """Validation clips with their first captions; every choice is made on them.

    Args:
        config: Languages, clips and frozen blocks.
        stored: Tokens of the clips.
    """

    def __init__(self, config: HmmcTrainConfig, stored: NDArray[np.float16]) -> None:
        count = len(stored)
        self._stored, self._frozen = stored, config.frozen_blocks
        self._texts = {name: first_captions("val", count, name) for name in LANGUAGES}
        self._other = reversed_captions("val", count, "en")

    @torch.inference_mode()
    def features(self, model: HmmcModel) -> Float[Tensor, "clips frames d"]:
        """Frame features of all clips."""
        parts = []
        for first in range(0, len(self._stored), _CLIPS_PER_PASS):
            tokens = torch.tensor(self._stored[first : first + _CLIPS_PER_PASS])
            found = features_from(model.visual, tokens.flatten(0, 1).float(), self._frozen)
            parts.append(found.view(*tokens.shape[:2], -1))
        return torch.cat(parts)

    @torch.inference_mode()
    def measure(self, encoder: HmmcEncoder) -> dict[str, float]:
        """R@1 and R@10 of text to video in percent, and the share of pairs told apart.

        A pair is a clip and the same clip backwards, with the English caption of each.
        """
        features = self.features(encoder.model)
        everything = torch.ones(features.shape[:2], dtype=torch.bool)
        videos = encoder.encode_video(features, everything)
        numbers: dict[str, float] = {}
        texts: dict[str, Embeddings] = {}
        for language, sentences in self._texts.items():
            texts[language] = encoder.encode_text(sentences)
            found = t2v_metrics(encoder.score(texts[language], videos).numpy()).as_dict()
            numbers |= {f"val_{language}_{k}": float(found[k]) for k in ("R@1", "R@10")}
        if not self._other:
            return numbers
        chosen = list(self._other)
        turned = encoder.encode_video(features[chosen].flip(1), everything[chosen])
        forward, other = texts["en"].select(chosen), encoder.encode_text([*self._other.values()])
        numbers["val_pairs"] = pairs_told_apart(
            encoder, (forward, other), (videos.select(chosen), turned)
        )
        return numbers


def pairs_told_apart(
    encoder: HmmcEncoder,
    texts: tuple[Embeddings, Embeddings],
    videos: tuple[Embeddings, Embeddings],
) -> float:
    """Share of texts, in percent, that score their own video above its time reversal.

    An equal score counts half; the same frames added in another order may differ by rounding.

    Args:
        encoder: What scores.
        texts: Sentences about the clips, and about the clips played backwards.
        videos: The clips, and the clips played backwards; row i belongs to row i.
    """
    right = 0.0
    for own, other, sentences in ((0, 1, texts[0]), (1, 0, texts[1])):
        better = encoder.score(sentences, videos[own]).diagonal()
        worse = encoder.score(sentences, videos[other]).diagonal()
        gap = better - worse
        right += float((gap > _ROUNDING).double().mean())
        right += 0.5 * float((gap.abs() <= _ROUNDING).double().mean())
    return 50.0 * right


def _ids(folder: Path) -> Callable[[str], int]:
    """From a word of the run's vocabulary to its id."""
    vocabulary = Tokenizer.from_file(str(folder / TOKENIZER)).get_vocab()
    return vocabulary.__getitem__


def _start_from(model: HmmcModel, start: str, out: Path) -> None:
    """Copies the towers of an open_clip folder into the model and its tokenizer into the run."""
    from safetensors.torch import load_file

    folder = Path(start) if Path(start).is_dir() else BUNDLED / start
    weights = folder / CLIP_WEIGHTS
    if not weights.exists():
        raise CheckpointError(
            f"{start!r} is no bundled or local open_clip checkpoint to start from"
        )
    state = load_file(weights)
    state = {name: value.float() for name, value in state.items() if name != "logit_scale"}
    visual = {n.removeprefix("visual."): v for n, v in state.items() if n.startswith("visual.")}
    text = {name: value for name, value in state.items() if not name.startswith("visual.")}
    try:
        model.visual.load_state_dict(visual)
        model.text.load_state_dict(text)
    except RuntimeError as error:
        raise CheckpointError(
            f"{start!r} does not fit the model's settings: {str(error).splitlines()[-1].strip()}"
        ) from error
    shutil.copyfile(folder / TOKENIZER, out / TOKENIZER)
