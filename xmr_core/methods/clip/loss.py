"""The losses of the small CLIP."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


def contrastive_loss(
    texts: Float[Tensor, "batch d"], videos: Float[Tensor, "batch d"], scale: Float[Tensor, ""]
) -> Float[Tensor, ""]:
    """Symmetric cross entropy over the batch's score matrix, (texts, videos).

    Implements the loss of Radford et al., 2021 (arXiv:2103.00020), figure 3.

    Args:
        texts: Unit-length text embeddings; row i belongs to video i.
        videos: Unit-length video embeddings.
        scale: Inverse temperature.
    """
    scores = scale * texts @ videos.T
    target = torch.arange(len(scores), device=scores.device)
    return (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2


def word_loss(
    logits: Float[Tensor, "batch vocabulary"], tokens: Int[Tensor, "batch length"], ignore: int
) -> Float[Tensor, ""]:
    """How badly the words of a caption are named from its image: multi-label cross entropy.

    Implements the one-versus-all loss of Joulin et al., 2016 (arXiv:1511.02251), section 3,
    summed over the vocabulary and averaged over the batch.

    Args:
        logits: A score per word of the vocabulary.
        tokens: Token ids of the caption.
        ignore: Ids up to this one (padding and marks) are no words.
    """
    present: Bool[Tensor, "batch vocabulary"] = torch.zeros_like(logits, dtype=torch.bool)
    present.scatter_(1, tokens, value=True)
    present[:, : ignore + 1] = False
    present[:, -1] = False  # the end mark
    return (
        F.binary_cross_entropy_with_logits(logits, present.to(logits.dtype), reduction="none")
        .sum(1)
        .mean()
    )
