"""What happens when a visitor does something: events to the Engine, records to the page.

Nothing about a visitor is kept here. A request carries all it needs, and answers go to the page
that asked. Questions to several methods at once are in `comparing`, those of programs in
`public`.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from demo import render
from demo.codes import Codes, code_fields, codes_of, distances
from demo.events import language_asked, text_of, ticket_of, told_to_visitor
from demo.media import links
from demo.render import Json
from demo.wording import Language
from xmr_core import Engine, GalleryError, SearchResult

SHELF_SIZE = 6


class Actions:
    """Handlers of the page's events.

    Args:
        engines: What can be asked, by checkpoint id; the first is the default.
    """

    def __init__(self, engines: Mapping[str, Engine], first_queries: Mapping[Language, str]):
        self._engines = engines
        self._first_queries = first_queries

    def open_page(self, request: gr.Request) -> Json:
        """Answers the query in the page's address, or the first example if there is none."""
        asked = request.query_params
        query = asked.get("q", "").strip() or self._first_queries[language_asked(request)]
        with told_to_visitor():
            return self._search(asked.get("m", ""), query, 0, picked=asked.get("v", ""))

    def open_shelf(self) -> Json:
        """Some clips to choose from, before anything is asked."""
        return render.clip_panel(ticket=0, stage="idle", shelf=self._shelf())

    def ask(self, event: gr.EventData) -> Json:
        """A sentence was sent."""
        with told_to_visitor():
            return self._search(
                text_of(event, "method"),
                text_of(event, "query"),
                ticket_of(event),
                picked=text_of(event, "picked"),
            )

    def pick(self, event: gr.EventData) -> Json:
        """A match was chosen: explain it."""
        with told_to_visitor():
            engine = self._engine(text_of(event, "method"))
            clip = engine.clip(text_of(event, "id"))
            query = text_of(event, "query")
            page = render.explain_page(
                engine.explain(query, clip.id), links(engine, clip), ticket=ticket_of(event)
            )
            codes = codes_of(engine, query, None, [clip.id])
            return page | {"codes": code_fields(engine.checkpoint, codes, clip.id)}

    def lookup(self, event: gr.EventData) -> Iterator[tuple[Json, Json | None]]:
        """A clip of the gallery was chosen by id, or with id "" by chance."""
        with told_to_visitor():
            engine = self._engine(text_of(event, "method"))
            clip = engine.clip(text_of(event, "id") or random.choice(engine.clips).id)
            card = render.clip_card(clip, links(engine, clip))
            yield from self._by_clip(engine, clip.id, clip.id, ticket_of(event), card)

    def upload(
        self, path: str | None, ticket: float, method: str
    ) -> Iterator[tuple[Json, Json | None, None]]:
        """A file arrived. Gradio has checked that `path` lies among the uploads.

        The third output empties the upload field at once: it would show a link with the path.
        """
        if path is None:
            return
        file = Path(path)
        with told_to_visitor(file):
            engine = self._engine(method)
            for panel, grid in self._by_clip(engine, file, file.name, int(ticket), None):
                yield panel, grid, None

    def shuffle(self, event: gr.EventData) -> Json:
        """Other clips to choose from are wanted; the rest of the panel stays."""
        return render.clip_panel(ticket=ticket_of(event), stage="shelf", shelf=self._shelf())

    def _engine(self, method: str) -> Engine:
        """The engine for a method; an unknown one (an old link) gets the default."""
        return self._engines.get(method) or next(iter(self._engines.values()))

    def _search(self, method: str, query: str, ticket: int, picked: str = "") -> Json:
        engine = self._engine(method)
        if not engine.reads_text:
            return render.no_text_page(engine.checkpoint, query, ticket=ticket)
        if picked:
            picked = engine.clip(picked).id
        result = engine.search(query)
        codes = codes_of(engine, query, None, [match.clip.id for match in result.matches])
        return self._grid(engine, result, codes, ticket, picked)

    def _shelf(self) -> list[Json]:
        engine = self._engine("")
        clips = random.sample(engine.clips, min(SHELF_SIZE, len(engine.clips)))
        return [render.clip_card(clip, links(engine, clip)) for clip in clips]

    def _by_clip(
        self, engine: Engine, video: str | Path, name: str, ticket: int, card: Json | None
    ) -> Iterator[tuple[Json, Json | None]]:
        """Captions first, then similar clips; a step ends with what is known so far."""

        def panel(stage: str, found: Any = None) -> Json:
            return render.clip_panel(
                ticket=ticket, stage=stage, name=name, source=card, description=found
            )

        yield panel("reading"), None
        try:
            found = engine.describe(video) if engine.reads_text else None
        except GalleryError:  # A visitor's own videos have no captions; similar clips still work.
            found = None
        yield panel("comparing", found), None
        result = engine.similar(video)
        ids = [match.clip.id for match in result.matches]
        codes = codes_of(engine, "", engine.clip(video), ids) if isinstance(video, str) else {}
        yield panel("done", found), self._grid(engine, result, codes, ticket)

    def _grid(
        self, engine: Engine, result: SearchResult, codes: Codes, ticket: int, picked: str = ""
    ) -> Json:
        return render.search_page(
            result,
            lambda clip: links(engine, clip),
            ticket=ticket,
            picked=picked,
            distances=distances(codes),
        )
