"""What a visitor pastes: a video's id, its address in any form, or a clip id of a data set.

Pure. The address that is downloaded later is built from the id alone, so nothing of a pasted text
ever reaches the network.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from xmr_core.datasets.youtube import stretch_of
from xmr_core.youtube.failures import YouTubeError, quoted

MAX_ADDRESS = 2048  # characters
_MAX_FIELDS = 64

_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
_CLOCK = re.compile(r"(?:(?P<h>[0-9]{1,3})h)?(?:(?P<m>[0-9]{1,5})m)?(?:(?P<s>[0-9]{1,6})s)?")
_COLONS = re.compile(r"(?:(?P<h>[0-9]{1,3}):)?(?P<m>[0-9]{1,3}):(?P<s>[0-9]{1,2})")
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")

_SHORT = frozenset({"youtu.be", "www.youtu.be"})
_LONG = frozenset(
    {
        *("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"),
        *("gaming.youtube.com", "youtube-nocookie.com", "www.youtube-nocookie.com"),
    }
)
_FORWARDING = frozenset({"attribution_link", "redirect", "oembed", "signin", "clip", "source"})
_BEFORE_ID = frozenset({"watch", "shorts", "embed", "live", "v", "e"})
_NOT_AN_ID = frozenset({"videoseries", "live_stream"})  # pages that happen to have 11 letters
_START_FIELDS = ("t", "start", "time_continue")


@dataclass(frozen=True, slots=True)
class YouTubeAddress:
    """A video of YouTube and the part of it that is meant.

    Attributes:
        video_id: The eleven characters that name it.
        start_s: Where the part begins; None if the address does not say.
        end_s: Where it ends; None if the address does not say.
    """

    video_id: str
    start_s: float | None = None
    end_s: float | None = None

    @property
    def url(self) -> str:
        """Where a browser shows it, from the start of the part on."""
        moment = f"&t={int(self.start_s)}s" if self.start_s else ""
        return f"https://www.youtube.com/watch?v={self.video_id}{moment}"


def parse(text: str) -> YouTubeAddress | None:
    """Reads an id, an address, or a clip id such as "Ptf_2VRj-V0_000122_000132".

    Args:
        text: Anything.

    Returns:
        What it names, or None if it does not look like an address at all.

    Raises:
        YouTubeError: It is an address, but of something else than one video of YouTube.
    """
    if len(text) > MAX_ADDRESS:
        raise YouTubeError("long_address", length=len(text), limit=MAX_ADDRESS)
    text = text.strip()
    if _ID.fullmatch(text):
        return None if text in _NOT_AN_ID else YouTubeAddress(text)
    stretch = stretch_of(text)
    if stretch is not None:
        return YouTubeAddress(text[:11], stretch.start_s, stretch.end_s)
    if _SCHEME.match(text):
        return _read(text)
    host = re.split(r"[/?#]", text, maxsplit=1)[0].lower()
    if "youtu" in host and "." in host:
        return _read(f"https://{text}")
    return None


def _read(url: str) -> YouTubeAddress:
    if not url.isprintable() or " " in url or "\\" in url:  # urlsplit would drop some of these
        raise YouTubeError("odd_address", text=quoted(url))
    try:
        parts = urlsplit(url, scheme="https")
    except ValueError as error:
        raise YouTubeError("odd_address", text=quoted(url)) from error
    host = parts.netloc.lower() if parts.netloc.isascii() else ""
    if parts.scheme not in ("https", "http") or host not in _SHORT | _LONG:
        raise YouTubeError("not_youtube", text=quoted(url))
    try:
        fields = dict(reversed(parse_qsl(parts.query, max_num_fields=_MAX_FIELDS)))
        marks = dict(reversed(parse_qsl(parts.fragment, max_num_fields=_MAX_FIELDS)))
    except ValueError as error:
        raise YouTubeError("odd_address", text=quoted(url)) from error
    video_id = _id_of(host, [part for part in parts.path.split("/") if part], fields, url)
    start_s, end_s = _stretch(fields, marks)
    return YouTubeAddress(video_id, start_s, end_s)


def _id_of(host: str, path: list[str], fields: dict[str, str], url: str) -> str:
    first = path[0] if path else ""
    if host in _LONG and first in _FORWARDING:
        raise YouTubeError("forwarding", text=quoted(url))
    if host in _SHORT:
        found = first
    elif first == "watch" and len(path) == 1:
        found = fields.get("v", "")
    elif first in _BEFORE_ID and len(path) > 1:
        found = path[1]
    else:
        found = ""
    if not found or found in _NOT_AN_ID:
        raise YouTubeError("no_video", text=quoted(url))
    if not _ID.fullmatch(found):
        raise YouTubeError("bad_id", text=quoted(found))
    return found


def _stretch(fields: dict[str, str], marks: dict[str, str]) -> tuple[float | None, float | None]:
    """Start and end in seconds; an end that does not lie behind the start counts as none."""
    written = [fields[name] for name in _START_FIELDS if name in fields]
    written += [marks["t"]] if "t" in marks else []
    start_s = _seconds(written[0]) if written else None
    end_s = _seconds(fields["end"]) if "end" in fields else None
    return start_s, end_s if end_s and end_s > (start_s or 0.0) else None


def _seconds(text: str) -> float | None:
    """Reads "62", "62.5", "62s", "1m2s", "1h2m3s", "1:02" or "1:02:03"."""
    if _SECONDS.fullmatch(text):
        return float(text)
    found = _CLOCK.fullmatch(text) or _COLONS.fullmatch(text)
    if not text or found is None:
        raise YouTubeError("bad_time", text=quoted(text))
    hours, minutes, seconds = (int(found[unit] or 0) for unit in "hms")
    return float(3600 * hours + 60 * minutes + seconds)
