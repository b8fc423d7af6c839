"""The losses of CMPL, and those it is compared with.

All are functions of a batch of pairs: row i of `images` and row i of `texts` are a pair with the
identity `identities[i]`. Embeddings come as the joint heads give them, of any length: in CMPM and
CMPC the length of a vector acts as its own inverse temperature.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

Vectors = Float[Tensor, "pairs width"]
Identities = Int[Tensor, " pairs"]
Scalar = Float[Tensor, ""]

EPSILON = 1e-8
"""What a negative costs: a pair of probability p that does not match adds p * -log(EPSILON), so
another value gives another loss."""

SDM_TEMPERATURE, INFO_NCE_TEMPERATURE, MARGIN = 0.02, 0.05, 0.2


def cmpm_loss(images: Vectors, texts: Vectors, identities: Identities) -> Scalar:
    """Cross-modal projection matching, the sum of both directions.

    Implements Eq. (1) to (6) of Zhang and Lu, ECCV 2018.
    """
    return projection_matching(images, texts, identities) + projection_matching(
        texts, images, identities
    )


def projection_matching(source: Vectors, target: Vectors, identities: Identities) -> Scalar:
    """One direction of CMPM: KL(p||q) of the projections of `source` on all targets.

    The prediction comes first, so a model is punished for matching what does not match, and not
    for leaving out one of several matches.

    Args:
        source: Keep their length.
        target: Only their direction counts.
        identities: Compared as integers.
    """
    source, target = _full_precision(source), _full_precision(target)
    with torch.autocast(source.device.type, enabled=False):
        return matching_divergence(source @ F.normalize(target, dim=1).T, identities)


def cmpc_loss(
    images: Vectors, texts: Vectors, identities: Identities, classes: Float[Tensor, "width classes"]
) -> Scalar:
    """Cross-modal projection classification, the sum of both directions.

    Implements Eq. (7) to (11) of Zhang and Lu, ECCV 2018.

    Args:
        images: Of the pairs.
        texts: Of the pairs.
        identities: Columns of `classes`.
        classes: One direction per identity; lengths do not count.
    """
    images, texts, classes = (_full_precision(each) for each in (images, texts, classes))
    with torch.autocast(images.device.type, enabled=False):
        directions = F.normalize(classes, dim=0)
        return F.cross_entropy(_projected(images, texts) @ directions, identities) + (
            F.cross_entropy(_projected(texts, images) @ directions, identities)
        )


def sdm_loss(
    images: Vectors, texts: Vectors, identities: Identities, temperature: float = SDM_TEMPERATURE
) -> Scalar:
    """Similarity distribution matching: CMPM on cosines with a fixed temperature.

    Implements Eq. (6) to (9) of Jiang and Ye, CVPR 2023 (arXiv:2303.12501).
    """
    images, texts = _full_precision(images), _full_precision(texts)
    with torch.autocast(images.device.type, enabled=False):
        scores = F.normalize(images, dim=1) @ F.normalize(texts, dim=1).T / temperature
        return matching_divergence(scores, identities) + matching_divergence(scores.T, identities)


def info_nce_loss(
    images: Vectors,
    texts: Vectors,
    identities: Identities,
    temperature: float = INFO_NCE_TEMPERATURE,
) -> Scalar:
    """Cross entropy against all positives of a row in equal shares, the sum of both directions.

    Implements L_out of Khosla et al., 2020 (arXiv:2004.11362), Eq. (2), between two modalities.
    With identities that occur once it is the InfoNCE of CLIP, summed over its two directions.
    """
    images, texts = _full_precision(images), _full_precision(texts)
    with torch.autocast(images.device.type, enabled=False):
        scores = F.normalize(images, dim=1) @ F.normalize(texts, dim=1).T / temperature
        shares = matching_shares(identities, scores.dtype)
        return F.cross_entropy(scores, shares) + F.cross_entropy(scores.T, shares)


def ranking_loss(
    images: Vectors, texts: Vectors, identities: Identities, margin: float = MARGIN
) -> Scalar:
    """The bi-directional ranking loss on cosines: every pair against its hardest negatives.

    One image and one text of the batch push against each pair; all others count for nothing. The
    form of Faghri et al., "VSE++", BMVC 2018 (arXiv:1707.05612), Eq. (6).
    """
    images, texts = _full_precision(images), _full_precision(texts)
    with torch.autocast(images.device.type, enabled=False):
        scores = F.normalize(images, dim=1) @ F.normalize(texts, dim=1).T
        return hardest_negatives(scores, identities, margin) + hardest_negatives(
            scores.T, identities, margin
        )


def matching_shares(
    identities: Identities, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "pairs pairs"]:
    """The true matching probabilities q: equal shares for all items of the row's identity."""
    same = _same(identities).to(dtype)
    return same / same.sum(1, keepdim=True)


def hardest_negatives(
    scores: Float[Tensor, "pairs pairs"], identities: Identities, margin: float
) -> Scalar:
    """Mean over rows of how far the best wrong score reaches above the own one less the margin."""
    wrong = scores.masked_fill(_same(identities), -math.inf).amax(1)
    return (margin + wrong - scores.diagonal()).clamp(min=0).mean()


def matching_divergence(scores: Float[Tensor, "pairs pairs"], identities: Identities) -> Scalar:
    """Mean over rows of sum_j p_j log(eps + p_j / (q_j + eps)), p = softmax of the scores.

    As log(exp(log eps) + exp(log p - log(q + eps))) it stays exact where p is too small for a
    float, and nothing is left out: p (log p - log(q + eps)) alone is too small by eps per row.
    """
    log_p = F.log_softmax(scores, dim=1)
    log_q = (matching_shares(identities, scores.dtype) + EPSILON).log()
    ratio = torch.logaddexp(log_p.new_tensor(math.log(EPSILON)), log_p - log_q)
    return (log_p.exp() * ratio).sum(1).mean()


def _projected(source: Vectors, target: Vectors) -> Vectors:
    """The projection of every source on the direction of its own target."""
    direction = F.normalize(target, dim=1)
    return (source * direction).sum(1, keepdim=True) * direction


def _same(identities: Identities) -> Bool[Tensor, "pairs pairs"]:
    return identities[:, None] == identities[None, :]


def _full_precision(values: Tensor) -> Tensor:
    """At least float32: a softmax over projections has no place in half precision."""
    return values if values.dtype == torch.float64 else values.float()
