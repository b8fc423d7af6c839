"""Which sources of a data set are no longer on YouTube: its oEmbed address is asked, slowly.

oEmbed is the public address that pages ask before they show a video. Its answers are taken as
follows. 200: it can be shown; 404: it is gone; 401 or 403: it is private or may not be embedded,
which is not counted as gone; anything else is no answer. YouTube documents none of this, and it was
tried against a server of our own only: before a list is used, a few of its videos should be looked
at. Every answer is kept at once, so a run of hours can be stopped and goes on where it was.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

from xmr_core.datasets.annotations import AnnotatedItem
from xmr_core.errors import XmrError
from xmr_core.progress import Progress, no_progress
from xmr_core.youtube.address import YouTubeAddress, parse
from xmr_core.youtube.failures import YouTubeError

OEMBED = "https://www.youtube.com/oembed"

_GONE = (404,)
_HIDDEN = (401, 403)
_TOO_MANY = 429
_PATIENCE = 5
"""Questions in a row without an answer, after which nobody is asked any more."""
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What is known about the sources of some items.

    Attributes:
        gone: Ids of the items whose video is no longer there.
        there: Number of items whose video is shown.
        hidden: Number of items whose video is private or may not be embedded.
        unknown: Number of items about whose video there was no answer.
        without: Number of items that name no video of YouTube.
    """

    gone: tuple[str, ...]
    there: int
    hidden: int
    unknown: int
    without: int

    def __str__(self) -> str:
        return (
            f"{self.there:,} there, {len(self.gone):,} gone, {self.hidden:,} hidden from others, "
            f"{self.unknown:,} without an answer, {self.without:,} not of YouTube"
        )


def check_sources(
    items: Iterable[AnnotatedItem],
    journal: Path,
    *,
    address: str = OEMBED,
    pause_s: float = 1.0,
    wait: Callable[[float], None] = time.sleep,
    progress: Progress = no_progress,
) -> SourceCheck:
    """Asks for every video once, however many items are cut from it.

    Args:
        items: With their sources.
        journal: File of the answers so far; made if it is missing.
        address: Whom to ask.
        pause_s: Seconds between two questions.
        wait: What waits.
        progress: Counts the videos.

    Raises:
        XmrError: Nobody answers, or too many questions were asked; the journal keeps the rest.
    """
    video_of = {item.id: _video(item) for item in items}
    answers = _read(journal)
    videos = dict.fromkeys(video for video in video_of.values() if video is not None)
    todo = [video for video in videos if video not in answers]
    silent = 0
    with journal.open("a", encoding="utf-8") as file:
        for video in progress(todo, desc="Asking", total=len(todo)):
            status = _ask(address, video)
            silent = 0 if _is_answer(status) else silent + 1
            if silent == _PATIENCE or status == _TOO_MANY:
                raise XmrError(
                    f"YouTube does not answer (status {status}). Start the same command later: "
                    f"{len(answers):,} of {len(videos):,} videos are done."
                )
            if _is_answer(status):
                answers[video] = status
                file.write(json.dumps([video, status]) + "\n")
                file.flush()
            wait(pause_s if _is_answer(status) else pause_s * 2**silent)
    known = {item_id: answers.get(video or "", 0) for item_id, video in video_of.items()}
    return SourceCheck(
        gone=tuple(item_id for item_id, status in known.items() if status in _GONE),
        there=sum(status == 200 for status in known.values()),
        hidden=sum(status in _HIDDEN for status in known.values()),
        unknown=sum(video is not None and video not in answers for video in video_of.values()),
        without=sum(video is None for video in video_of.values()),
    )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Answers come from the address that was asked, or not at all."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Never follows."""


def _ask(address: str, video: str) -> int:
    """Status of the answer about a video; 0 for none."""
    query = urlencode({"url": YouTubeAddress(video).url, "format": "json"})
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(f"{address}?{query}", timeout=_TIMEOUT_S) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (OSError, HTTPException):
        return 0


def _is_answer(status: int) -> bool:
    return status in (200, *_GONE, *_HIDDEN)


def _video(item: AnnotatedItem) -> str | None:
    """The video of YouTube that an item names as its source."""
    try:
        found = parse(item.url or "")
    except YouTubeError:
        return None
    return found.video_id if found else None


def _read(journal: Path) -> dict[str, int]:
    """Answers of earlier runs; a line that was cut off does not count."""
    answers: dict[str, int] = {}
    if not journal.exists():
        return answers
    for line in journal.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            video, status = json.loads(line)
        except (ValueError, TypeError):
            continue
        if isinstance(video, str) and _is_answer(status):
            answers[video] = status
    return answers
