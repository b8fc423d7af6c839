"""What happens when a visitor does something: events to the Engine, records to the page.

Nothing about a visitor is kept here. A request carries all it needs, and answers go to the page
that asked. Questions to several methods at once are in `comparing`, those of programs in
`public`.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from demo import render
from demo.codes import Codes, code_fields, codes_of, distances
from demo.events import event_of, fields_of, language_asked, text_of, ticket_of, told_to_visitor
from demo.filters import filter_asked
from demo.galleries import Galleries, OpenGallery, answered, opened
from demo.render import Json
from demo.wording import Language
from xmr_core import Engine, Filter, GalleryError, SearchResult

SHELF_SIZE = 6


class Actions:
    """Handlers of the page's events.

    Args:
        galleries: What can be asked, by gallery and checkpoint; the first of each is the default.
        first_queries: What a visitor without a query sees answered, by gallery.
    """

    def __init__(
        self, galleries: Galleries, first_queries: Mapping[str, Mapping[Language, str]]
    ) -> None:
        self._galleries = galleries
        self._first_queries = first_queries

    def open_page(self, request: gr.Request) -> Json:
        """Answers the query in the page's address, or the first example if there is none."""
        address = request.query_params
        gallery = self._opened(address.get("g", ""))
        first = self._first_query(gallery, language_asked(request))
        query, where = address.get("q", "").strip() or first, filter_asked(address)
        with told_to_visitor():
            asked = Question(gallery, address.get("m", ""), query, where, 0)
            return self._search(asked, address.get("v", ""))

    def open_shelf(self, request: gr.Request) -> Json:
        """Some clips to choose from, before anything is asked."""
        return self._shelf(self._opened(request.query_params.get("g", "")), "idle", 0)

    def ask(self, event: gr.EventData) -> Json:
        """A sentence was sent."""
        with told_to_visitor():
            return self._search(self.question(event), text_of(event, "picked"))

    def pick(self, event: gr.EventData) -> Json:
        """A match was chosen: explain it."""
        with told_to_visitor():
            asked = self.question(event)
            engine, clip = asked.engine, asked.gallery.clip(text_of(event, "id"))
            page = render.explain_page(
                engine.explain(asked.query, clip.id), asked.gallery.links(clip), ticket=asked.ticket
            )
            codes = codes_of(engine, asked.query, None, [clip.id])
            return page | {"codes": code_fields(engine.checkpoint, codes, clip.id)}

    def lookup(self, event: gr.EventData) -> Iterator[tuple[Json, Json | None]]:
        """A clip of the gallery was chosen by id, or with id "" by chance."""
        with told_to_visitor():
            asked = self.question(event)
            clips = asked.gallery.first.clips
            clip = asked.gallery.clip(text_of(event, "id") or random.choice(clips).id)
            yield from self.by_clip(
                asked, clip.id, clip.id, render.source_card(clip, asked.gallery.links(clip))
            )

    def upload(self, path: str | None, asked: str) -> Iterator[tuple[Json, Json | None, None]]:
        """A file arrived. Gradio has checked that `path` lies among the uploads.

        The third output empties the upload field at once: it would show a link with the path.

        Args:
            path: The file.
            asked: JSON with ticket, method, gallery and where, as events have them.
        """
        if path is None:
            return
        file = Path(path)
        with told_to_visitor(file):
            for panel, grid in self.by_clip(self.question(event_of(asked)), file, file.name, None):
                yield panel, grid, None

    def shuffle(self, event: gr.EventData) -> Json:
        """Other clips to choose from are wanted; the rest of the panel stays."""
        gallery = self._opened(text_of(event, "gallery"))
        return self._shelf(gallery, "shelf", ticket_of(event))

    def _first_query(self, gallery: OpenGallery, language: Language) -> str:
        """What a visitor without a query sees answered; a gallery may be newer than the page."""
        queries = self._first_queries.get(gallery.name) or next(iter(self._first_queries.values()))
        return queries[language]

    def _opened(self, name: str) -> OpenGallery:
        return opened(self._galleries, name)

    def question(self, event: gr.EventData) -> "Question":
        """What an event carries beside the clip."""
        gallery = self._opened(text_of(event, "gallery"))
        return Question(
            gallery,
            text_of(event, "method"),
            text_of(event, "query"),
            filter_asked(fields_of(event, "where")),
            ticket_of(event),
        )

    def _search(self, asked: "Question", picked: str) -> Json:
        engine, query = asked.engine, asked.query
        if not engine.reads_text:
            return render.no_text_page(engine.checkpoint, query, ticket=asked.ticket)
        if picked:
            picked = engine.clip(picked).id
        result = answered(engine, lambda: engine.search(query, where=asked.where), query)
        codes = codes_of(engine, query, None, [match.clip.id for match in result.matches])
        return self._grid(asked, result, codes, picked)

    def _shelf(self, gallery: OpenGallery, stage: str, ticket: int) -> Json:
        clips = gallery.first.clips
        chosen = random.sample(clips, min(SHELF_SIZE, len(clips)))
        cards = [render.clip_card(clip, gallery.links(clip)) for clip in chosen]
        return render.clip_panel(ticket=ticket, stage=stage, gallery=gallery.name, shelf=cards)

    def by_clip(
        self, asked: "Question", video: str | Path, name: str, card: Json | None
    ) -> Iterator[tuple[Json, Json | None]]:
        """Captions first, then similar clips; a step ends with what is known so far.

        Args:
            asked: What is asked.
            video: Id of a clip of the gallery, or a file.
            name: What the page calls it.
            card: The clip as the page draws it; None for a file.
        """
        engine = asked.engine

        def panel(stage: str, found: Any = None) -> Json:
            return render.clip_panel(
                ticket=asked.ticket, stage=stage, name=name, source=card, description=found
            )

        yield panel("reading"), None
        try:
            found = engine.describe(video) if engine.reads_text else None
        except GalleryError:  # A visitor's own videos have no captions; similar clips still work.
            found = None
        yield panel("comparing", found), None
        result = answered(engine, lambda: engine.similar(video, where=asked.where), name)
        ids = [match.clip.id for match in result.matches]
        codes = codes_of(engine, "", engine.clip(video), ids) if isinstance(video, str) else {}
        yield panel("done", found), self._grid(asked, result, codes)

    def _grid(
        self, asked: "Question", result: SearchResult, codes: Codes, picked: str = ""
    ) -> Json:
        return render.search_page(
            result,
            asked.gallery.links,
            ticket=asked.ticket,
            picked=picked,
            distances=distances(codes),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What a visitor's question carries beside the clip, if it is about one.

    Attributes:
        gallery: Where to search.
        method: Id of the checkpoint that is asked.
        query: The sentence, or "".
        where: Which clips may be found.
        ticket: The request's number, which goes back with the answer.
    """

    gallery: OpenGallery
    method: str
    query: str
    where: Filter | None
    ticket: int

    @property
    def engine(self) -> Engine:
        """What answers."""
        return self.gallery.engine(self.method)
