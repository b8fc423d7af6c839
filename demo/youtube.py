"""The field for links: what was pasted is looked up in the gallery, else fetched from YouTube."""

from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from demo.actions import Actions, Question
from demo.events import text_of, told_to_visitor
from demo.render import Json, clip_panel, source_card
from xmr_core import Clip, youtube

Answer = tuple[Json | None, Json | None, Json | None]
"""What the field, the panel below it and the similar clips show; None changes nothing."""


def youtube_facts() -> Json:
    """What the browser says about the field before anything was pasted."""
    limits = youtube.DownloadLimits()
    return {"allowed": youtube.is_allowed(), "max_s": limits.max_s}


class Pasting:
    """The handler of the field.

    Args:
        actions: Answers once the video is there.
    """

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    def paste(self, event: gr.EventData) -> Iterator[Answer]:
        """A link or an id was pasted. A video that cannot be had is told in the field."""
        asked, text = self._actions.question(event), text_of(event, "text")
        try:
            with told_to_visitor():
                yield from self._answer(asked, text)
        except Exception:
            # Told by ticket: to Gradio a dropped question has failed as well.
            yield _field(asked, "broken"), None, None
            raise

    def _answer(self, asked: Question, text: str) -> Iterator[Answer]:
        try:
            yield from self._sought(asked, text)
        except youtube.YouTubeError as error:
            told = {"reason": error.reason, "values": _shown(error.values)}
            yield _field(asked, "failed", **told), None, None

    def _sought(self, asked: Question, text: str) -> Iterator[Answer]:
        clip = asked.gallery.first.find(text)
        if clip is not None:
            yield from self._found(asked, text, clip)
            return
        address = youtube.parse(text)
        if address is None:
            yield _field(asked, "failed", reason="unknown", values={"text": text[:80]}), None, None
            return
        with youtube.begin_download(address) as running:
            for step in running:
                how_far = {"share": step.share, "received_bytes": step.received_bytes}
                yield None, clip_panel(ticket=asked.ticket, stage=step.stage) | how_far, None
            part = youtube.YouTubeAddress(address.video_id, running.start_s, running.end_s)
            source = {
                "id": part.video_id,
                "start": int(running.start_s),
                "end": round(running.end_s),
                "url": part.url,
            }
            for panel, grid in self._actions.by_clip(asked, running.path, text[:80], None):
                yield None, panel | {"youtube": source}, grid

    def _found(self, asked: Question, text: str, clip: Clip) -> Iterator[Answer]:
        """Nothing is downloaded for a clip of the gallery."""
        is_link = text != clip.id
        field = _field(asked, "found", id=clip.id, is_link=is_link)
        card = source_card(clip, asked.gallery.links(clip))
        for panel, grid in self._actions.by_clip(asked, clip.id, clip.id, card):
            yield field, panel, grid


def _field(asked: Question, stage: str, **told: Any) -> Json:
    return {"ticket": asked.ticket, "stage": stage, **told}


def _shown(values: Mapping[str, object]) -> Json:
    """Values of a sentence as they are written in it."""
    return {
        name: f"{value:,.1f}".removesuffix(".0") if isinstance(value, int | float) else str(value)
        for name, value in values.items()
    }
