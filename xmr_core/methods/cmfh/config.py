"""Settings of CMFH."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from xmr_core.errors import ConfigError

Start = Literal["normal", "uniform"]


@dataclass(frozen=True, slots=True)
class CmfhConfig:
    """What is minimised, and how. The weights are the authors' defaults.

    Attributes:
        bits: Length of the codes, k; also the width of the real-valued latents.
        view_weight: Share of the first view in the reconstruction, lambda; 0 to 1, exclusive.
        mu: Weight of the agreement between latents and projections.
        gamma: Weight of all regularisers.
        label_weight: Weight of the label view, where labels are given.
        tolerance: Stops when an iteration lowers the objective by less than this share of it; with
            0 it does all iterations.
        max_iterations: Stops here at the latest.
        start: Distribution of the start: standard normal, or uniform between 0 and 1.
        start_scale: What the start is multiplied with.
        rotate: Whether ITQ turns the latents towards the corners of the cube after training.
        rotation_iterations: Its number of rounds.
        rotation_items: It looks at this many items, drawn at random, or at all if there are fewer.
        seed: The only source of randomness.
        legacy_double_identity: Counts the identity in the latent update twice, as a public script
            does; only to reproduce it.
    """

    bits: int = 64
    view_weight: float = 0.5
    mu: float = 100.0
    gamma: float = 0.01
    label_weight: float = 0.5
    tolerance: float = 1e-6
    max_iterations: int = 2000
    start: Start = "normal"
    start_scale: float = 0.01
    rotate: bool = False
    rotation_iterations: int = 50
    rotation_items: int = 20_000
    seed: int = 0
    legacy_double_identity: bool = False

    def __post_init__(self) -> None:
        """Refuses settings for which the updates have no unique answer."""
        if not 0.0 < self.view_weight < 1.0:
            raise ConfigError(f"view_weight {self.view_weight} is not between 0 and 1")
        for name in ("mu", "gamma", "label_weight", "start_scale"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} {getattr(self, name)} must be greater than 0")
        for name in ("bits", "max_iterations", "rotation_iterations", "rotation_items"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} {getattr(self, name)} must be at least 1")
        if self.tolerance < 0:
            raise ConfigError(f"tolerance {self.tolerance} must not be negative")
        if self.start not in get_args(Start):
            raise ConfigError(f"start {self.start!r} is none of: {', '.join(get_args(Start))}")

    def weights(self, *, labels: bool = False) -> tuple[float, ...]:
        """The weight l_t of each view, the labels last if there are any."""
        views = (self.view_weight, 1.0 - self.view_weight)
        return (*views, self.label_weight) if labels else views

    @property
    def latent_penalty(self) -> float:
        """What |V|^2 is multiplied with in the objective that the updates minimise."""
        return self.gamma + (2 * self.mu + self.gamma if self.legacy_double_identity else 0.0)


@dataclass(frozen=True, slots=True)
class CmfhTrainConfig:
    """What CMFH is trained on: clips of `scenes`, or two matrices.

    Attributes:
        model: What is minimised. The codes of the shipped checkpoints are rotated.
        features: Two `.npy` matrices of paired items, items in columns or in rows, instead of
            `scenes`.
        labels: With `features`: class numbers, or 0 and 1 in a matrix, as a third view.
        orientation: Of the matrices, where their shapes leave it open.
        clips: Training clips of `scenes`.
        frames: Frames of each.
        captions: Captions of each, per language; every caption is one pair with its clip.
        real: Ranks by real-valued latents instead of codes.
        trunk: Checkpoint that embeds clips and captions; not used with `features`.
    """

    model: CmfhConfig = field(default_factory=lambda: CmfhConfig(rotate=True))
    features: tuple[Path, Path] | None = None
    labels: Path | None = None
    orientation: Literal["columns", "rows"] | None = None
    clips: int = 6000
    frames: int = 8
    captions: int = 2
    real: bool = False
    trunk: str = "scenes-clip"

    @property
    def seed(self) -> int:
        """The only source of randomness."""
        return self.model.seed
