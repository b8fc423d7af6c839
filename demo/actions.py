"""What happens when a visitor does something: events to the Engine, records to the page.

Nothing about a visitor is kept here. A request carries all it needs, and answers go to the page
that asked. Questions to several methods at once are in `comparing`.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from demo import render
from demo.codes import Codes, code_fields, codes_of, distances
from demo.events import event_of, fields_of, language_asked, text_of, ticket_of, told_to_visitor
from demo.filters import filter_asked
from demo.galleries import Galleries, OpenGallery, only, opened, repeating
from demo.render import Json
from demo.wording import Language
from xmr_core import Clip, Engine, Filter, GalleryError, SearchResult

SHELF_SIZE = 6
MAX_API_TOP = 100


class Actions:
    """Handlers of the page's events and of the public API.

    Args:
        galleries: What can be asked, by gallery and checkpoint; the first of each is the default.
        first_queries: What a visitor without a query sees answered, by gallery.
    """

    def __init__(
        self, galleries: Galleries, first_queries: Mapping[str, Mapping[Language, str]]
    ) -> None:
        self._galleries = galleries
        self._first_queries = first_queries
        self._repeating = repeating(galleries)

    def open_page(self, request: gr.Request) -> Json:
        """Answers the query in the page's address, or the first example if there is none."""
        address = request.query_params
        gallery = self._opened(address.get("g", ""))
        first = self._first_queries[gallery.name][language_asked(request)]
        query, where = address.get("q", "").strip() or first, self._where(gallery, address)
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
            yield from self.by_clip(asked, clip.id, clip.id, source_card(asked.gallery, clip))

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

    # The public API. Its docstrings are its documentation.

    def api_search(self, query: str, top: int = 10, gallery: str = "") -> dict[str, Any]:
        """Finds the clips that fit a sentence best.

        Args:
            query: A sentence in English or Chinese, at most 500 characters.
            top: How many clips, 1 to 100.
            gallery: Name of the gallery that is searched; "" for the first one.

        Returns:
            query, checkpoint, gallery, matches (rank, id, score, sigma, caption, start_s, end_s,
            url), unknown_words, elapsed_ms. Best first; higher scores are better; sigma is how far
            a score lies above the gallery's mean for this query.
        """
        with told_to_visitor():
            return render.search_answer(self._named(gallery).first.search(query, _top(top)))

    def api_similar(
        self, video: str | gr.FileData, top: int = 10, gallery: str = ""
    ) -> dict[str, Any]:
        """Finds the clips most like a clip.

        Args:
            video: Id of a clip of the gallery, or an uploaded file (`handle_file` of
                gradio_client).
            top: How many clips, 1 to 100.
            gallery: Name of the gallery that is searched; "" for the first one.

        Returns:
            The same object as `search`; `query` is the id or the file's name.
        """
        with self._api_video(video, gallery) as (engine, clip):
            return render.search_answer(engine.similar(clip, _top(top)))

    def api_describe(
        self, video: str | gr.FileData, top: int = 10, gallery: str = ""
    ) -> dict[str, Any]:
        """Finds the captions that fit a clip best.

        Args:
            video: Id of a clip of the gallery, or an uploaded file (`handle_file` of
                gradio_client).
            top: How many captions, 1 to 100.
            gallery: Name of the gallery whose captions are taken; "" for the first one.

        Returns:
            query, checkpoint, gallery, captions (rank, caption, language, id, score, sigma),
            elapsed_ms.
        """
        with self._api_video(video, gallery) as (engine, clip):
            return render.describe_answer(engine.describe(clip, _top(top)))

    def api_explain(self, query: str, clip_id: str, gallery: str = "") -> dict[str, Any]:
        """Tells why a clip got its score for a sentence.

        Args:
            query: A sentence in English or Chinese, at most 500 characters.
            clip_id: Id of a clip of the gallery.
            gallery: Name of the gallery; "" for the first one.

        Returns:
            query, id, score, words (text, known, effect), frames (time_s, score, effect),
            word_frame (effect of each word on each frame's score), patch_method, elapsed_ms. An
            effect is the score that is lost when the word or frame is left out.
        """
        with told_to_visitor():
            engine = self._named(gallery).first
            return render.explain_answer(engine.explain(query, engine.clip(clip_id).id))

    def _opened(self, name: str) -> OpenGallery:
        return opened(self._galleries, name)

    def _named(self, name: str) -> OpenGallery:
        """The gallery that a program asks for; unlike a link, a program is told of a mistake."""
        if name and name not in self._galleries:
            names = ", ".join(self._galleries)
            raise GalleryError(f"There is no gallery {name[:80]!r} here; there are: {names}.")
        return self._opened(name)

    def question(self, event: gr.EventData) -> "Question":
        """What an event carries beside the clip."""
        gallery = self._opened(text_of(event, "gallery"))
        return Question(
            gallery,
            text_of(event, "method"),
            text_of(event, "query"),
            self._where(gallery, fields_of(event, "where")),
            ticket_of(event),
        )

    def _where(self, gallery: OpenGallery, asked: Mapping[str, Any]) -> Filter | None:
        return filter_asked(asked, self._repeating[gallery.name])

    def _search(self, asked: "Question", picked: str) -> Json:
        engine, query = asked.engine, asked.query
        if not engine.reads_text:
            return render.no_text_page(engine.checkpoint, query, ticket=asked.ticket)
        if picked:
            picked = engine.clip(picked).id
        result = engine.search(query, **only(asked.where))
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
        result = engine.similar(video, **only(asked.where))
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

    @contextmanager
    def _api_video(
        self, video: str | gr.FileData | dict[str, Any], gallery: str
    ) -> Iterator[tuple[Engine, str | Path]]:
        """A clip id or an uploaded file. A bare string is never taken for a path."""
        with told_to_visitor():
            engine = self._named(gallery).first
            if isinstance(video, str):
                yield engine, engine.clip(video).id
                return
        # Gradio moves marked files among the uploads and refuses paths outside; unmarked: refuse.
        fields = video if isinstance(video, dict) else video.model_dump()
        if fields.get("meta") != {"_type": "gradio.FileData"} or not fields.get("path"):
            raise gr.Error("Send a clip id or an uploaded file.", print_exception=False)
        file = Path(fields["path"])
        with told_to_visitor(file):
            yield engine, file


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


def source_card(gallery: OpenGallery, clip: Clip) -> Json:
    """A clip of the gallery that is asked about, with all its captions."""
    return render.clip_card(clip, gallery.links(clip)) | {"all_captions": render.all_captions(clip)}


def _top(top: int) -> int:
    return max(1, min(int(top), MAX_API_TOP))
