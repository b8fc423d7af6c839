"""How good the patch maps are: do they point at the right thing, and do they tell the truth?

Two questions with two measures. Pointing game: the maximum of the map of a subject's words falls
on the subject (Zhang et al., "Top-down Neural Attention by Excitation Backprop", 2016,
arXiv:1608.00507). Deletion and insertion: the score falls quickly when patches are hidden in the
order of the map and rises quickly when they are shown in it (Petsiuk et al., 2018,
arXiv:1806.07421). The first needs boxes; the second only the model.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from xmr_core.explain.faithfulness import CurveAreas, curve_areas, patch_order
from xmr_core.explain.gradeclip import PatchEncoder, grad_eclip, last_block_tokens
from xmr_core.explain.occlusion import frame_scores, occlusion_map
from xmr_core.explain.pointing import centre_map, hit_share, patches_in_boxes
from xmr_core.explain.view import on_whole_frame, seen_part
from xmr_core.progress import Progress, no_progress


@dataclass(frozen=True, slots=True)
class ExplainCase:
    """A caption, its clip, and where one subject of the caption is.

    Attributes:
        frames: Shape (frames, height, width, 3), as sampled for the encoder.
        text: The whole caption.
        span: The subject's words are `text[span[0]:span[1]]`.
        boxes: Box (left, top, right, bottom) of every instance of the subject in every frame,
            fractions, shape (instances, frames, 4); NaN where it is not to be seen.
    """

    frames: NDArray[np.uint8]
    text: str
    span: tuple[int, int]
    boxes: NDArray[np.floating]

    def shows_subject(self) -> NDArray[np.bool_]:
        """Whether each frame shows the subject, shape (frames,)."""
        return np.any(np.isfinite(self.boxes).all(axis=-1), axis=0)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the 95 % interval of its bootstrap over cases."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ExplanationReport:
    """What was measured. Shares of cases and areas run from 0 to 1, gains from -1 to 1.

    A patch is a hit when its centre lies in a box of the subject. `touching` counts patches that
    touch a box, which is kinder to subjects smaller than a patch. Areas are those of `CurveAreas`,
    their mean divided by the mean span, so that 0.5 is a score that falls evenly; they are NaN if
    an empty frame scores better than the frame itself.

    Attributes:
        cases: How many captions, clips and subjects were judged.
        pointing: Hits by the map of the subject's words.
        pointing_query: Hits by the map of the whole caption.
        pointing_random: Hits by a random patch: the mean share of the frame that is a hit.
        pointing_centre: Hits by the patch in the middle of the frame.
        touching: Touching hits by the map of the subject's words.
        touching_random: Touching hits by a random patch.
        deletion: Area when patches are hidden in the map's order; lower is better.
        deletion_random: The same in random order.
        deletion_centre: The same from the middle outwards.
        insertion: Area when patches are shown in the map's order; higher is better. It is also the
            deletion area of the reversed map.
        insertion_random: The same in random order.
        insertion_centre: The same from the middle outwards.
        deletion_gain: `deletion_random` minus `deletion`, paired.
        insertion_gain: `insertion` minus `insertion_random`, paired.
        occlusion_agreement: Mean rank correlation of the map with random occlusion.
        occlusion_cases: How many frames were compared for it.
    """

    cases: int
    pointing: Interval
    pointing_query: Interval
    pointing_random: float
    pointing_centre: float
    touching: Interval
    touching_random: float
    deletion: Interval
    deletion_random: Interval
    deletion_centre: Interval
    insertion: Interval
    insertion_random: Interval
    insertion_centre: Interval
    deletion_gain: Interval
    insertion_gain: Interval
    occlusion_agreement: float | None
    occlusion_cases: int

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers for a checkpoint's card, three places each."""
        return _rounded(asdict(self))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return round(value, 3) if isinstance(value, float) else value


@dataclass(frozen=True, slots=True)
class _Pointing:
    subject: float
    query: float
    random: float
    centre: float
    touching: float
    touching_random: float


@dataclass(frozen=True, slots=True)
class _Judgement:
    """All numbers of one case; the orders of `areas` are the map, random, and the centre."""

    pointing: _Pointing
    areas: CurveAreas
    agreement: float | None


def evaluate_explanations(
    encoder: PatchEncoder,
    cases: Iterable[ExplainCase],
    *,
    steps: int = 8,
    occlusion_cases: int = 20,
    seed: int = 0,
    progress: Progress = no_progress,
) -> ExplanationReport:
    """Measures the Grad-ECLIP maps of an encoder on clips with known boxes.

    Every case is judged on one frame: of those that show the subject, the one with the highest
    score for the whole caption. Cases whose subject shows in no frame are skipped.

    Args:
        encoder: A dual encoder with an image tower that Grad-ECLIP explains.
        cases: Captions with clips and boxes.
        steps: Equal steps of a deletion or insertion curve.
        occlusion_cases: How many of the first cases are compared with random occlusion.
        seed: Of the random orders, the masks and the bootstrap.
        progress: Shows how far it is.

    Raises:
        ValueError: No case shows its subject.
    """
    generator = torch.Generator().manual_seed(seed)
    judged: list[_Judgement] = []
    for case in progress(cases, desc="judging explanations"):
        if case.shows_subject().any():
            compare = len(judged) < occlusion_cases
            judged.append(_judge(encoder, case, steps, compare, generator))
    if not judged:
        raise ValueError("none of the cases shows its subject in any frame")
    return _report(judged, np.random.default_rng(seed))


