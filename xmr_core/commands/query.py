"""Asking: search, similar, describe, explain."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from xmr_core.commands.output import explanation_record, print_json, show_result
from xmr_core.errors import XmrError

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


Options = tyro.conf.OmitArgPrefixes[Asking]
_DEFAULT = Asking()


def search(query: Text, options: Options = _DEFAULT) -> None:
    """Finds the clips that fit a sentence.

    Args:
        query: A sentence in English or Chinese.
        options: How to ask.
    """
    show_result(options.engine().search(query, options.top), options.as_json)


def similar(video: Text, options: Options = _DEFAULT) -> None:
    """Finds the clips most like a video file or a clip of the gallery.

    Args:
        video: A video file, or the id of a clip.
        options: How to ask.
    """
    show_result(options.engine().similar(video, options.top), options.as_json)


def describe(video: Text, options: Options = _DEFAULT) -> None:
    """Finds the gallery's sentences that fit a video file or a clip of the gallery.

    Args:
        video: A video file, or the id of a clip.
        options: How to ask.
    """
    found = options.engine().describe(video, options.top)
    if options.as_json:
        print_json(asdict(found))
        return
    for row in found.captions:
        print(f"{row.rank:>3}  {row.score:.3f}  {row.caption.text}  ({row.clip_id})")


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
        print(f"  {word:<16} {effect:+.3f}{'' if known else '  (unknown to this model)'}")
    best = int(found.frame_scores.argmax())
    print(f"  best frame at {found.frame_times_s[best]:.1f} s ({found.frame_scores[best]:.3f})")
    if out is not None:
        print(f"  figure: {out}")
