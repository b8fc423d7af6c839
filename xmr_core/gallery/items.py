"""Clips as lines of a gallery's `items.jsonl`."""

from dataclasses import MISSING, asdict, fields
from typing import Any

from xmr_core.types import Caption, Clip

_DEFAULTS = {field.name: field.default for field in fields(Clip) if field.default is not MISSING}


def clip_to_dict(clip: Clip) -> dict[str, Any]:
    """A clip's fields for JSON; those with their default value are left out."""
    values = asdict(clip)
    left_out = {name for name, default in _DEFAULTS.items() if getattr(clip, name) == default}
    return {name: value for name, value in values.items() if name not in left_out}


def clip_from_dict(values: dict[str, Any]) -> Clip:
    """A clip from its fields as JSON gives them. Raises TypeError for unknown or missing fields."""
    captions = tuple(Caption(**caption) for caption in values.get("captions", ()))
    return Clip(**{**values, "captions": captions})
