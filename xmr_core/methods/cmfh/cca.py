"""Regularised canonical correlation analysis from the same moments: the baseline of CMFH."""

from dataclasses import dataclass, replace

import numpy as np

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.model import Projections
from xmr_core.methods.cmfh.moments import Matrix, Moments


@dataclass(frozen=True, slots=True)
class Cca:
    """The result of `cca`.

    Attributes:
        projections: The directions as rows, best first; unit variance, penalty included.
        correlations: Their correlations over the training items, shape (bits,).
    """

    projections: Projections
    correlations: Matrix

    @property
    def weighted(self) -> Projections:
        """The projections with each direction weighted by its correlation."""
        first, second = self.projections.matrices
        weights = self.correlations[:, None]
        return replace(self.projections, matrices=(weights * first, weights * second))


def cca(moments: Moments, bits: int, ridge: float = 1e-4) -> Cca:
    """Finds the pairs of directions that agree best between the first two views.

    Implements Hotelling, "Relations between two sets of variates", 1936, with the ridge of Vinod,
    1976: maximises p_1' C_12 p_2 with p_t' (C_tt + r_t I) p_t = 1, C the covariances.

    Args:
        moments: Of the two views; further views are not looked at.
        bits: Number of directions; at most the smaller width.
        ridge: r_t as a share of the mean variance of view t; greater than 0.

    Raises:
        ConfigError: More directions are asked for than there are, or the ridge is not positive.
    """
    if not 0 < bits <= min(moments.widths[:2]):
        raise ConfigError(
            f"CCA of widths {moments.widths[0]} and {moments.widths[1]} has no {bits} directions;"
            f" at most {min(moments.widths[:2])}"
        )
    if not ridge > 0:
        raise ConfigError(f"the ridge of CCA {ridge} must be greater than 0")
    first, second = (_whitening(moments.block(t, t) / moments.count, ridge) for t in (0, 1))
    left, correlations, right = np.linalg.svd(
        first @ (moments.block(0, 1) / moments.count) @ second
    )
    matrices = (left[:, :bits].T @ first, right[:bits] @ second)
    projections = Projections(matrices, (moments.mean_of(0), moments.mean_of(1)))
    return Cca(projections, correlations[:bits])


def _whitening(covariance: Matrix, ridge: float) -> Matrix:
    """(C + r I)^(-1/2), symmetric."""
    values, vectors = np.linalg.eigh(covariance)
    floor = ridge * max(float(values.mean()), np.finfo(float).tiny)
    return (vectors / np.sqrt(np.maximum(values, 0.0) + floor)) @ vectors.T
