"""The bits behind a list of a method that compares codes."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from xmr_core import Clip, Engine

Bits = NDArray[np.uint8]
Codes = Mapping[str, tuple[Bits, Bits]]


def codes_of(engine: Engine, query: str, source: Clip | None, clip_ids: Sequence[str]) -> Codes:
    """Bits of the query and of some clips, by clip id; empty where there are none to show.

    Args:
        engine: Who is asked.
        query: The sentence.
        source: The clip that was asked about instead of a sentence.
        clip_ids: The clips.
    """
    if not engine.bits or not clip_ids:
        return {}
    asked, by_clip = (query, False) if source is None else (source.id, True)
    first, others = engine.codes_of(asked, clip_ids, by_clip=by_clip)
    return {clip_id: (first, other) for clip_id, other in zip(clip_ids, others, strict=True)}


def code_fields(name: str, codes: Codes, clip_id: str) -> dict[str, str] | None:
    """Both codes of one clip as the browser draws them, "0110..."; None if there are none."""
    pair = codes.get(clip_id)
    return (
        None if pair is None else {"id": name, "query": _digits(pair[0]), "clip": _digits(pair[1])}
    )


def distances(codes: Codes) -> dict[str, int]:
    """How many bits of each clip differ from the query's."""
    return {clip_id: int(np.count_nonzero(one != two)) for clip_id, (one, two) in codes.items()}


def _digits(bits: Bits) -> str:
    return "".join("1" if bit else "0" for bit in bits)
