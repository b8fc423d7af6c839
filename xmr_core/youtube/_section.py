"""Cutting a stretch out of a film while it is read from a server, without decoding it.

Only the pieces that hold the stretch are read: libav finds them by the film's own index. A stretch
begins between two key frames; the pictures since the last one are kept in the file and marked as
not to be shown (an edit list), so every reader starts exactly where it was asked to.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from xmr_core.youtube._remote import Budget, Open, Remote
from xmr_core.youtube.failures import YouTubeError

_EARLIER_S = 12.0  # pieces of a playlist are found by rounded lengths: better one too early

# Of (share of the stretch that is there); called now and then.
Told = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Film:
    """Where a film lies.

    Attributes:
        url: Its address.
        kind: libav's name of its format: "mov", "matroska" or "hls".
        headers: What to send with every request.
    """

    url: str
    kind: str
    headers: dict[str, str]


def cut(
    film: Film, open_url: Open, budget: Budget, out: Path, start_s: float, end_s: float, told: Told
) -> float:
    """Writes a stretch of a film to an MP4 file.

    Args:
        film: What to cut.
        open_url: Sends one request.
        budget: How much may be received.
        out: File to write.
        start_s: Where the stretch begins in the film.
        end_s: Where it ends; the film may end earlier.
        told: Told how far it is.

    Returns:
        Where the stretch really ends, in seconds of the film.

    Raises:
        YouTubeError: It is too much, has no pictures, or ends before the stretch begins.
        OSError: libav cannot read it; `av.FFmpegError` is one.
    """
    import av

    opened: list[Remote] = []

    def open_part(url: str, flags: int = 0, options: Any = None) -> Remote:
        opened.append(Remote(open_url, url, film.headers, budget))
        return opened[-1]

    settings: dict[str, Any] = {}
    if film.kind == "hls":
        settings = {
            "io_open": open_part,
            "options": {"http_persistent": "0", "http_multiple": "0", "extension_picky": "0"},
        }
    try:
        with av.open(open_part(film.url), format=film.kind, **settings) as source:
            if not source.streams.video:
                raise YouTubeError("broken")
            return _copy(source, source.streams.video[0], out, start_s, end_s, told)
    finally:
        for part in opened:
            part.close()
        if budget.failure is not None:
            raise budget.failure


def _copy(source: Any, video: Any, out: Path, start_s: float, end_s: float, told: Told) -> float:
    import av

    film_start = Fraction(source.start_time or 0, 1_000_000)
    start = Fraction(start_s) + film_start
    end = Fraction(end_s) + film_start
    if start_s > 0:
        early = _EARLIER_S if source.format.name == "hls" else 0.0
        source.seek(max(0, int((float(start) - early) * 1_000_000)))
    last = start
    with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as sink:
        copy = sink.add_stream_from_template(video)
        origin = round(start / video.time_base)
        for packet in _from_key_frame(_until(source.demux(video), end), start):
            shown = packet.pts * video.time_base
            last = max(last, shown + (packet.duration or 0) * video.time_base)
            told(float((shown - start) / (end - start)))
            packet.pts -= origin
            packet.dts -= origin
            packet.stream = copy
            sink.mux(packet)
        if last <= start:
            raise YouTubeError("past_end", duration_s=_length(source), start_s=start_s)
    return float(min(last, end) - film_start)


def _until(packets: Iterable[Any], end: Fraction) -> Iterator[Any]:
    """Packets up to `end`, in the order of decoding, with later ones that these depend on."""
    held: list[Any] = []
    for packet in packets:
        if packet.dts is None or packet.pts is None:
            continue
        if packet.dts * packet.time_base >= end:
            return
        if packet.pts * packet.time_base >= end:
            held.append(packet)
        else:
            yield from held
            held = []
            yield packet


def _from_key_frame(packets: Iterable[Any], start: Fraction) -> Iterator[Any]:
    """Leaves out what lies before the last key frame that is not after `start`."""
    waiting: list[Any] = []
    has_begun = False
    for packet in packets:
        if not has_begun:
            if packet.is_keyframe and packet.pts * packet.time_base <= start:
                waiting = []
            waiting.append(packet)
            if packet.pts * packet.time_base < start:
                continue
            has_begun = True
            yield from waiting
        else:
            yield packet


def _length(source: Any) -> float:
    return source.duration / 1_000_000 if source.duration else 0.0
