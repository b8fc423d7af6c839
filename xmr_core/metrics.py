"""Retrieval metrics as the papers print them, with exact handling of equal scores.

Score matrices are (texts, videos) throughout, also for v2t. A video may have several captions;
`video_of_text` gives the video of each text.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xmr_core.precision import Normalisation, average_precision
from xmr_core.ranking import (
    FirstRelevant,
    Floats,
    Ints,
    Relevant,
    Scores,
    TieRule,
    first_relevant,
    same_group,
)

Direction = Literal["t2v", "v2t"]
TextGallery = Literal["captions", "groups"]


@dataclass(frozen=True, slots=True)
class RetrievalMetrics:
    """Recall at 1, 5 and 10 in percent, median and mean rank, number of queries."""

    recall_at_1: float
    recall_at_5: float
    recall_at_10: float
    median_rank: float
    mean_rank: float
    num_queries: int

    def as_dict(self) -> dict[str, float | int]:
        """The names that papers and `xmr evaluate --json` use."""
        return {
            "R@1": self.recall_at_1,
            "R@5": self.recall_at_5,
            "R@10": self.recall_at_10,
            "MedR": self.median_rank,
            "MeanR": self.mean_rank,
            "n": self.num_queries,
        }


@dataclass(frozen=True, slots=True)
class ProtocolLine:
    """What must be known to compare a number with another one.

    Attributes:
        split: Name of the data and its part, such as "scenes test".
        direction: "t2v" ranks videos for a text, "v2t" texts for a video.
        captions: Which captions take part, such as "first en" or "all zh".
        captions_per_video: Mean number of captions of a video; 1 for the first only.
        gallery_size: Number of items that are ranked.
        ties: How equal scores are ordered.
        text_gallery: v2t only. "captions": all captions are ranked and the best own one counts;
            "groups": each video's captions are one item with the score of the best of them.
    """

    split: str
    direction: Direction
    captions: str
    captions_per_video: float
    gallery_size: int
    ties: TieRule
    text_gallery: TextGallery | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)

    def __str__(self) -> str:
        ranked = "videos" if self.direction == "t2v" else self.text_gallery
        return (
            f"{self.split}, {self.direction}, {self.captions} captions, "
            f"{self.captions_per_video:g} per video, {self.gallery_size:,} {ranked} ranked, "
            f"ties {self.ties}"
        )


def retrieval_metrics(first: FirstRelevant, ties: TieRule = "expected") -> RetrievalMetrics:
    """Summarises where the first relevant item of each query stands.

    With "expected" ties, recall is the mean probability of a hit, and the median and the mean go
    over expected ranks. The median of an even number of ranks is the mean of the middle two.
    """
    ranks = first.rank(ties)
    if not len(ranks):
        raise ValueError("there are no queries to measure")
    return RetrievalMetrics(
        recall_at_1=100.0 * float(first.within(1, ties).mean()),
        recall_at_5=100.0 * float(first.within(5, ties).mean()),
        recall_at_10=100.0 * float(first.within(10, ties).mean()),
        median_rank=float(np.median(ranks)),
        mean_rank=float(ranks.mean()),
        num_queries=len(ranks),
    )


def t2v_metrics(
    scores: Scores, video_of_text: Ints | None = None, ties: TieRule = "expected"
) -> RetrievalMetrics:
    """Every text is a query, the videos are ranked.

    Args:
        scores: Shape (texts, videos).
        video_of_text: Column of the right video of each text, shape (texts,); None if text i
            belongs to video i. Videos without a text are ranked too.
        ties: How equal scores are ordered.
    """
    owners = _owners(scores, video_of_text, every_video=False)
    relevant = same_group(owners, np.arange(scores.shape[1]))
    return retrieval_metrics(first_relevant(scores, relevant), ties)


def v2t_metrics(
    scores: Scores,
    video_of_text: Ints | None = None,
    ties: TieRule = "expected",
    *,
    text_gallery: TextGallery = "captions",
) -> RetrievalMetrics:
    """Every video is a query, texts are ranked.

    Args:
        scores: Shape (texts, videos), as for `t2v_metrics`.
        video_of_text: Column of the video of each text; None if text i belongs to video i.
            Every video needs one.
        ties: How equal scores are ordered.
        text_gallery: "captions" ranks all captions, the best own one counts (NRCCR, MLCMR);
            "groups" ranks videos' caption sets by their best caption (CLIP4Clip, HMMC).
    """
    owners = _owners(scores, video_of_text, every_video=True)
    videos = np.arange(scores.shape[1])
    if text_gallery == "groups":
        scores, owners = best_of_groups(scores, owners), videos
    return retrieval_metrics(first_relevant(scores.T, same_group(videos, owners)), ties)


def best_of_groups(scores: Scores, video_of_text: Ints) -> Scores:
    """Score of each video's best caption against every video, shape (groups, videos)."""
    order = np.argsort(video_of_text, kind="stable")
    starts = np.searchsorted(video_of_text[order], np.arange(scores.shape[1]))
    return np.maximum.reduceat(scores[order], starts, axis=0)


