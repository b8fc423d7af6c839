"""Where the source of a clip can be seen: a plain link, or a player that YouTube allows."""

from dataclasses import dataclass
from urllib.parse import quote

from xmr_core import Clip, youtube

_LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class Source:
    """Where a clip comes from.

    Attributes:
        url: A web address that a browser may follow, at the clip's beginning where that is known.
        youtube: Id of the video, if it can be played in the page; "" otherwise.
        start_s: Where the clip begins in that video, in whole seconds.
        end_s: Where it ends; 0 if that is not known.
    """

    url: str
    youtube: str = ""
    start_s: int = 0
    end_s: int = 0


def source_of(clip: Clip) -> Source | None:
    """The source of a clip; None if it has none, or one that no browser should follow."""
    if not (url := web_address(clip.url)):
        return None
    video = youtube_id(url)
    if not video:
        return Source(url)
    start = max(0.0, clip.source_start_s or 0.0)
    length = max(0.0, clip.end_s - clip.start_s)
    known = clip.source_start_s is not None and length > 0
    begin = int(start)
    return Source(
        url=f"https://www.youtube.com/watch?v={quote(video)}" + (f"&t={begin}s" if begin else ""),
        youtube=video,
        start_s=begin,
        end_s=-int(-(start + length) // 1) if known else 0,
    )


def youtube_id(url: str) -> str:
    """The video that an address of YouTube names; "" for every other host and form."""
    try:
        address = youtube.parse(url)
    except youtube.YouTubeError:
        return ""
    return address.video_id if address else ""


def web_address(url: str | None) -> str:
    """`url` if a browser may follow it; "" otherwise: it could begin with `javascript:`."""
    if not url or len(url) > _LONGEST_URL or not url.startswith(("https://", "http://")):
        return ""
    return url
