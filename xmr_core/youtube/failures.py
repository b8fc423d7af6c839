"""Why a video of YouTube cannot be had, in sentences, and how yt-dlp's words lead to them."""

import re
from collections.abc import Iterator

from xmr_core.errors import VideoUnavailableError

SENTENCES: dict[str, str] = {
    # The address
    "long_address": "An address of {length:,} characters is too long; {limit:,} are read at most.",
    "odd_address": "'{text}' cannot be read as an address; paste the link of one YouTube video.",
    "not_youtube": "'{text}' is not on YouTube; only links of YouTube are opened.",
    "no_video": "'{text}' is a page of YouTube, but not of one video; paste the link of a video.",
    "forwarding": (
        "'{text}' forwards to another page; open it and paste the link of the video itself."
    ),
    "bad_id": "'{text}' is not the id of a YouTube video: those have 11 letters, digits, - or _.",
    "bad_time": "The time '{text}' in the link cannot be read; write t=62 or t=1m2s.",
    # This machine
    "off": (
        "Downloads from YouTube are switched off here; give the video as a file, or run this"
        " program on your own machine."
    ),
    "no_tool": (
        "yt-dlp, which downloads from YouTube, does not start; install it with"
        " 'pip install -r requirements-youtube.txt', or give the video as a file."
    ),
    "offline": (
        "YouTube cannot be reached from this machine; check the connection, or give the video as"
        " a file."
    ),
    "timed_out": (
        "YouTube did not deliver within {limit_s:g} seconds; try again, or give the video as a"
        " file."
    ),
    # What YouTube says
    "removed": "This video is no longer on YouTube, or never was; give it as a file.",
    "private": "This video is private; give it as a file.",
    "members": "This video is for paying members only; give it as a file.",
    "region": "YouTube does not show this video in the country of this machine; give it as a file.",
    "age": "YouTube shows this video only after confirming the viewer's age; give it as a file.",
    "bot": (
        "YouTube wants a proof that no robot is asking, which this program cannot give; give the"
        " video as a file."
    ),
    "busy": "YouTube refuses requests from this machine for a while; give the video as a file.",
    "live": "This video is live or has not begun; give a recording as a file.",
    "protected": "This video is protected against copying; give another one as a file.",
    "refused": "YouTube refused to deliver this video (HTTP {status}); give it as a file.",
    "elsewhere": (
        "YouTube pointed to another host, '{host}', and the download was stopped there; give the"
        " video as a file."
    ),
    "playlist": "This is not one video but a list or a page; paste the link of one video.",
    # What we want of it
    "no_format": (
        "YouTube offers no small picture of this video that can be read here; give it as a file."
    ),
    "too_long": (
        "This video lasts {hours:.1f} hours and the limit is {limit:g}; give a part of it as a"
        " file."
    ),
    "past_end": (
        "The video lasts {duration_s:.0f} s, so nothing begins at {start_s:.0f} s; choose an"
        " earlier time."
    ),
    "too_large": (
        "More than {limit_mb:g} MB would have to be downloaded for this part; give it as a file."
    ),
    "broken": "What YouTube delivered is not a video that can be read; give it as a file.",
    "other": "The download failed ({detail}); give the video as a file.",
}

# In this order: the first pattern that is found in yt-dlp's message decides. Most are YouTube's
# own words, which yt-dlp passes on.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"not a bot|captcha|likely being blocked", "bot"),
    (r"rate-?limited|try again later|too many requests", "busy"),
    (r"confirm your age|age-restricted|age restricted|inappropriate for some", "age"),
    (r"\bmembers?\b.*\b(?:only|access|level)|join this channel|requires payment", "members"),
    (r"music premium|premium members|\bpurchase\b|\brent(?:al)?\b", "members"),
    (r"\bin your country|\byour (?:region|location)\b|geo.?restrict", "region"),
    (r"private video|video is private", "private"),
    (r"drm protected", "protected"),
    (r"live event|premieres? in|\bis live\b|will begin|is offline|not (?:yet )?started", "live"),
    (r"requested format is not available|no video formats found", "no_format"),
    (r"no suitable extractor|unsupported url", "playlist"),
    (r"unavailable|removed|terminated|does not exist", "removed"),
    (r"(?:isn't|is not|no longer) available", "removed"),
    (r"timed out", "timed_out"),
)
_BY_WORDS = tuple((re.compile(pattern), reason) for pattern, reason in _WORDS)
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ADDRESSES = re.compile(r"[a-z]+://\S+")
_LONGEST_DETAIL = 120
_LONGEST_QUOTE = 60


class YouTubeError(VideoUnavailableError):
    """A video of YouTube cannot be had.

    Attributes:
        reason: Key of `SENTENCES`.
        values: What the sentence's places are filled with.
    """

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = reason
        self.values = values
        super().__init__(SENTENCES[reason].format(**values))


def quoted(text: str) -> str:
    """The beginning of a text as it can be shown in a sentence."""
    text = text[: _LONGEST_QUOTE + 1]
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return f"{shown[:_LONGEST_QUOTE]}…" if len(text) > _LONGEST_QUOTE else shown


def cleaned(message: str) -> str:
    """The first line of a program's message without colours, prefix, addresses and advice."""
    lines = _ESCAPES.sub("", message[:4000]).strip().splitlines()
    line = lines[0] if lines else ""
    line = re.sub(r"^ERROR:\s*|\[[\w:+-]+\]\s*|;? please report this issue.*", "", line)
    line = _ADDRESSES.sub("…", line).strip(" .;:")
    line = "".join(letter for letter in line if letter.isprintable())
    return line[:_LONGEST_DETAIL] or "no reason was given"


def by_words(message: str) -> str | None:
    """The reason that yt-dlp's or YouTube's words give, or None."""
    words = " ".join(message[:4000].replace("’", "'").lower().split())
    return next((reason for pattern, reason in _BY_WORDS if pattern.search(words)), None)


def by_status(status: int) -> str:
    """The reason that an HTTP status gives."""
    if status in (404, 410):
        return "removed"
    if status == 429:
        return "busy"
    return "refused"


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and whatever it says that led to it, each once, the outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        here = waiting.pop(0)
        if not isinstance(here, BaseException) or id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        told = getattr(here, "exc_info", None)
        waiting += [told[1] if isinstance(told, tuple) else None]
        waiting += [getattr(here, "cause", None), here.__cause__, here.__context__]
