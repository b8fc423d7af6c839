"""The losses of HMMC; symbols as in the package docstring."""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def frame_scores(
    texts: Float[Tensor, "texts d"], frames: Float[Tensor, "videos frames d"]
) -> Float[Tensor, "texts videos frames"]:
    """Cosine of every text with every frame."""
    return torch.einsum("td,vfd->tvf", F.normalize(texts, dim=-1), F.normalize(frames, dim=-1))


def cosines(
    texts: Float[Tensor, "texts d"], videos: Float[Tensor, "videos d"]
) -> Float[Tensor, "texts videos"]:
    """Cosine of every text with every video."""
    return F.normalize(texts, dim=-1) @ F.normalize(videos, dim=-1).T


def two_way_cross_entropy(scores: Float[Tensor, "*n texts videos"]) -> Float[Tensor, ""]:
    """CE2: cross entropy of the rows plus that of the columns, the diagonal being right.

    Leading axes are averaged over.
    """
    right = scores.diagonal(dim1=-2, dim2=-1)
    rows = (scores.logsumexp(-1) - right).mean()
    columns = (scores.logsumexp(-2) - right).mean()
    return rows + columns


def fine_tuning_loss(
    texts: Float[Tensor, "batch d"],
    videos: Float[Tensor, "batch d"],
    frames: Float[Tensor, "batch frames d"],
    *,
    scale: float = 100.0,
    video_weight: float = 0.85,
    frame_weight: float = 0.15,
) -> dict[str, Float[Tensor, ""]]:
    """Both levels of matching; row i of the texts belongs to video i.

    Implements L = 0.85 CE2(S_V) + 0.15 (1/F) sum_i CE2(S_i) of the public code of Shen et al.,
    2023. Frame number i of every video is matched with the texts: there is no choice of the best
    frames in training.

    Args:
        texts: Sentence features, any length.
        videos: Video features, any length.
        frames: Frame features, any length; may be left unused by `frame_weight` 0.
        scale: Inverse temperature.
        video_weight: Of the video level.
        frame_weight: Of the frame level.
    """
    losses = {}
    if video_weight:
        losses["video_loss"] = video_weight * two_way_cross_entropy(scale * cosines(texts, videos))
    if frame_weight:
        by_frame = frame_scores(texts, frames).permute(2, 0, 1)
        losses["frame_loss"] = frame_weight * two_way_cross_entropy(scale * by_frame)
    return losses


def noise_contrast(
    queries: Float[Tensor, "*n d"],
    keys: Float[Tensor, "*n d"],
    queue: Float[Tensor, "negatives d"],
    temperature: float,
) -> Float[Tensor, ""]:
    """NCE(q, k+, Q): every query against its own key and all of the queue; the mean.

    Args:
        queries: Any length.
        keys: The right answers, row by row; any length.
        queue: Wrong answers, unit length.
        temperature: tau.
    """
    queries, keys = F.normalize(queries, dim=-1), F.normalize(keys, dim=-1)
    right = (queries * keys).sum(-1, keepdim=True)
    logits = torch.cat([right, queries @ queue.T], dim=-1) / temperature
    return (logits.logsumexp(-1) - logits[..., 0]).mean()


def video_text_matching(
    video: Float[Tensor, "batch d"],
    text: Float[Tensor, "batch d"],
    video_key: Float[Tensor, "batch d"],
    text_key: Float[Tensor, "batch d"],
    *,
    video_queue: Float[Tensor, "negatives d"],
    text_queue: Float[Tensor, "negatives d"],
    temperature: float,
) -> Float[Tensor, ""]:
    """L_VTM: the video asks for the key of its text and the text for that of its video."""
    return noise_contrast(video, text_key, text_queue, temperature) + noise_contrast(
        text, video_key, video_queue, temperature
    )


def frame_text_matching(
    frames: Float[Tensor, "batch frames d"],
    text: Float[Tensor, "batch d"],
    frame_keys: Float[Tensor, "batch frames d"],
    text_key: Float[Tensor, "batch d"],
    *,
    frame_queue: Float[Tensor, "more_negatives d"],
    text_queue: Float[Tensor, "negatives d"],
    temperature: float,
) -> Float[Tensor, ""]:
    """L_FTM: every frame asks for the text, and the text for every frame; the mean over frames."""
    texts = text.unsqueeze(1).expand_as(frames)
    keys = text_key.unsqueeze(1).expand_as(frame_keys)
    return noise_contrast(texts, frame_keys, frame_queue, temperature) + noise_contrast(
        frames, keys, text_queue, temperature
    )


def frame_adjacency_matching(
    predicted: Float[Tensor, "batch frames d"],
    projected_keys: Float[Tensor, "batch frames d"],
    queue: Float[Tensor, "more_negatives d"],
    temperature: float,
) -> Float[Tensor, ""]:
    """L_FAM: every frame asks for the one after it and the one before it; 0 for a single frame."""
    if predicted.shape[1] < 2:
        return predicted.sum() * 0.0
    after = noise_contrast(predicted[:, :-1], projected_keys[:, 1:], queue, temperature)
    before = noise_contrast(predicted[:, 1:], projected_keys[:, :-1], queue, temperature)
    return after + before


IGNORED = -100
"""Label of a token that the masked language model is not asked for."""


def masked_language_loss(
    logits: Float[Tensor, "batch length vocabulary"], labels: Int[Tensor, "batch length"]
) -> Float[Tensor, ""]:
    """L_MLM: cross entropy over the tokens that were hidden; 0 if the draw has hidden none.

    Deviation: the public code gives NaN for such a draw, and with it for the whole loss.
    """
    total = F.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    return total / (labels != IGNORED).sum().clamp(min=1)


def dual_softmax(
    scores: Float[Tensor, "texts videos"], temperature: float = 1.0
) -> Float[Tensor, "texts videos"]:
    """Scores times their softmax over rows and over columns.

    Cheng et al., 2021 (arXiv:2109.04290). It is in the public code of HMMC and not in its reported
    numbers: it looks at all queries of a test set at once, so it is never a search score here.
    """
    scaled = scores / temperature
    return scores * scaled.softmax(-1) * scaled.softmax(-2)
