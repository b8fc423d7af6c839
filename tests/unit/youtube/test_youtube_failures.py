"""What YouTube and yt-dlp say, and which sentence it becomes."""

import re

import pytest

from xmr_core.youtube import SENTENCES, YouTubeError
from xmr_core.youtube.failures import by_status, by_words, causes, cleaned, quoted

HINT = "Use --cookies-from-browser or --cookies for the authentication. See  https://github.com/x"
SAID = {
    "Video unavailable": "removed",
    "Video unavailable. This video is no longer available because the YouTube account associated"
    " with this video has been terminated": "removed",
    "This video has been removed by the uploader": "removed",
    "This video has been removed for violating YouTube's Terms of Service": "removed",
    "This video does not exist": "removed",
    "This video isn't available anymore": "removed",
    f"Private video. Sign in if you've been granted access to this video. {HINT}": "private",
    "This video is private": "private",
    f"Sign in to confirm your age. This video may be inappropriate for some users. {HINT}": "age",
    f"Sign in to confirm your age. {HINT}": "age",
    "This video is age-restricted and only available on YouTube": "age",
    f"Sign in to confirm you’re not a bot. {HINT}": "bot",
    f"Sign in to confirm you're not a bot. {HINT}": "bot",
    "All player responses are invalid. Your IP is likely being blocked by Youtube": "bot",
    "Video unavailable. YouTube is requiring a captcha challenge before playback": "bot",
    "Video unavailable. This content isn't available, try again later. The current session has been"
    " rate-limited by YouTube for up to an hour.": "busy",
    "The uploader has not made this video available in your country": "region",
    "This video contains content from X, who has blocked it in your country on copyright"
    " grounds": "region",
    "Video unavailable. The uploader has not made this video available in your country": "region",
    "Join this channel to get access to members-only content like this video": "members",
    "This video is available to this channel's members on level: Fan (or any higher level)."
    " Join this channel to get access": "members",
    "This video requires payment to watch": "members",
    "This video is only available to Music Premium members": "members",
    "This live event will begin in 3 hours": "live",
    "Premieres in 12 minutes": "live",
    "This live stream recording is not available": "removed",
    "This video is DRM protected": "protected",
    "Requested format is not available. Use --list-formats for a list": "no_format",
    "No video formats found!": "no_format",
    "Unsupported URL: https://example.org": "playlist",
    "The read operation timed out": "timed_out",
    "Something nobody has heard of": None,
    "": None,
}


@pytest.mark.parametrize(("message", "reason"), SAID.items(), ids=lambda text: str(text)[:50])
def test_words_lead_to_a_reason(message, reason):
    assert by_words(f"ERROR: [youtube] dQw4w9WgXcQ: {message}") == reason
    assert by_words(message.upper()) == reason


def test_the_search_for_words_takes_no_time():
    assert by_words("members " * 1_000_000) in (None, "members")


SOME = [message for message in SAID if message and message.isprintable()][::8]


@pytest.mark.parametrize("message", SOME, ids=lambda text: text[:40])
def test_through_yt_dlp(films, message):
    films.videos["said"] = {"error": message}
    with films.download("said") as running, pytest.raises(YouTubeError) as failed:
        list(running)
    assert failed.value.reason == SAID[message]


def test_the_unknown_is_told_in_its_own_words(films):
    films.videos["said"] = {"error": "Strange\x1b[31m things at https://x.test/secret\nand more"}
    with films.download("said") as running, pytest.raises(YouTubeError) as failed:
        list(running)
    assert failed.value.reason == "other"
    sentence = str(failed.value)
    assert sentence == (
        "The download failed (said: Strange things at …); give the video as a file."
    )


@pytest.mark.parametrize("reason", SENTENCES)
def test_every_sentence_says_what_to_do(reason):
    names = set(re.findall(r"{(\w+)[:}]", SENTENCES[reason]))
    error = YouTubeError(reason, **{name: 3 for name in names})
    sentence = str(error)
    assert (error.reason, "{" in sentence) == (reason, False)
    assert sentence.endswith(".") and sentence.isprintable()
    if reason not in {"long_address", "bad_id"}:
        assert re.search(r"give|paste|write|choose|only links|run ", sentence)


def test_statuses():
    assert [by_status(status) for status in (403, 404, 410, 429, 500)] == [
        "refused", "removed", "removed", "busy", "refused",
    ]  # fmt: skip


def test_causes_are_followed_and_end():
    inner, outer = ValueError("inner"), KeyError("outer")
    outer.__cause__, inner.__context__ = inner, outer  # a ring
    wrapped = RuntimeError("wrapped")
    wrapped.exc_info = (KeyError, outer, None)  # type: ignore[attr-defined]
    assert list(causes(wrapped)) == [wrapped, outer, inner]


def test_texts_are_cut_and_printable():
    assert quoted("a\0b\u202ec") == "a?b?c"
    assert len(quoted("x" * 10_000)) == 61
    assert cleaned("") == "no reason was given"
    assert len(cleaned("x" * 10_000)) == 120
