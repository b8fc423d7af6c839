"""Which clips may be found, for all clips of a gallery at once, and which belong to one video."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xmr_core.types import Clip, Filter

Rows = NDArray[np.int64]


class ClipTable:
    """What filters ask of the clips of a gallery, as arrays that are made once.

    Args:
        clips: In the gallery's order.
    """

    def __init__(self, clips: Sequence[Clip]) -> None:
        self._clips = clips
        self._lengths_s = np.array([clip.end_s - clip.start_s for clip in clips], np.float64)
        # NaN compares as False, so what is not known passes no filter that asks for it.
        times = [np.nan if clip.modified is None else clip.modified for clip in clips]
        self._times = np.array(times, np.float64)
        self._is_first = np.array([clip.duplicate_of is None for clip in clips], np.bool_)

    def rows(self, where: Filter) -> Rows:
        """Rows of the clips that `where` admits, rising; the same as asking `where.admits`."""
        return np.flatnonzero(self._admitted(where))

    def _admitted(self, where: Filter) -> NDArray[np.bool_]:
        admitted = np.ones(len(self._clips), np.bool_)
        if not where.duplicates:
            admitted &= self._is_first
        if where.longer_s is not None:
            admitted &= self._lengths_s >= where.longer_s
        if where.shorter_s is not None:
            admitted &= (self._lengths_s > 0) & (self._lengths_s <= where.shorter_s)
        if where.since is not None:
            admitted &= self._times >= where.since
        if where.until is not None:
            admitted &= self._times < where.until
        if where.folder:
            names, codes = self._folders
            wanted = f"{where.folder.strip('/')}/"
            admitted &= np.array([f"{name}/".startswith(wanted) for name in names])[codes]
        if where.category:
            names, codes = self._categories
            admitted &= np.array([name == where.category for name in names])[codes]
        return admitted

    @cached_property
    def videos(self) -> Rows | None:
        """A number for the video of every clip; None if no two clips are moments of one video."""
        names, codes = _coded([clip.video or f"\0{clip.id}" for clip in self._clips])
        return None if len(names) == len(self._clips) else codes

    @cached_property
    def _folders(self) -> tuple[list[str], Rows]:
        return _coded([clip.folder for clip in self._clips])

    @cached_property
    def _categories(self) -> tuple[list[str], Rows]:
        return _coded([clip.category or "" for clip in self._clips])


def _coded(values: Sequence[str]) -> tuple[list[str], Rows]:
    """The different values, and the place of each clip's value among them."""
    places: dict[str, int] = {}
    codes = np.array([places.setdefault(value, len(places)) for value in values], np.int64)
    return list(places), codes


def best_moments(ranked: Rows, videos: Rows, top: int, others: int = 3) -> list[list[int]]:
    """Best first, one entry for every video: where in a ranking its best clips stand.

    Args:
        ranked: Rows of the gallery, best first.
        videos: Number of the video of every row.
        top: How many videos are wanted.
        others: How many more clips of each video are listed, at most.

    Returns:
        For each video its places in `ranked`, the best first.
    """
    of_video = videos[ranked]
    _, first = np.unique(of_video, return_index=True)
    best = np.sort(first)[:top]
    return [np.flatnonzero(of_video == of_video[b])[: 1 + others].tolist() for b in best.tolist()]


def nothing_admitted(gallery: str, where: Filter) -> str:
    """The sentence for a filter that leaves no clip."""
    asked = {
        f"in the folder '{where.folder}'": bool(where.folder),
        f"of at least {where.longer_s or 0:g} s": where.longer_s is not None,
        f"of at most {where.shorter_s or 0:g} s": where.shorter_s is not None,
        f"changed on or after {_day(where.since)}": where.since is not None,
        f"changed before {_day(where.until)}": where.until is not None,
        f"of the category '{where.category}'": bool(where.category),
        "that does not repeat another one": not where.duplicates,
    }
    wanted = ", ".join(clause for clause, is_asked in asked.items() if is_asked)
    return f"The gallery '{gallery}' has no clip {wanted}; ask for less."


def _day(seconds: float | None) -> str:
    try:
        return date.fromtimestamp(seconds or 0).isoformat()
    except (OverflowError, ValueError, OSError):
        return f"{seconds:g} s"
