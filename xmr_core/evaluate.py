"""How well an encoder retrieves over a gallery whose captions are known.

For every language, texts are the first caption of each clip (as in MSR-VTT 1k-A) or
all captions (as in VATEX), and either a text looks for its clip (t2v) or a clip for its captions
(v2t). Each comes with the line of its protocol, without which it cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from xmr_core.encoder import DualEncoder, encode_texts
from xmr_core.errors import GalleryError
from xmr_core.gallery import Gallery, Seen
from xmr_core.metrics import ProtocolLine, RetrievalMetrics, t2v_metrics, v2t_metrics
from xmr_core.progress import Progress, no_progress
from xmr_core.ranking import TieRule
from xmr_core.search import score_all

CaptionChoice = Literal["first", "all"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Metrics with their protocol."""

    protocol: ProtocolLine
    metrics: RetrievalMetrics

    def __str__(self) -> str:
        m = self.metrics
        return (
            f"{self.protocol}: R@1 {m.recall_at_1:.1f}  R@5 {m.recall_at_5:.1f}  "
            f"R@10 {m.recall_at_10:.1f}  MedR {m.median_rank:g}  MeanR {m.mean_rank:.1f}  "
            f"n {m.num_queries:,}"
        )


@dataclass(frozen=True, slots=True)
class CaptionResult:
    """One language and one choice of captions.

    Attributes:
        language: Of the captions.
        captions: "first" of each clip, or "all".
        t2v: A text looks for its clip.
        v2t: A clip looks for its captions among all captions; the best own one counts.
        v2t_groups: A clip looks for its set of captions, which scores as its best member.
    """

    language: str
    captions: CaptionChoice
    t2v: Measurement
    v2t: Measurement
    v2t_groups: Measurement

    def as_dict(self) -> dict[str, Any]:
        """As `xmr evaluate --json` prints it."""
        line = self.t2v.protocol
        return {
            "protocol": {
                "split": line.split,
                "language": self.language,
                "captions": self.captions,
                "captions_per_video": line.captions_per_video,
                "ties": line.ties,
                "t2v_gallery_size": line.gallery_size,
                "v2t_gallery_size": self.v2t.protocol.gallery_size,
                "v2t_text_gallery": self.v2t.protocol.text_gallery,
            },
            "t2v": self.t2v.metrics.as_dict(),
            "v2t": self.v2t.metrics.as_dict(),
            "v2t_groups": self.v2t_groups.metrics.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a published data set was there to be measured.

    Attributes:
        part: Which part of which data set, such as "msrvtt 1k-A test".
        available: Clips that took part.
        wanted: Clips of the part.
        seen: What the embeddings come from; features are of the checkpoint that the user stated.
    """

    part: str
    available: int
    wanted: int
    seen: Seen

    @property
    def is_complete(self) -> bool:
        """Whether all clips took part, as in published numbers."""
        return self.available == self.wanted

    def __str__(self) -> str:
        told = f"{self.part}: {self.available:,} of {self.wanted:,} clips available"
        if not self.is_complete:
            told += "; not comparable with published numbers"
        if self.seen == "features":
            told += "; features of the checkpoint that the user stated"
        return told


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """All results; the first is the one to quote: first caption, first language.

    Attributes:
        checkpoint: Id of the checkpoint.
        gallery: Name of the gallery.
        results: By language, "first" before "all".
        coverage: How much of a published data set was there; None for other galleries.
    """

    checkpoint: str
    gallery: str
    results: tuple[CaptionResult, ...]
    coverage: Coverage | None = None

    def as_dict(self) -> dict[str, Any]:
        """`{"protocol", "t2v", "v2t", ...}` of the first result, and the others as "more"."""
        first, *more = (self._covered(result.as_dict()) for result in self.results)
        return {"checkpoint": self.checkpoint, "gallery": self.gallery, **first, "more": more}

    def _covered(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with what was available in its protocol."""
        if self.coverage is None:
            return record
        covered = asdict(self.coverage) | {"comparable": self.coverage.is_complete}
        return {**record, "protocol": {**record["protocol"], **covered}}

    def lines(self) -> list[str]:
        """One line per measurement, the protocol first; what was there before all."""
        return [str(self.coverage)] * (self.coverage is not None) + [
            str(measurement)
            for result in self.results
            for measurement in (result.t2v, result.v2t, result.v2t_groups)
        ]


def evaluate(
    encoder: DualEncoder,
    gallery: Gallery,
    *,
    split: str = "",
    languages: Sequence[str] | None = None,
    ties: TieRule = "expected",
    progress: Progress = no_progress,
) -> EvaluationReport:
    """Measures retrieval in both directions, per language, on first and on all captions.

    Args:
        encoder: What embeds the captions and scores; it must have made the gallery.
        gallery: Clips with captions. Clips without a caption in a language take part as wrong
            answers for texts of that language, not as queries.
        split: Name of the data for the protocol line; the gallery's name by default.
        languages: Which to measure; by default those of the encoder that the gallery has.
        ties: How equal scores are ordered.
        progress: Counts batches of captions.

    Raises:
        GalleryError: The gallery has no captions in these languages.
    """
    found = {caption.language for clip in gallery.clips for caption in clip.captions}
    chosen = [name for name in languages or encoder.languages if name in found]
    if not chosen:
        raise GalleryError(
            f"The gallery '{gallery.card.name}' has no captions in "
            f"{' or '.join(languages or encoder.languages)}, so nothing can be measured."
        )
    results = []
    for language in chosen:
        texts, owners = _captions(gallery, language)
        scores = _scores(encoder, gallery, texts, progress, f"Captions ({language})")
        firsts = np.unique(owners, return_index=True)[1]
        choices: list[tuple[CaptionChoice, Any]] = [("first", firsts), ("all", slice(None))]
        for captions, rows in choices:
            name = split or gallery.card.name
            results.append(_measured(scores[rows], owners[rows], language, captions, name, ties))
    return EvaluationReport(encoder.id, gallery.card.name, tuple(results))


def _captions(gallery: Gallery, language: str) -> tuple[list[str], NDArray[np.int64]]:
    """All captions in a language and the row of the clip that each belongs to."""
    pairs = [
        (caption.text, row)
        for row, clip in enumerate(gallery.clips)
        for caption in clip.captions
        if caption.language == language
    ]
    return [text for text, _ in pairs], np.array([row for _, row in pairs], dtype=np.int64)


def _scores(
    encoder: DualEncoder, gallery: Gallery, texts: list[str], progress: Progress, desc: str
) -> NDArray[np.float32]:
    """Score of every text against every clip, shape (texts, clips)."""
    return score_all(encode_texts(encoder, texts, progress, desc), gallery, encoder)


def _measured(
    scores: NDArray[np.float32],
    owners: NDArray[np.int64],
    language: str,
    captions: CaptionChoice,
    split: str,
    ties: TieRule,
) -> CaptionResult:
    texts, clips = scores.shape
    described, own = np.unique(owners, return_inverse=True)

    def line(**values: Any) -> ProtocolLine:
        return ProtocolLine(
            split=split,
            captions=f"{captions} {language}",
            captions_per_video=texts / len(described),
            ties=ties,
            **values,
        )

    # A clip without captions cannot ask for one, but stands in the way of every text.
    asking = scores if len(described) == clips else scores[:, described]
    return CaptionResult(
        language=language,
        captions=captions,
        t2v=Measurement(
            line(direction="t2v", gallery_size=clips), t2v_metrics(scores, owners, ties)
        ),
        v2t=Measurement(
            line(direction="v2t", gallery_size=texts, text_gallery="captions"),
            v2t_metrics(asking, own, ties),
        ),
        v2t_groups=Measurement(
            line(direction="v2t", gallery_size=len(described), text_gallery="groups"),
            v2t_metrics(asking, own, ties, text_gallery="groups"),
        ),
    )
