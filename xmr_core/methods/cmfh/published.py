"""Published projection matrices, which come without the means they need."""

import logging
from collections.abc import Sequence

import numpy as np

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.features import Features, Source, open_array
from xmr_core.methods.cmfh.model import MeansSource, Projections
from xmr_core.methods.cmfh.moments import Matrix, moments_of

logger = logging.getLogger(__name__)


def load_published(
    matrices: Sequence[Source],
    *,
    means: Sequence[Source] | None = None,
    training: Sequence[Features] | None = None,
    sample: Sequence[Features] | None = None,
) -> Projections:
    """Reads P1 and P2, with means from exactly one place; `means_source` tells which.

    Args:
        matrices: P1 and P2, shape (bits, width) each, `.npy` files or arrays.
        means: The two means as `.npy` files or arrays ("given").
        training: The features that the matrices were learnt from ("computed").
        sample: Other features of the same kind ("estimated"); logged as a warning, because scores
            then differ from those of the authors.

    Raises:
        ConfigError: The matrices do not fit together, or the means come from no place or several.
            They are never taken to be zero.
    """
    first, second = (np.array(open_array(source), dtype=np.float64) for source in matrices)
    if len(first) != len(second) or len(first) > min(first.shape[1], second.shape[1]):
        raise ConfigError(
            f"projection matrices of shapes {first.shape} and {second.shape} are not"
            " (bits, width of view 1) and (bits, width of view 2)"
        )
    if sum(place is not None for place in (means, training, sample)) != 1:
        raise ConfigError(
            "published projections come without means: give the means, or the training features,"
            " or a sample of features, and only one of them"
        )
    widths = (first.shape[1], second.shape[1])
    if means is not None:
        taken = _given(means, widths)
        return Projections((first, second), taken, "given")
    views = training if training is not None else sample
    origin: MeansSource = "computed" if training is not None else "estimated"
    return Projections((first, second), _measured(views or (), widths, origin), origin)


def _given(means: Sequence[Source], widths: tuple[int, int]) -> tuple[Matrix, Matrix]:
    arrays = [np.array(open_array(m, dimensions=(1, 2)), dtype=np.float64).ravel() for m in means]
    found = tuple(len(array) for array in arrays)
    if found != widths:
        raise ConfigError(f"means of {found} numbers do not fit projections of widths {widths}")
    return arrays[0], arrays[1]


def _measured(
    views: Sequence[Features], widths: tuple[int, int], origin: MeansSource
) -> tuple[Matrix, Matrix]:
    found = tuple(view.width for view in views)
    if found != widths:
        raise ConfigError(f"features of widths {found} do not fit projections of widths {widths}")
    # Alone, because a sample of videos need not be paired with the sample of texts.
    first, second = (moments_of([[view]]).mean for view in views)
    if origin == "estimated":
        logger.warning(
            "means estimated from %s and %s items: scores will differ from the authors'",
            views[0].count,
            views[1].count,
        )
    return first, second