def _judge(
    encoder: PatchEncoder,
    case: ExplainCase,
    steps: int,
    compare: bool,
    generator: torch.Generator,
) -> _Judgement:
    best = _best_frame(encoder, case)
    frame = case.frames[best : best + 1]
    images = encoder.preprocess(frame)
    texts = encoder.encode_text([case.text, case.text[slice(*case.span)]])
    visual = encoder.model.visual
    maps = grad_eclip(visual, last_block_tokens(visual, images), texts["global"])
    query, query_map = texts.select([0]), maps[0, 0]
    grid: tuple[int, int] = visual.grid_size

    def score(versions: Float[Tensor, "n 3 height width"]) -> Float[Tensor, " n"]:
        return frame_scores(encoder, versions, query)[0]

    rivals = (query_map, torch.rand(grid, generator=generator), torch.tensor(centre_map(grid)))
    orders = torch.stack([patch_order(rival, generator) for rival in rivals])
    agreement = None
    if compare:
        occlusion = occlusion_map(encoder, case.text, images[0], grid, generator=generator)
        agreement = rank_correlation(query_map.cpu().numpy(), occlusion.cpu().numpy())
    return _Judgement(
        _point(on_whole_frame(maps, seen_part(encoder, *frame.shape[1:3])), case.boxes[:, best]),
        curve_areas(score, images[0], orders, grid, steps),
        agreement,
    )


def _best_frame(encoder: PatchEncoder, case: ExplainCase) -> int:
    """Of the frames that show the subject, the one that fits the caption best."""
    features = encoder.frame_features(case.frames)[:, None]
    mask = torch.ones(features.shape[:2], dtype=torch.bool, device=features.device)
    alone = encoder.encode_video(features, mask)
    scores = encoder.score(encoder.encode_text([case.text]), alone)[0].cpu().numpy()
    return int(np.where(case.shows_subject(), scores, -np.inf).argmax())


def _point(
    maps: Float[Tensor, "2 1 rows columns"], boxes: Float[np.ndarray, "instances 4"]
) -> _Pointing:
    query_map, subject_map = maps[:, 0].cpu().numpy()
    grid = query_map.shape
    hits = patches_in_boxes(grid, boxes)
    touching = patches_in_boxes(grid, boxes, touching=True)
    return _Pointing(
        subject=hit_share(subject_map, hits),
        query=hit_share(query_map, hits),
        random=float(hits.mean()),
        centre=hit_share(centre_map(grid), hits),
        touching=hit_share(subject_map, touching),
        touching_random=float(touching.mean()),
    )


def rank_correlation(a: Float[np.ndarray, "*shape"], b: Float[np.ndarray, "*shape"]) -> float:
    """Spearman's rank correlation, equal values at their mean rank; 0 if one map is constant."""
    x, y = (_mean_ranks(values.ravel()) for values in (a, b))
    x, y = x - x.mean(), y - y.mean()
    length = np.linalg.norm(x) * np.linalg.norm(y)
    return float(x @ y / length) if length > 0 else 0.0


def _mean_ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _report(judged: Sequence[_Judgement], rng: np.random.Generator) -> ExplanationReport:
    draws = rng.integers(0, len(judged), (1000, len(judged)))
    span = np.array([case.areas.span for case in judged])
    deletion = np.stack([case.areas.deletion for case in judged])
    insertion = np.stack([case.areas.insertion for case in judged])
    agreements = [case.agreement for case in judged if case.agreement is not None]

    def share(name: str) -> Interval:
        values = np.array([getattr(case.pointing, name) for case in judged])
        return _interval(values, np.ones_like(values), draws)

    def area(values: NDArray[np.float64]) -> Interval:
        return _interval(values, span, draws)

    return ExplanationReport(
        cases=len(judged),
        pointing=share("subject"),
        pointing_query=share("query"),
        pointing_random=share("random").mean,
        pointing_centre=share("centre").mean,
        touching=share("touching"),
        touching_random=share("touching_random").mean,
        deletion=area(deletion[:, 0]),
        deletion_random=area(deletion[:, 1]),
        deletion_centre=area(deletion[:, 2]),
        insertion=area(insertion[:, 0]),
        insertion_random=area(insertion[:, 1]),
        insertion_centre=area(insertion[:, 2]),
        deletion_gain=area(deletion[:, 1] - deletion[:, 0]),
        insertion_gain=area(insertion[:, 0] - insertion[:, 1]),
        occlusion_agreement=float(np.mean(agreements)) if agreements else None,
        occlusion_cases=len(agreements),
    )


def _interval(
    values: NDArray[np.float64], units: NDArray[np.float64], draws: NDArray[np.int64]
) -> Interval:
    """Mean value over mean unit: a ratio of means does not explode where one unit is near 0."""
    if units.mean() <= 0:
        return Interval(np.nan, np.nan, np.nan)
    ratios = values[draws].mean(1) / units[draws].mean(1)
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Interval(float(values.mean() / units.mean()), float(low), float(high))
