"""Settings of HMMC models and of their training."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from xmr_core.errors import ConfigError

Resize = Literal["squash", "shortest"]


@dataclass(frozen=True, slots=True)
class BertSizes:
    """A BERT with its pooler; the defaults are those of Chinese RoBERTa-wwm.

    Attributes:
        bert_vocabulary: Number of word pieces.
        bert_width: Of the hidden states.
        bert_layers: Number of blocks.
        bert_heads: Attention heads.
        bert_inner: Width inside a block.
        bert_positions: Longest text in word pieces.
        bert_types: Kinds of segments.
    """

    bert_vocabulary: int = 21128
    bert_width: int = 768
    bert_layers: int = 12
    bert_heads: int = 12
    bert_inner: int = 3072
    bert_positions: int = 512
    bert_types: int = 2

    def __post_init__(self) -> None:
        """Refuses a width that cannot be cut into heads."""
        if self.bert_heads < 1 or self.bert_width % self.bert_heads:
            raise ConfigError(
                f"bert_width {self.bert_width} is not a multiple of bert_heads {self.bert_heads}"
            )


@dataclass(frozen=True, slots=True)
class HmmcModelConfig:
    """The whole model, enough to build it; the defaults are those of the shipped `scenes-hmmc`.

    Attributes:
        embed_dim: Width of the shared space and of the frame features.
        image_height: Of the input image, pixels.
        image_width: Of the input image, pixels.
        patch_size: Side of a patch, pixels.
        vision_width: Width of the vision transformer.
        vision_layers: Its number of blocks.
        vision_heads: Its attention heads.
        quick_gelu: Whether both CLIP towers use x * sigmoid(1.702 x), as OpenAI's weights do.
        resize: "squash" the whole frame, or fit its "shortest" side and crop the centre.
        interpolation: "bilinear" or "bicubic".
        mean: Of the pixels, by colour, 0 to 1.
        std: Of the pixels, by colour.
        temporal_layers: Blocks of the temporal transformer; 0 leaves it out (mean pooling).
        temporal_heads: Their attention heads.
        temporal_eps: Of their LayerNorms.
        frame_positions: Longest video in frames.
        text: "clip" or "bert".
        vocab_size: Of the CLIP text tower.
        text_width: Of the CLIP text tower.
        text_layers: Of the CLIP text tower.
        text_heads: Of the CLIP text tower.
        context_length: Longest text in tokens.
        bert: Sizes of the text tower "bert".
        top_frames: k of the frame term of the score; 0 leaves the term out.
        legacy_special_tokens: Frame sentences of the BERT tower with [UNK] instead of [CLS] and
            [SEP]: the published Chinese VATEX checkpoint was trained so by a mistake of its loader.
    """

    embed_dim: int = 256
    image_height: int = 96
    image_width: int = 160
    patch_size: int = 16
    vision_width: int = 192
    vision_layers: int = 4
    vision_heads: int = 6
    quick_gelu: bool = False
    resize: Resize = "squash"
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.25, 0.25, 0.25)
    temporal_layers: int = 2
    temporal_heads: int = 4
    temporal_eps: float = 1e-5
    frame_positions: int = 48
    text: Literal["clip", "bert"] = "clip"
    vocab_size: int = 891
    text_width: int = 128
    text_layers: int = 3
    text_heads: int = 4
    context_length: int = 32
    bert: BertSizes = field(default_factory=BertSizes)
    top_frames: int = 2
    legacy_special_tokens: bool = False

    def __post_init__(self) -> None:
        """Refuses sizes that do not fit together."""
        for name, by in (("image_height", "patch_size"), ("image_width", "patch_size"),
                         ("vision_width", "vision_heads"), ("embed_dim", "temporal_heads"),
                         ("text_width", "text_heads")):  # fmt: skip
            if getattr(self, by) < 1 or getattr(self, name) % getattr(self, by):
                raise ConfigError(
                    f"{name} {getattr(self, name)} is not a multiple of {by} {getattr(self, by)}"
                )
        if self.top_frames < 0:
            raise ConfigError(f"top_frames is {self.top_frames}; it must be 0 or more")


def model_config(record: dict[str, Any]) -> HmmcModelConfig:
    """The settings from `config.json`.

    Raises:
        ConfigError: A field is unknown or does not fit.
    """
    known = {f.name for f in fields(HmmcModelConfig)}
    if unknown := set(record) - known:
        raise ConfigError(f"unknown settings of an HMMC model: {', '.join(sorted(unknown))}")
    tuples = {name: tuple(record[name]) for name in ("mean", "std") if name in record}
    nested = {"bert": BertSizes(**record["bert"])} if "bert" in record else {}
    return HmmcModelConfig(**{**record, **tuples, **nested})


@dataclass(frozen=True, slots=True)
class PretrainConfig:
    """Pre-training with momentum encoders and queues. Defaults of the published runs where small.

    Attributes:
        pretrain_steps: Optimiser steps; 0 leaves pre-training out.
        pretrain_batch_size: Clips per step; it must divide `queue_length`.
        pretrain_lr: Peak learning rate.
        queue_length: K, keys of texts and videos that are kept as negatives; frames: K times F.
        momentum: m of the slow copies.
        temperature: tau of all four losses.
        inner_width: Of the projectors and the predictor.
        fam_weight: Of frame adjacency matching.
        vtm_weight: Of video-text matching.
        ftm_weight: Of frame-text matching.
        mlm_weight: Of masked language modelling.
    """

    pretrain_steps: int = 0
    pretrain_batch_size: int = 64
    pretrain_lr: float = 1e-3
    queue_length: int = 1024
    momentum: float = 0.99
    temperature: float = 0.07
    inner_width: int = 512
    fam_weight: float = 0.05
    vtm_weight: float = 0.45
    ftm_weight: float = 0.45
    mlm_weight: float = 0.05

    def __post_init__(self) -> None:
        """Refuses a queue that batches cannot fill evenly."""
        size = self.pretrain_batch_size
        if size < 1 or self.queue_length % size:
            raise ConfigError(
                f"queue_length {self.queue_length} is not a multiple of pretrain_batch_size {size}"
            )


@dataclass(frozen=True, slots=True)
class HmmcTrainConfig:
    """How HMMC is trained on `scenes`. The defaults are those of the shipped `scenes-hmmc`.

    Attributes:
        model: The model.
        start: Id or folder of the CLIP checkpoint whose towers it starts from.
        clips: Training clips; drawn once.
        frames: Frames of each.
        frozen_blocks: Blocks of the vision transformer that stay as they are. Their tokens are
            computed once and kept in `cache`.
        cache: Folder of the drawn clips' tokens; "" for `tokens` in the run's own folder.
        steps: Optimiser steps of fine-tuning.
        batch_size: Clips per step; each brings one caption, English or Chinese.
        reversed_share: Share of the clips that make sense backwards that are also played so, with
            a caption of what is then seen, as hard negatives.
        lr: Peak learning rate; linear warm-up, then cosine decay to zero.
        warmup_steps: Length of the warm-up.
        weight_decay: Of matrices.
        scale: Inverse temperature of the loss; 100 in the publication, 21 in `scenes-clip`.
        video_weight: Of the video level of the loss.
        frame_weight: Of the frame level.
        pretrain: Pre-training before it.
        seed: The only source of randomness.
        validation_clips: Clips of the validation split.
        validation_every: Steps between two validations.
        checkpoint_every: Steps between two saved states, from which a killed run resumes.
    """

    model: HmmcModelConfig = field(default_factory=HmmcModelConfig)
    start: str = "scenes-clip"
    clips: int = 10_000
    frames: int = 8
    frozen_blocks: int = 3
    cache: str = ""
    steps: int = 600
    batch_size: int = 64
    reversed_share: float = 1.0
    lr: float = 1e-3
    warmup_steps: int = 20
    weight_decay: float = 0.05
    scale: float = 30.0
    video_weight: float = 0.85
    frame_weight: float = 0.15
    pretrain: PretrainConfig = field(default_factory=PretrainConfig)
    seed: int = 0
    validation_clips: int = 500
    validation_every: int = 100
    checkpoint_every: int = 100

    def __post_init__(self) -> None:
        """Refuses settings that cannot train."""
        if self.batch_size < 2:
            raise ConfigError(
                f"batch_size {self.batch_size} leaves nothing to contrast: at least 2"
            )
        if not 0.0 <= self.reversed_share <= 1.0:
            raise ConfigError(f"reversed_share {self.reversed_share} is not between 0 and 1")
        if not 0 <= self.frozen_blocks < self.model.vision_layers:
            raise ConfigError(
                f"frozen_blocks {self.frozen_blocks} must leave one of"
                f" {self.model.vision_layers} blocks to train"
            )
