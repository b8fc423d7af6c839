"""Trains MLCMR on `scenes`: English captions and noisy Chinese ones, over frozen frame features."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import ConfigError
from xmr_core.methods.mlcmr.config import MlcmrTrainConfig
from xmr_core.methods.mlcmr.data import (
    Batch,
    TrainingBatches,
    ValidationClips,
)
from xmr_core.methods.mlcmr.files import WEIGHTS, small_tower, write_mlcmr
from xmr_core.methods.mlcmr.loss import TwoViews, mlcmr_losses
from xmr_core.methods.mlcmr.model import MlcmrEncoder
from xmr_core.methods.mlcmr.network import MlcmrNetwork
from xmr_core.methods.mlcmr.views import drop_frames, mask_tokens
from xmr_core.nn.text import WordIds
from xmr_core.nn.tokenizer import UNKNOWN
from xmr_core.progress import Progress, no_progress
from xmr_core.training.run import RunSettings, TrainedRun, claim_folder, train
from xmr_core.training.scenes import scene_features
from xmr_core.training.translations import translated_captions, translation_tokenizer
from xmr_core.types import LANGUAGES

_CLIP_NORM = 2.0
_STEPS_PER_SEED = 1_000_003  # runs of neighbouring seeds share no draws


def train_mlcmr(
    config: MlcmrTrainConfig,
    out: Path,
    *,
    trunk: VideoEncoder | None = None,
    progress: Progress = no_progress,
) -> TrainedRun:
    """Trains and writes a checkpoint folder to `out`; goes on where a stopped run left off.

    Args:
        config: Settings.
        out: Folder of the run.
        trunk: The checkpoint `config.trunk`.
        progress: Shows what is being done.

    Raises:
        ConfigError: There is no trunk, its features have another width than the model takes, or
            `out` holds a run with other settings.
    """
    if trunk is None:
        raise ConfigError(f"MLCMR is trained on the frame features of {config.trunk}; load it")
    claim_folder(out, config)
    folder = Path(config.features_folder) if config.features_folder else out
    features = scene_features(trunk, "train", config.clips, config.frames, folder, progress)
    if features.shape[-1] != config.model.frame_width:
        raise ConfigError(
            f"{trunk.id} has frame features of width {features.shape[-1]}, model.frame_width is"
            f" {config.model.frame_width}"
        )
    captions = translated_captions(
        config.clips,
        config.captions_per_clip,
        config.noise,
        config.seed,
        progress,
        folder=folder,
    )
    vocabulary = translation_tokenizer(captions)
    to_ids = WordIds(vocabulary, config.model.context_length)
    mask_id = vocabulary.token_to_id(UNKNOWN)
    assert mask_id is not None, "every vocabulary of ours has a mark for unknown words"
    learner = MlcmrLearner(config, vocabulary.get_vocab_size(), mask_id)
    encoder = MlcmrEncoder(
        "run",
        learner.network,
        to_ids,
        trunk=trunk,
        num_frames=trunk.num_frames,
        languages=LANGUAGES,
        vocabulary=vocabulary,
    )
    validation = ValidationClips(config, trunk, folder, progress)
    batches = TrainingBatches(config, features, captions, to_ids)
    learner.train()
    seconds = train(
        learner,
        batches.since,
        learner.losses,
        lambda: validation.measure(encoder),
        out,
        _run_settings(config),
        progress,
    )
    learner.eval()
    write_mlcmr(learner.network, vocabulary, out)
    return TrainedRun(encoder, seconds, WEIGHTS, config.model.embed_dim, _title(config))


class MlcmrLearner(nn.Module):
    """The network and its losses on a batch.

    Args:
        config: Settings.
        vocabulary: Number of word ids.
        mask_id: What masked tokens become.
    """

    def __init__(self, config: MlcmrTrainConfig, vocabulary: int, mask_id: int) -> None:
        super().__init__()
        self._config = config
        self._mask_id = mask_id
        with torch.random.fork_rng(devices=[]):  # modules draw from the global generator
            torch.manual_seed(config.seed)
            self.network = MlcmrNetwork(config.model, small_tower(config.model, vocabulary))

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The named losses of one batch; its views and dropout depend on its number alone."""
        config = self._config
        number = config.seed * _STEPS_PER_SEED + batch.step
        generator = torch.Generator().manual_seed(number)
        masked = {
            name: mask_tokens(ids, batch.masks[name], config.mask_share, self._mask_id, generator)
            for name, ids in batch.ids.items()
        }
        mask = torch.ones(batch.frames.shape[:2], dtype=torch.bool)
        dropped = drop_frames(batch.frames, mask, config.drop_share, generator)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            texts = text_views(self.network, batch.ids, masked, batch.masks)
            video = TwoViews(self.network.videos(batch.frames, mask), self.network.videos(*dropped))
        return mlcmr_losses(
            texts,
            video,
            margin=config.margin,
            temperature=config.temperature,
            hardest=batch.step >= config.all_negatives_steps,
        )


def text_views(
    network: MlcmrNetwork,
    ids: Mapping[str, Tensor],
    masked: Mapping[str, Tensor],
    masks: Mapping[str, Tensor],
) -> dict[str, TwoViews]:
    """Embeds the sentences of every language and their second views.

    All sentences come before all second views, each language on its own: the statistics of the
    text mapping's normalisation move with every call, as in the public code.
    """
    whole = {name: network.texts(ids[name], masks[name]) for name in ids}
    augmented = {name: network.texts(masked[name], masks[name]) for name in ids}
    return {name: TwoViews(whole[name], augmented[name]) for name in ids}


def _run_settings(config: MlcmrTrainConfig) -> RunSettings:
    return RunSettings(
        steps=config.steps,
        lr=config.lr,
        warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay,
        clip_norm=_CLIP_NORM,
        validation_every=config.validation_every,
        checkpoint_every=config.checkpoint_every,
        monitor="val_R@1",
    )


def _title(config: MlcmrTrainConfig) -> str:
    kind = "parallel" if config.corpus == "parallel" else "non-parallel"
    return (
        f"MLCMR on the frames of {config.trunk}, trained on {kind} English and Chinese captions,"
        f" {config.noise:.0%} of the Chinese words spoilt"
    )
