"""Clips as lines of a gallery's `items.jsonl`."""

from dataclasses import fields
from typing import Any

from xmr_core.types import Caption, Clip

_FIELDS = fields(Clip)


def clip_to_dict(clip: Clip) -> dict[str, Any]:
    """A clip's fields for JSON; those with their default value are left out."""
    # Not `asdict`: it copies every caption deeply, which costs most of writing a large gallery.
    pairs = ((field, getattr(clip, field.name)) for field in _FIELDS)
    values = {field.name: value for field, value in pairs if value != field.default}
    if clip.captions:
        values["captions"] = [{"text": c.text, "language": c.language} for c in clip.captions]
    return values


def clip_from_dict(values: dict[str, Any]) -> Clip:
    """A clip from its fields as JSON gives them. Raises TypeError for unknown or missing fields."""
    captions = tuple(Caption(**caption) for caption in values.get("captions", ()))
    return Clip(**{**values, "captions": captions})
