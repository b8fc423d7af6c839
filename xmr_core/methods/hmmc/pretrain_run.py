"""The pre-training phase on `scenes`, before fine-tuning."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from xmr_core.methods.hmmc.clips import ClipBatch, SceneBatches
from xmr_core.methods.hmmc.config import HmmcTrainConfig
from xmr_core.methods.hmmc.ids import Reader
from xmr_core.methods.hmmc.model import HmmcModel
from xmr_core.methods.hmmc.pretrain import HmmcPretrainer, hide_words
from xmr_core.methods.hmmc.vision import features_from
from xmr_core.nn.tokenizer import END, PAD, START, UNKNOWN
from xmr_core.progress import Progress
from xmr_core.training.run import RunSettings, train

_TEXT = "caption"


def pretrain(
    model: HmmcModel,
    read: Reader,
    vocabulary: Callable[[str], int],
    batches: SceneBatches,
    config: HmmcTrainConfig,
    out: Path,
    progress: Progress,
) -> float:
    """Pre-trains `model` in place; goes on where a stopped run left off.

    Args:
        model: The towers.
        read: Turns texts into ids.
        vocabulary: From a mark of the vocabulary to its id.
        batches: Of clips in their own direction only.
        config: All settings.
        out: Folder of this phase.
        progress: Shows the steps.

    Returns:
        Seconds of work.
    """
    settings = RunSettings(
        steps=config.pretrain.pretrain_steps,
        lr=config.pretrain.pretrain_lr,
        warmup_steps=config.pretrain.pretrain_steps // 5,
        weight_decay=config.weight_decay,
        validation_every=config.pretrain.pretrain_steps,
        checkpoint_every=config.checkpoint_every,
    )
    learner = _Learner(model, read, vocabulary, config).train()
    return train(learner, batches.from_step, learner.losses, dict, out, settings, progress)


class _Learner(nn.Module):
    def __init__(
        self,
        model: HmmcModel,
        read: Reader,
        vocabulary: Callable[[str], int],
        config: HmmcTrainConfig,
    ) -> None:
        super().__init__()
        self._read, self._config = read, config
        self._marks = tuple(vocabulary(mark) for mark in (PAD, START, UNKNOWN, END))
        # The small vocabulary has no [MASK]; no training caption has an unknown word.
        self._hidden_word = vocabulary(UNKNOWN)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.trainer = HmmcPretrainer(
                model,
                config.pretrain,
                frames=config.frames,
                vocabulary=config.model.vocab_size,
                texts=(_TEXT,),
                frame_features=self._frame_features,
                generator=torch.Generator().manual_seed(config.seed),
            )

    def _frame_features(self, model: HmmcModel, tokens: Tensor) -> Tensor:
        found = features_from(model.visual, tokens.flatten(0, 1), self._config.frozen_blocks)
        return found.view(*tokens.shape[:2], -1)

    def losses(self, batch: ClipBatch) -> dict[str, Tensor]:
        """The four weighted losses of one batch."""
        texts = self._read(batch.texts)
        hidden = hide_words(
            texts,
            self._config.model.vocab_size,
            self._hidden_word,
            marks=self._marks,
            generator=torch.Generator().manual_seed(batch.step),
        )
        return self.trainer.losses(batch.tokens.float(), {_TEXT: texts}, {_TEXT: hidden})
