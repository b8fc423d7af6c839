"""The losses of MLCMR. All embeddings are of unit length; row i of each belongs to clip i."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Rows = Float[Tensor, "batch d"]


@dataclass(frozen=True, slots=True)
class TwoViews:
    """Embeddings of some items and of what augmentation left of them."""

    whole: Rows
    augmented: Rows


def triplet_loss(
    texts: Rows, videos: Rows, margin: float = 0.2, *, hardest: bool = True
) -> Float[Tensor, ""]:
    """How far wrong pairs come within `margin` of the right ones, in both directions.

    Implements equation 6 of Faghri et al., "VSE++", BMVC 2018 (arXiv:1707.05612).

    Args:
        texts: One per video.
        videos: One per text.
        margin: By how much the right pair must lead.
        hardest: Counts only the worst negative of each text and each video; else the mean over all
            negatives. Summed over the batch either way.
    """
    scores = texts @ videos.T
    right = scores.diagonal()
    own = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    for_texts = (margin + scores - right[:, None]).clamp(min=0).masked_fill(own, 0)
    for_videos = (margin + scores - right[None, :]).clamp(min=0).masked_fill(own, 0)
    if hardest:
        return for_texts.max(1).values.sum() + for_videos.max(0).values.sum()
    return (for_texts.sum() + for_videos.sum()) / max(1, len(scores) - 1)


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
