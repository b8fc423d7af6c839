"""The program that downloads for `fetch.Download`: one job comes in on stdin, lines go out.

Job and lines are JSON. The last line is `{"done": ...}` or `{"failed": reason, "values": {...}}`.
It lives in a process of its own because yt-dlp cannot be stopped otherwise, because `_guard` cannot
be taken back, and because libav reads here what a stranger uploaded.
"""

import contextlib
import json
import math
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

from xmr_core.youtube import _guard, failures
from xmr_core.youtube._remote import Budget
from xmr_core.youtube._section import Film, cut
from xmr_core.youtube.failures import YouTubeError
from xmr_core.youtube.limits import DownloadLimits, Rules

_KINDS = {"mp4": "mov", "m4v": "mov", "mov": "mov", "webm": "matroska", "mkv": "matroska"}
_PLAIN = ("https", "http")
_PLAYLISTS = ("m3u8", "m3u8_native")
_LIVE = ("is_live", "is_upcoming", "post_live")
_MAX_MEMORY = 2_000_000_000
_TOLD_EVERY_S = 0.2


def main() -> None:
    """Does the one job."""
    # Libraries may print what they like: it does not get into the lines.
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.readline())
    folder = Path(job["folder"])
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    try:
        _tell(lines, done=_download(job, folder, lines))
    except Exception as error:
        reason, values = _reason(error, job["limits"])
        _tell(lines, failed=reason, values=values, trace=traceback.format_exc())
    _leave(0)


def _download(job: dict[str, Any], folder: Path, lines: TextIO) -> dict[str, Any]:
    limits = DownloadLimits(**job["limits"])
    rules = Rules(**{name: _tuples(value) for name, value in job["rules"].items()})
    _bound("RLIMIT_FSIZE", limits.max_bytes + (1 << 20))
    _tell(lines, step="asking")
    _guard.keep_to(rules)  # before yt-dlp looks for other network libraries
    try:
        import yt_dlp
        from yt_dlp.networking import Request
    except ImportError as error:
        raise YouTubeError("no_tool") from error
    if rules.plugins:
        sys.path.insert(0, rules.plugins)

    settings: Any = _settings(limits, rules, folder)
    with cast(Any, yt_dlp.YoutubeDL(settings)) as ydl:
        info = ydl.extract_info(job["url"], download=False)
        film, start_s, end_s = _wanted(info, job, limits)
        budget = Budget(limits.max_bytes)
        last_told = 0.0

        def told(share: float) -> None:
            nonlocal last_told
            if time.monotonic() - last_told >= _TOLD_EVERY_S:
                last_told = time.monotonic()
                share = min(max(share, 0.0), 1.0)
                _tell(lines, step="downloading", share=share, received_bytes=budget.received_bytes)

        def open_url(url: str, headers: Mapping[str, str]) -> Any:
            return ydl.urlopen(Request(url, headers=dict(headers)))

        _bound("RLIMIT_DATA", _MAX_MEMORY)
        told(0.0)
        out = folder / "section.mp4"
        end_s = cut(film, open_url, budget, out, start_s, end_s, told)
    # Named like the clips of VATEX and MSVD: video, first and last second.
    name = f"{job['name']}_{math.floor(start_s):06d}_{math.ceil(end_s):06d}.mp4"
    out.rename(folder / name)
    return {"file": name, "start_s": start_s, "end_s": end_s}


def _settings(limits: DownloadLimits, rules: Rules, folder: Path) -> dict[str, Any]:
    """yt-dlp's: one video, no sound, nothing read from or written to this machine."""
    side = limits.max_side
    protocols = "|".join(_PLAIN + _PLAYLISTS)
    return {
        "allowed_extractors": list(rules.extractors),
        "noplaylist": True,
        "format": f"bv*[width<=?{side}][height<=?{side}][protocol~='^({protocols})$']",
        "format_sort": ["proto", "vcodec:h264", "res", "acodec:none", "+br"],
        "cachedir": False,
        "cookiefile": None,
        "paths": {"home": str(folder), "temp": str(folder)},
        "socket_timeout": limits.silence_s,
        "retries": 1,
        "extractor_retries": 1,
        "logger": _Silent(),
        "noprogress": True,
    }


class _Silent:
    """Where yt-dlp's messages go; what counts comes as an exception."""

    def debug(self, message: str) -> None: ...
    def info(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...


def _wanted(
    info: dict[str, Any] | None, job: dict[str, Any], limits: DownloadLimits
) -> tuple[Film, float, float]:
    """Which film to cut, from where to where."""
    if not info or info.get("_type", "video") != "video":
        raise YouTubeError("playlist")
    if info.get("is_live") or info.get("live_status") in _LIVE:
        raise YouTubeError("live")
    duration_s = float(info.get("duration") or 0.0)
    if duration_s > limits.max_video_s:
        raise YouTubeError("too_long", hours=duration_s / 3600, limit=limits.max_video_s / 3600)
    start_s = float(job["start_s"] or 0.0)
    if duration_s and start_s >= duration_s:
        raise YouTubeError("past_end", duration_s=duration_s, start_s=start_s)
    end_s = start_s + limits.max_s
    if job["end_s"]:
        end_s = min(end_s, float(job["end_s"]))
    chosen = (info.get("requested_formats") or [info])[0]
    is_playlist = chosen.get("protocol") in _PLAYLISTS
    kind = "hls" if is_playlist else _KINDS.get(chosen.get("ext") or "")
    if kind is None or not chosen.get("url"):
        raise YouTubeError("no_format")
    return Film(chosen["url"], kind, dict(chosen.get("http_headers") or {})), start_s, end_s


def _reason(error: Exception, limits: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What to say about an error: by its kind, else by its words."""
    from yt_dlp.networking.exceptions import HTTPError, TransportError
    from yt_dlp.utils import GeoRestrictedError, UnsupportedError

    chain = list(failures.causes(error))

    def first(kind: Any) -> Any:
        return next((one for one in chain if isinstance(one, kind)), None)

    if (ours := first(YouTubeError)) is not None:
        return ours.reason, ours.values
    if (refused := first(_guard.HostRefusedError)) is not None:
        return "elsewhere", {"host": refused.host}
    if first(GeoRestrictedError) is not None:
        return "region", {}
    if first(UnsupportedError) is not None:
        return "playlist", {}
    if (answer := first(HTTPError)) is not None:
        return failures.by_status(answer.status), {"status": answer.status}
    words = " ".join(str(one) for one in chain)
    if first(TimeoutError) is not None:
        return "timed_out", {"limit_s": limits["silence_s"]}
    if first(TransportError) is not None or first(ConnectionError) is not None:
        return "offline", {}
    by_words = failures.by_words(words)
    if by_words is not None:
        return by_words, {"limit_s": limits["silence_s"]}
    if type(error).__module__.startswith("av"):
        return "broken", {}
    return "other", {"detail": failures.cleaned(str(error))}


def _tell(lines: TextIO, **line: Any) -> None:
    lines.write(json.dumps(line) + "\n")
    lines.flush()


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _bound(name: str, most: int) -> None:
    """Lets the system refuse what goes beyond, also in programs that yt-dlp starts."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        resource.setrlimit(getattr(resource, name), (most, most))


def _end_with_parent(folder: Path) -> None:
    """Waits until the parent is gone, whatever happened to it, and leaves nothing behind."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdin.read()
    shutil.rmtree(folder, ignore_errors=True)
    _leave(1)


def _leave(status: int) -> NoReturn:
    """Ends this process; when it was left alone, with all that it started."""
    sys.stdout.flush()
    if status and hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(status)


if __name__ == "__main__":
    main()
