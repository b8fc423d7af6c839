"""Filters of a search: which of them mean something for a gallery, and what a browser asked for."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from demo.render import Json
from xmr_core import Clip, Filter

_MOST_FOLDERS = 500
_MOST_CATEGORIES = 200
_LENGTHS_DIFFER_S = 1.0
_TEXT_LIMIT = 500


def filter_facts(clips: Sequence[Clip]) -> Json:
    """What the clips can be told apart by; a filter that would part nothing is left out.

    Returns:
        folders and categories ([name, clips] each), lengths ([shortest, longest] in whole seconds)
        and dates ([first, last], ISO) or None, and the number of duplicates.
    """
    lengths = [length for clip in clips if (length := clip.end_s - clip.start_s) > 0]
    times = [clip.modified for clip in clips if clip.modified is not None]
    days = (_day_of(min(times)), _day_of(max(times))) if times else None
    categories = Counter(clip.category for clip in clips if clip.category)
    spread = max(lengths) - min(lengths) if lengths else 0.0
    return {
        "folders": _folders(clips),
        "categories": sorted(categories.items())[:_MOST_CATEGORIES] if len(categories) > 1 else [],
        "lengths": (
            [math.floor(min(lengths)), math.ceil(max(lengths))]
            if spread > _LENGTHS_DIFFER_S
            else None
        ),
        "dates": list(days) if days and days[0] != days[1] else None,
        "duplicates": sum(clip.duplicate_of is not None for clip in clips),
    }


def filter_asked(asked: Mapping[str, Any]) -> Filter | None:
    """The filter that a browser or an address asks for; None if it is the engine's own.

    Args:
        asked: `folder`, `category`; `longer`, `shorter` in seconds; `since`, `until` as ISO days,
            both included; `duplicates`. What makes no sense counts as not asked.
    """
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    where = Filter(
        folder=_text(asked.get("folder")),
        category=_text(asked.get("category")),
        longer_s=_seconds(asked.get("longer")),
        shorter_s=_seconds(asked.get("shorter")),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
        duplicates=asked.get("duplicates") in (True, "1"),
    )
    return None if where == Filter() else where


def _folders(clips: Sequence[Clip]) -> list[tuple[str, int]]:
    """All folders with how many clips lie in them or below, if there is more than one place."""
    places = Counter(clip.folder for clip in clips)
    if len(places) < 2:
        return []
    below: Counter[str] = Counter()
    for folder, count in places.items():
        parts = folder.split("/") if folder else []
        for depth in range(1, len(parts) + 1):
            below["/".join(parts[:depth])] += count
    # One folder around everything parts nothing.
    parting = {folder: count for folder, count in below.items() if count < len(clips)}
    return sorted(parting.items())[:_MOST_FOLDERS]


def _text(value: Any) -> str:
    return value.strip()[:_TEXT_LIMIT] if isinstance(value, str) else ""


def _seconds(value: Any) -> float | None:
    """A length that a visitor wrote; None for nothing, nonsense and negative numbers."""
    try:
        seconds = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _day(value: Any) -> date | None:
    """A day such as "2026-11-21"; the years that times can be counted in."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return day if day and 1971 <= day.year <= 9000 else None


def _midnight(day: date) -> float:
    """Its beginning on this machine's clock, in seconds since the epoch."""
    return datetime.combine(day, time()).timestamp()


def _day_of(seconds: float) -> str:
    return datetime.fromtimestamp(min(max(seconds, 0.0), 2e11)).date().isoformat()
