"""Settings of CMPL and of its training."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from xmr_core.errors import ConfigError

Loss = Literal["cmpm+cmpc", "cmpm", "sdm", "infonce", "ranking"]
Pooling = Literal["mean", "max"]


@dataclass(frozen=True, slots=True)
class CmplModelConfig:
    """The two towers and their joint heads. The authors' sizes are in brackets.

    Attributes:
        image: "features" for those of a trunk; "torchvision:resnet152",
            "torchvision:mobilenet_v2" or another network of torchvision; "open_clip:ViT-B-32" or
            another image tower of open_clip.
        image_weights: What the network starts from: a name of torchvision's weights enum, such as
            "IMAGENET1K_V2", or a pretrained tag of open_clip; "" for random weights.
        image_size: Side of the square that frames are squeezed to, for torchvision, pixels.
        adapter_width: Hidden width of the residual network over image features; 0 for none.
        word_width: Width of the word embeddings (512).
        lstm_width: Width of the LSTM in each direction (512).
        embed_dim: Width of the joint space, D (512).
        dropout: Of word embeddings and of LSTM outputs, in training.
        norm_momentum: How fast the joint heads' batch statistics are taken over (0.003 with
            ResNet, 0.0003 with MobileNet, in runs of more than 100,000 steps).
        norm_epsilon: Of the joint heads' batch normalisation (1e-5 and 1e-3).
        pooling: How a video scores: "mean" by the mean of its frames' directions, "max" by its
            best frame.
    """

    image: str = "features"
    image_weights: str = ""
    image_size: int = 224
    adapter_width: int = 512
    word_width: int = 128
    lstm_width: int = 256
    embed_dim: int = 256
    dropout: float = 0.3
    norm_momentum: float = 0.1
    norm_epsilon: float = 1e-5
    pooling: Pooling = "mean"

    def __post_init__(self) -> None:
        """Refuses towers that do not exist and sizes that cannot be built."""
        family, _, name = self.image.partition(":")
        if self.image != "features" and (family not in ("torchvision", "open_clip") or not name):
            raise ConfigError(
                f"image {self.image!r} is none of: features, torchvision:NAME, open_clip:NAME"
            )
        for option in ("image_size", "word_width", "lstm_width", "embed_dim"):
            if getattr(self, option) < 1:
                raise ConfigError(f"{option} is {getattr(self, option)}; it must be at least 1")
        if self.adapter_width < 0:
            raise ConfigError(f"adapter_width {self.adapter_width} must not be negative")
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"dropout {self.dropout} is not a share between 0 and 1")
        if self.pooling not in get_args(Pooling):
            raise ConfigError(
                f"pooling {self.pooling!r} is none of: {', '.join(get_args(Pooling))}"
            )


@dataclass(frozen=True, slots=True)
class CmplTrainConfig:
    """How CMPL is trained on `scenes`. The defaults are those of the shipped `scenes-cmpl`.

    A batch holds every clip twice: a frame with an English caption, and a frame with a Chinese one.
    Both pairs have the clip as their identity.

    Attributes:
        model: The towers.
        trunk: Checkpoint whose frame features are the images; "" for an image network of its own.
        loss: "cmpm" and "cmpm+cmpc" are the paper's, which on `scenes` validate alike, the second
            at a third more time; "sdm", "infonce" and "ranking" are others over the same pairs.
        temperature: Of "sdm" and "infonce"; 0 for that of their papers.
        clips: Training clips.
        frames_per_clip: Frames drawn of each; a pair takes one of them.
        captions_per_clip: Captions in each language; a pair takes one of them.
        clips_per_batch: Half the number of pairs of a batch.
        steps: Steps of the first stage: what lies below the joint heads stays as it is.
        tune_steps: Steps of the second stage: everything is trained; 0 for none.
        lr: Peak learning rate of the first stage; warm-up, then cosine decay to zero.
        tune_lr: The same of the second stage.
        warmup_steps: Length of each warm-up.
        weight_decay: Of matrices.
        average_momentum: Of the averaged weights, which are the result; it rises to this value as
            (1 + t) / (10 + t) does over t steps.
        flip: Mirrors pictures at random; not where captions speak of left and right. Without
            effect on "features".
        validation_clips: Validation clips; the weights with the highest SumR on them are kept.
        validation_every: Steps between validations.
        checkpoint_every: Steps between saved states, from which a killed run resumes.
        min_count: How often a word must occur in the training captions to have an embedding.
        seed: The only source of randomness.
    """

    model: CmplModelConfig = field(default_factory=CmplModelConfig)
    trunk: str = "scenes-clip"
    loss: Loss = "cmpm"
    temperature: float = 0.0
    clips: int = 8000
    frames_per_clip: int = 4
    captions_per_clip: int = 4
    clips_per_batch: int = 64
    steps: int = 400
    tune_steps: int = 400
    lr: float = 1e-3
    tune_lr: float = 3e-4
    warmup_steps: int = 50
    weight_decay: float = 4e-5
    average_momentum: float = 0.99
    flip: bool = False
    validation_clips: int = 500
    validation_every: int = 100
    checkpoint_every: int = 100
    min_count: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuses settings that cannot train."""
        if (self.model.image == "features") != bool(self.trunk):
            raise ConfigError(
                f"image {self.model.image!r} and trunk {self.trunk!r} do not go together: features"
                ' are those of a trunk, and an image network of its own has trunk ""'
            )
        if self.loss not in get_args(Loss):
            raise ConfigError(f"loss {self.loss!r} is none of: {', '.join(get_args(Loss))}")
        if self.clips_per_batch < 2:
            raise ConfigError(f"clips_per_batch {self.clips_per_batch} leaves nothing to contrast")
        if self.clips_per_batch > self.clips:
            raise ConfigError(
                f"clips_per_batch {self.clips_per_batch} is more than there are: clips {self.clips}"
            )
        for name in ("frames_per_clip", "captions_per_clip", "steps", "validation_clips"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if self.tune_steps < 0 or self.temperature < 0:
            raise ConfigError("tune_steps and temperature must not be negative")
        if not 0.0 <= self.average_momentum < 1.0:
            raise ConfigError(f"average_momentum {self.average_momentum} is not between 0 and 1")
