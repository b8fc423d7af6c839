"""Asking: search, similar, describe, explain."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from xmr_core.commands.fetching import fetched_video
from xmr_core.commands.output import explanation_record, print_json, show_result
from xmr_core.errors import XmrError, plain
from xmr_core.types import Filter

if TYPE_CHECKING:
    from xmr_core.engine import Engine

Text = tyro.conf.Positional[str]


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, and how the answer is printed.

    Attributes:
        gallery: "scenes", a folder written by `xmr index`, or `hf://owner/name@REVISION`.
        checkpoint: Which model: an id of `xmr checkpoints list`, a folder, or
            `hf://owner/name@REVISION`.
        top: How many rows.
        as_json: Print one JSON object.
    """

    gallery: str = "scenes"
    checkpoint: str = "scenes-clip"
    top: int = 10
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False

    def engine(self) -> "Engine":
        """The engine that answers."""
        from xmr_core.commands.remote import fetched_checkpoint, fetched_gallery
        from xmr_core.engine import Engine
        from xmr_core.hub import is_address

        if self.top < 1:
            raise XmrError(f"--top is {self.top}; ask for at least one match")
        gallery = fetched_gallery(self.gallery)
        if not is_address(self.checkpoint):
            Engine(self.checkpoint, gallery)  # says that a gallery is missing before any download
        return Engine(fetched_checkpoint(self.checkpoint), gallery)


@dataclass(frozen=True, slots=True)
class Where:
    """Which clips may be found.

    Attributes:
        folder: Only files in this folder or below it, as the gallery names it.
        longer: Only clips of at least so many seconds.
        shorter: Only clips of at most so many seconds.
        since: Only files changed on this day or later, YYYY-MM-DD.
        until: Only files changed on this day or earlier, YYYY-MM-DD.
        category: Only clips of this category.
        duplicates: Also clips that repeat an earlier one.
    """

    folder: str = ""
    longer: float | None = None
    shorter: float | None = None
    since: str = ""
    until: str = ""
    category: str = ""
    duplicates: bool = False

    def filter(self) -> Filter:
        """The same for the engine. Raises XmrError for a day that is none."""
        return Filter(
            folder=self.folder,
            longer_s=self.longer,
            shorter_s=self.shorter,
            since=_midnight("--since", self.since) if self.since else None,
            until=_midnight("--until", self.until, days=1) if self.until else None,
            category=self.category,
            duplicates=self.duplicates,
        )


def _midnight(option: str, day: str, days: int = 0) -> float:
    """When a day begins on this machine's clock, or the one so many days later."""
    try:
        begin = datetime.combine(date.fromisoformat(day) + timedelta(days), time())
        return begin.timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise XmrError(f"{option} is '{day}'; write a day such as 2026-11-21") from error


Options = tyro.conf.OmitArgPrefixes[Asking]
Sieve = tyro.conf.OmitArgPrefixes[Where]
_DEFAULT = Asking()
_ALL = Where()


def search(query: Text, options: Options = _DEFAULT, where: Sieve = _ALL) -> None:
    """Finds the clips that fit a sentence.

    Args:
        query: A sentence in English or Chinese.
        options: How to ask.
        where: Which clips may be found.
    """
    wanted = where.filter()
    show_result(options.engine().search(query, options.top, wanted), options.as_json)


def similar(video: Text, options: Options = _DEFAULT, where: Sieve = _ALL) -> None:
    """Finds the clips most like a video file, a clip of the gallery or a video of YouTube.

    Args:
        video: A video file, the id of a clip, or a link or id of YouTube.
        options: How to ask.
        where: Which clips may be found.
    """
    engine, wanted = options.engine(), where.filter()
    with fetched_video(engine, video) as source:
        show_result(engine.similar(source, options.top, wanted), options.as_json)


def describe(video: Text, options: Options = _DEFAULT) -> None:
    """Finds the gallery's sentences that fit a video file, a clip or a video of YouTube.

    Args:
        video: A video file, the id of a clip, or a link or id of YouTube.
        options: How to ask.
    """
    engine = options.engine()
    with fetched_video(engine, video) as source:
        found = engine.describe(source, options.top)
    if options.as_json:
        print_json(asdict(found))
        return
    for row in found.captions:
        print(f"{row.rank:>3}  {row.score:.3f}  {plain(row.caption.text)}  ({row.clip_id})")


def explain(query: Text, clip: Text, options: Options = _DEFAULT, out: Path | None = None) -> None:
    """Tells why a clip got its score for a sentence.

    Args:
        query: A sentence.
        clip: Id of a clip of the gallery.
        options: How to ask.
        out: Also write a figure, as PNG.
    """
    engine = options.engine()
    found = engine.explain(query, clip)
    if out is not None:
        from xmr_core.explain.figure import write_figure

        write_figure(found, engine.frames(clip), out)
    if options.as_json:
        print_json(explanation_record(found))
        return
    print(f"{clip}  score {found.score:.3f}")
    for word, known, effect in zip(found.words, found.word_known, found.word_effects, strict=True):
        print(f"  {plain(word):<16} {effect:+.3f}{'' if known else '  (unknown to this model)'}")
    best = int(found.frame_scores.argmax())
    print(f"  best frame at {found.frame_times_s[best]:.1f} s ({found.frame_scores[best]:.3f})")
    if out is not None:
        print(f"  figure: {out}")
