"""The losses of MLCMR. All embeddings are of unit length; row i of each belongs to clip i."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from xmr_core.nn.ranking_loss import triplet_loss

Rows = Float[Tensor, "batch d"]


@dataclass(frozen=True, slots=True)
class TwoViews:
    """Embeddings of some items and of what augmentation left of them."""

    whole: Rows
    augmented: Rows


def info_nce(keys: Rows, queries: Rows, temperature: float = 0.07) -> Float[Tensor, ""]:
    """Cross entropy of finding each query's own key among all keys, summed over the queries.

    Implements equation 4 of van den Oord et al., 2018 (arXiv:1807.03748) with cosine scores.
    """
    target = torch.arange(len(keys), device=keys.device)
    return F.cross_entropy(queries @ keys.T / temperature, target, reduction="sum")


def symmetric_info_nce(views: TwoViews, temperature: float = 0.07) -> Float[Tensor, ""]:
    """The mean of both directions of `info_nce`."""
    there = info_nce(views.whole, views.augmented, temperature)
    return (there + info_nce(views.augmented, views.whole, temperature)) / 2


def mlcmr_losses(
    texts: Mapping[str, TwoViews],
    video: TwoViews,
    *,
    margin: float = 0.2,
    temperature: float = 0.07,
    hardest: bool = True,
) -> dict[str, Tensor]:
    """The named terms, of which the loss is the sum (see the package docstring).

    Args:
        texts: The sentences by language; "en" and "zh" for a parallel corpus, a single "text" for a
            non-parallel one, whose sentences are in either language.
        video: The clips.
        margin: See `triplet_loss`.
        temperature: See `info_nce`.
        hardest: See `triplet_loss`.
    """
    losses = {"nce_video": symmetric_info_nce(video, temperature)}
    for name, views in texts.items():
        triplets = triplet_loss(views.whole, video.whole, margin, hardest=hardest)
        losses[f"tri_{name}_video"] = triplets
        losses[f"nce_{name}"] = symmetric_info_nce(views, temperature)
    return losses