def mean_average_precision(
    scores: Scores,
    relevant: Relevant,
    ties: TieRule = "expected",
    *,
    cutoff: int | None = None,
    normalisation: Normalisation = "all",
) -> float:
    """Mean of `ranking.average_precision` over the queries that have relevant items, 0 to 1."""
    values = average_precision(scores, relevant, ties, cutoff=cutoff, normalisation=normalisation)
    if np.isnan(values).all():
        raise ValueError("no query has a relevant item")
    return float(np.nanmean(values))


@dataclass(frozen=True, slots=True)
class BallPrecision:
    """Precision within a Hamming ball around each query.

    Attributes:
        precision: Mean over all queries, 0 for an empty ball.
        empty_balls: Queries that find nothing: at 64 bits often the majority.
    """

    precision: float
    empty_balls: int


def precision_within_radius(
    scores: NDArray[np.integer[Any]], relevant: Relevant, *, bits: int, radius: int
) -> BallPrecision:
    """Precision among the items that differ from the query in at most `radius` bits.

    Args:
        scores: Agreeing bits as `similarity.hamming_scores` gives them, shape (queries, items).
        relevant: Same shape.
        bits: Length of the codes.
        radius: Size of the ball, in bits.
    """
    inside = scores >= bits - radius
    found = np.count_nonzero(inside, axis=1)
    right = np.count_nonzero(inside & relevant, axis=1)
    return BallPrecision(
        precision=float(np.mean(right / np.maximum(found, 1))),
        empty_balls=int(np.count_nonzero(found == 0)),
    )


def precision_recall_by_radius(
    scores: NDArray[np.integer[Any]], relevant: Relevant, *, bits: int
) -> tuple[Floats, Floats]:
    """Precision and recall for radius 0 to `bits`, from counts pooled over all queries.

    Returns:
        Two arrays of shape (bits + 1,); precision is 0 where nothing is found.
    """
    found = np.cumsum(np.bincount((bits - scores).ravel(), minlength=bits + 1))
    right = np.cumsum(np.bincount((bits - scores)[relevant], minlength=bits + 1))
    return right / np.maximum(found, 1), right / max(int(right[-1]), 1)


def _owners(scores: Scores, video_of_text: Ints | None, *, every_video: bool) -> Ints:
    """Checks that the texts have their videos in the matrix, and, if asked, every video a text."""
    texts, videos = scores.shape
    owners = np.arange(texts) if video_of_text is None else np.asarray(video_of_text)
    if owners.shape != (texts,):
        raise ValueError(f"{texts} texts need as many videos, got {owners.shape}")
    if texts and not 0 <= owners.min() <= owners.max() < videos:
        raise ValueError(f"the texts must belong to the videos 0 to {videos - 1}")
    if every_video and len(np.unique(owners)) < videos:
        raise ValueError(f"only {len(np.unique(owners))} of {videos} videos have a text")
    return owners
