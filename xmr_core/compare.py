"""How far the answers of several checkpoints to one query agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xmr_core.types import SearchResult


@dataclass(frozen=True, slots=True)
class Comparison:
    """Result lists for one query, held against each other. All tuples are by list.

    Attributes:
        top: How many matches of each list count.
        clips: Ids of the clips that any list has among its first `top`; the clips of the first
            list come first, then those that the second adds, and so on, each in rank order.
        ranks: The rank of each of these clips; one that a list does not hold at all is missing.
        overlaps: How many clips every list shares with every list among the first `top`.
        only_here: Ids that no other list has among its first `top`; empty for a single list.
    """

    top: int
    clips: tuple[str, ...]
    ranks: tuple[Mapping[str, int], ...]
    overlaps: tuple[tuple[int, ...], ...]
    only_here: tuple[frozenset[str], ...]


def compare(results: Sequence[SearchResult], top: int = 10) -> Comparison:
    """Holds result lists against each other.

    Lists may be longer than `top`: then the rank of a clip is also known where it comes later.

    Args:
        results: Answers to the same query over the same clips.
        top: How many matches of each list count, at least 1.
    """
    if top < 1:
        raise ValueError(f"lists of {top} matches cannot be compared")
    heads = [_head(result, top) for result in results]
    clips = tuple(dict.fromkeys(clip_id for head in heads for clip_id in head))
    wanted = frozenset(clips)
    found_by = [sum(clip_id in head for head in heads) for clip_id in clips]
    alone = {clip_id for clip_id, lists in zip(clips, found_by, strict=True) if lists == 1}
    return Comparison(
        top=top,
        clips=clips,
        ranks=tuple(
            {match.clip.id: match.rank for match in result.matches if match.clip.id in wanted}
            for result in results
        ),
        overlaps=tuple(tuple(len(a.keys() & b.keys()) for b in heads) for a in heads),
        only_here=tuple(
            frozenset(alone & head.keys()) if len(heads) > 1 else frozenset() for head in heads
        ),
    )


def overlap(one: SearchResult, other: SearchResult, top: int = 10) -> int:
    """How many clips two lists share among their first `top`: overlap@k, 0 to `top`."""
    return compare((one, other), top).overlaps[0][1]


def _head(result: SearchResult, top: int) -> dict[str, None]:
    """Ids of the first matches, in order."""
    return {match.clip.id: None for match in result.matches if match.rank <= top}
