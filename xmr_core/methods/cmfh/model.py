"""Trained projections: from features to latents, and to and from disk."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.moments import Matrix
from xmr_core.methods.cmfh.solver import Factors, latent_maps

MeansSource = Literal["training", "given", "computed", "estimated"]

WEIGHTS = "model.safetensors"
CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class Projections:
    """A linear map of each view into one space.

    Attributes:
        matrices: P_t, shape (bits, width) each.
        means: What is taken from the features first, shape (width,) each.
        means_source: Where the means come from: "training", the data that the matrices were learnt
            from; "given"; "computed" from the training features; "estimated" from other features.
    """

    matrices: tuple[Matrix, Matrix]
    means: tuple[Matrix, Matrix]
    means_source: MeansSource = "training"

    def latents(self, features: NDArray[Any], view: int) -> Matrix:
        """Latents of items of which one view is known.

        Args:
            features: Shape (items, width).
            view: 0 or 1.

        Returns:
            Shape (items, bits).

        Raises:
            ConfigError: The features have another width.
        """
        return self.centred(features, view) @ self.matrices[view].T

    def centred(self, features: NDArray[Any], view: int) -> Matrix:
        """The features in float64 without their mean, shape (items, width)."""
        wide = np.asarray(features, dtype=np.float64)
        if wide.ndim != 2 or wide.shape[1] != len(self.means[view]):
            raise ConfigError(
                f"features of shape {wide.shape} do not fit view {view + 1}, which takes"
                f" {len(self.means[view])} numbers per item"
            )
        return wide - self.means[view]


@dataclass(frozen=True, slots=True)
class CmfhModel:
    """A trained CMFH.

    Attributes:
        config: The settings it was trained with.
        projections: The maps of the two views.
        bases: U_1 and U_2, shape (width, bits) each; None if only projections are known.
    """

    config: CmfhConfig
    projections: Projections
    bases: tuple[Matrix, Matrix] | None = None

    def latents(self, features: NDArray[Any], view: int) -> Matrix:
        """See `Projections.latents`: what a modality-specific code is made of."""
        return self.projections.latents(features, view)

    def unified_latents(self, first: NDArray[Any], second: NDArray[Any]) -> Matrix:
        """Latents of items of which both views are known: the best V for these items.

        Args:
            first: Features of view 0, shape (items, width).
            second: Features of view 1, same number of items.

        Returns:
            Shape (items, bits).

        Raises:
            ConfigError: The model has no bases, or the features do not fit.
        """
        if self.bases is None:
            raise ConfigError(
                "codes from both views need the bases U1 and U2, which these projections come"
                " without; use modality-specific codes"
            )
        if len(first) != len(second):
            raise ConfigError(f"{len(first)} and {len(second)} items: each needs both views")
        maps = latent_maps(
            Factors(self.bases, self.projections.matrices),
            self.config.weights(),
            self.config.mu,
            self.config.gamma,
            self.config.latent_penalty,
        )
        return sum(
            (
                self.projections.centred(view, t) @ maps[t].T
                for t, view in enumerate((first, second))
            ),
            start=np.zeros((len(first), self.config.bits)),
        )

    def rotated(self, rotation: Matrix) -> "CmfhModel":
        """The same model with V replaced by R V, shape of R (bits, bits). F does not change."""
        first, second = self.projections.matrices
        bases = self.bases and (self.bases[0] @ rotation.T, self.bases[1] @ rotation.T)
        turned = Projections(
            (rotation @ first, rotation @ second),
            self.projections.means,
            self.projections.means_source,
        )
        return CmfhModel(self.config, turned, bases)

    def save(self, folder: Path) -> None:
        """Writes `model.safetensors` and `config.json`, each atomically, the config last."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {
            **_numbered("projection", self.projections.matrices),
            **_numbered("mean", self.projections.means),
            **_numbered("base", self.bases or ()),
        }
        record = {
            "method": "cmfh",
            **asdict(self.config),
            "means_source": self.projections.means_source,
        }
        temporary = folder / (WEIGHTS + ".tmp")
        save_file(tensors, temporary)
        temporary.replace(folder / WEIGHTS)
        temporary = folder / (CONFIG + ".tmp")
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        temporary.replace(folder / CONFIG)

    @classmethod
    def load(cls, folder: Path) -> "CmfhModel":
        """Reads what `save` wrote, bit for bit.

        Raises:
            CheckpointError: A file is missing or damaged, or holds something else.
        """
        try:
            record = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            tensors = load_file(folder / WEIGHTS)
        except (OSError, ValueError, SafetensorError) as error:
            raise CheckpointError(f"{folder} is not a CMFH model: {error}") from error
        try:
            known = {field.name for field in fields(CmfhConfig)}
            config = CmfhConfig(**{name: record[name] for name in known})
            projections = Projections(
                (tensors["projection_1"], tensors["projection_2"]),
                (tensors["mean_1"], tensors["mean_2"]),
                record["means_source"],
            )
        except (KeyError, TypeError) as error:
            raise CheckpointError(f"{folder} is not a CMFH model: {error} is missing") from error
        bases = (tensors["base_1"], tensors["base_2"]) if "base_1" in tensors else None
        return cls(config, projections, bases)


def _numbered(name: str, arrays: Sequence[Matrix]) -> dict[str, Matrix]:
    # safetensors writes memory as it lies, whatever the strides say.
    return {f"{name}_{i}": np.ascontiguousarray(array) for i, array in enumerate(arrays, start=1)}
