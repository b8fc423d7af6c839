"""Clips of YouTube videos: ids that say which part of which video they are."""

import re
from dataclasses import dataclass

_CLIP = re.compile(r"(?P<video>[A-Za-z0-9_-]{11})_(?P<start>[0-9]{1,6})_(?P<end>[0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a YouTube video.

    Attributes:
        url: Of the whole video.
        start_s: Where the part begins.
        end_s: Where it ends.
    """

    url: str
    start_s: float
    end_s: float


def stretch_of(clip_id: str) -> Stretch | None:
    """What an id such as "Ptf_2VRj-V0_000122_000132" (VATEX, MSVD) names; None for others."""
    found = _CLIP.fullmatch(clip_id)
    if found is None or int(found["start"]) >= int(found["end"]):
        return None
    url = f"https://www.youtube.com/watch?v={found['video']}"
    return Stretch(url, float(found["start"]), float(found["end"]))
