"""Deletion and insertion: the score while patches are hidden, or shown, one after another."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from xmr_core.explain.occlusion import hide

Score = Callable[[Float[Tensor, "images 3 height width"]], Float[Tensor, " images"]]


@dataclass(frozen=True, slots=True)
class CurveAreas:
    """Areas under the curves of some orders, above the score of the empty frame.

    Hiding in the reversed order shows the same frames as showing in the order itself, so the
    deletion area of the reversed order is `insertion`, and the other way round.

    Attributes:
        deletion: Score, averaged over the share of patches hidden, shape (orders,). Low is good.
        insertion: The same for patches shown on an empty frame. High is good.
        span: Score of the whole frame minus score of the empty one: what the areas compare with.
    """

    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]
    span: float


def patch_order(
    patch_map: Float[Tensor, "rows columns"], generator: torch.Generator
) -> Int[Tensor, " patches"]:
    """Patches from the highest value to the lowest; equal values in random order."""
    shuffled = torch.randperm(patch_map.numel(), generator=generator)
    values = patch_map.flatten().cpu()[shuffled]
    return shuffled[values.argsort(descending=True, stable=True)]


def curve_areas(
    score: Score,
    image: Float[Tensor, "3 height width"],
    orders: Int[Tensor, "orders patches"],
    grid: tuple[int, int],
    steps: int = 8,
) -> CurveAreas:
    """Areas of deletion and insertion for several orders of the patches of one image.

    Args:
        score: Scores a batch of images.
        image: Preprocessed; grey is 0.
        orders: Permutations of the patches.
        grid: Patch rows and columns.
        steps: Equal steps from the whole frame to the empty one.
    """
    patches = orders.shape[1]
    ranks = orders.argsort(1)  # when a patch's turn comes
    turns = torch.linspace(0, patches, steps + 1).round()[1:-1]
    shown = ranks[:, None] < turns[:, None]  # (orders, steps - 1, patches)
    whole = torch.ones(1, patches, dtype=torch.bool)
    visible = torch.cat([whole, ~whole, (~shown).flatten(0, 1), shown.flatten(0, 1)])
    masks = visible.reshape(-1, *grid).to(image.device)
    scores = score(hide(image.expand(len(masks), *image.shape), masks)).double().cpu()
    full, empty = scores[0].item(), scores[1].item()
    deletion, insertion = (scores[2:] - empty).reshape(2, len(orders), steps - 1)
    # Trapezia over equal steps: the inner points count whole, the two ends (span and 0) half.
    ends = (full - empty) / 2
    return CurveAreas(
        deletion=((deletion.sum(1) + ends) / steps).numpy(),
        insertion=((insertion.sum(1) + ends) / steps).numpy(),
        span=full - empty,
    )
