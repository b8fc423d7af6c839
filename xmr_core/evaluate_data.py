"""How well an encoder retrieves on a published data set, or on what there is of it here."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xmr_core.datasets.annotations import Items, safe_id
from xmr_core.datasets.catalogue import Part
from xmr_core.encoder import DualEncoder, VideoEncoder
from xmr_core.errors import GalleryError
from xmr_core.evaluate import Coverage, EvaluationReport, evaluate
from xmr_core.gallery import Gallery
from xmr_core.progress import Progress, no_progress

_BY_IDENTITY = frozenset({"cuhk-pedes"})


def evaluate_part(
    encoder: VideoEncoder,
    gallery: Gallery,
    part: Part,
    *,
    items: Items | None = None,
    languages: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> EvaluationReport:
    """Measures retrieval on a part of a published data set, on the clips that a gallery has of it.

    Args:
        encoder: What embeds the sentences and scores; it must have made the gallery.
        gallery: Other clips in it take no part.
        part: What is measured.
        items: The part as the annotation has it; None if the gallery was made of just this part.
        languages: Which to measure; by default those of the encoder.
        progress: Counts batches of sentences.

    Raises:
        GalleryError: The gallery has none of the clips, the encoder reads no text, or the
            published protocol counts something that is not measured here.
    """
    if not isinstance(encoder, DualEncoder):
        raise GalleryError(f"'{encoder.id}' reads no text, so sentences cannot be looked for.")
    if part.name in _BY_IDENTITY:
        raise GalleryError(
            f"Published numbers on {part.name} count every picture of the same person as right, "
            "which is not measured here."
        )
    data = gallery.card.data
    seen = data.seen if data else "videos"
    if items is None:
        if data is None or (data.name, data.protocol, data.split) != _key(part):
            made = str(data) if data else "no published data set"
            raise GalleryError(
                f"The gallery '{gallery.card.name}' was made of {made}, not just of {part}; give "
                "the annotation with --root."
            )
        there, wanted = gallery, data.wanted
    else:
        there, wanted = _restricted(gallery, items, part), len(items)
    report = evaluate(encoder, there, split=str(part), languages=languages, progress=progress)
    # Where every clip has one sentence, "all" repeats "first".
    results = tuple(
        result
        for result in report.results
        if result.captions == "first" or result.t2v.protocol.captions_per_video > 1
    )
    coverage = Coverage(str(part), len(there), wanted, seen)
    return replace(report, results=results, coverage=coverage)


def _key(part: Part) -> tuple[str, str, str]:
    return part.name, part.protocol, part.split


def _restricted(gallery: Gallery, items: Items, part: Part) -> Gallery:
    """The clips of some items, with the sentences of the annotation, in its order."""
    there = [item for item in items if gallery.has(safe_id(item.id))]
    if not there:
        raise GalleryError(
            f"The gallery '{gallery.card.name}' has none of the {len(items):,} clips of {part}."
        )
    rows = np.array([gallery.position(safe_id(item.id)) for item in there])
    clips = tuple(
        replace(gallery.clips[row], captions=item.captions)
        for row, item in zip(rows, there, strict=True)
    )
    parts = gallery.parts
    if len(rows) < len(gallery) or (np.diff(rows) != 1).any():
        parts = {name: values[rows] for name, values in parts.items()}
    return replace(
        gallery, card=replace(gallery.card, num_items=len(clips)), clips=clips, parts=parts
    )
