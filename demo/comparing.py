"""Questions to several methods at once: lists side by side, one clip everywhere, two languages.

Like `actions`, this keeps nothing about a visitor; only which methods have answered before, so
that the first answer can say which model is being loaded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import gradio as gr

from demo import render_compare as render
from demo.codes import codes_of
from demo.events import fields_of, number_of, text_of, ticket_of, told_to_visitor, without_folders
from demo.filters import filter_asked
from demo.galleries import Galleries, OpenGallery, answered, opened
from demo.render import Json, clip_card, language_of
from demo.render_compare import Answer
from xmr_core import Clip, Engine, Filter, GalleryError, SearchResult, XmrError

DEPTH = 1000  # how far down a rank is still told
TIMED_RUNS = 7


class Comparing:
    """Handlers of the Compare and Metrics views.

    Args:
        galleries: What can be asked, by gallery and checkpoint.
        pairs: Sentences of the same meaning, English and Chinese, by gallery.
    """

    def __init__(
        self, galleries: Galleries, pairs: Mapping[str, Sequence[tuple[str, str]]]
    ) -> None:
        self._galleries = galleries
        self._pairs = pairs
        self._answered: set[tuple[str, str]] = set()

    def compare(self, event: gr.EventData) -> Iterator[Json]:
        """The same question to every method; says which model is being loaded meanwhile."""
        ticket = ticket_of(event)
        with told_to_visitor():
            asked = self._asked(event)
            gallery, source = asked.gallery, asked.source
            able = _able(gallery, source is not None)
            answers = []
            for number, name in enumerate(able, start=1):
                if (gallery.name, name) not in self._answered:
                    yield render.loading(ticket, name, number, len(able))
                answers.append(self._answer(name, asked))
            if not any(answer.result for answer in answers):
                raise XmrError(next((a.error for a in answers if a.error), "No method answers."))
            card = clip_card(source, gallery.links(source)) if source else None
            yield render.compare_page(
                answers, gallery.links, ticket=ticket, query=asked.query, source=card
            )

    def inspect(self, event: gr.EventData) -> Json:
        """One clip in every method's list, and its bits beside the query's."""
        with told_to_visitor():
            asked = self._asked(event)
            chosen = asked.gallery.clip(text_of(event, "id"))
            answers = [
                self._answer(name, asked, only_clip=chosen.id)
                for name in _able(asked.gallery, asked.source is not None)
            ]
            card = clip_card(chosen, asked.gallery.links(chosen))
            return render.inspect_page(answers, card, ticket=ticket_of(event), query=asked.query)

    def agree(self, event: gr.EventData) -> Json:
        """Two sentences of the same meaning, in two languages, to every method that reads both."""
        number = number_of(event, "pair")
        with told_to_visitor():
            gallery = opened(self._galleries, text_of(event, "gallery"))
            clip_id = text_of(event, "id")
            pair = _captions(gallery, clip_id) if number < 0 else self._pair(gallery.name, number)
            english, chinese = (_Question(gallery, text, None, None) for text in pair)
            lists = [
                (name, self._answer(name, english), self._answer(name, chinese))
                for name, engine in _able(gallery, clips=False).items()
                if {"en", "zh"} <= set(_languages(engine))
            ]
            return render.agreement_page(lists, gallery.links, ticket=ticket_of(event), pair=pair)

    def measure(self, event: gr.EventData) -> Iterator[Json]:
        """Times every method on this machine, now; what is known so far after each."""
        query, ticket = text_of(event, "query"), ticket_of(event)
        times: Json = {}
        with told_to_visitor():
            gallery = opened(self._galleries, text_of(event, "gallery"))
            for name, engine in gallery.engines.items():
                yield render.measure_page(ticket, times, name, TIMED_RUNS)
                times[name] = self._timed(gallery, name, engine, query)
            yield render.measure_page(ticket, times, "", TIMED_RUNS)

    def _asked(self, event: gr.EventData) -> "_Question":
        gallery = opened(self._galleries, text_of(event, "gallery"))
        clip_id = text_of(event, "clip")
        return _Question(
            gallery,
            text_of(event, "query"),
            gallery.clip(clip_id) if clip_id else None,
            filter_asked(fields_of(event, "where")),
        )

    def _answer(self, name: str, asked: "_Question", only_clip: str = "") -> Answer:
        """One method's whole list, or why there is none; with the bits of one clip if asked."""
        engine, source = asked.gallery.engines[name], asked.source
        language = language_of(asked.query)
        if source is None and language not in _languages(engine):
            return Answer(name, None, {}, reason=f"reads_not_{language}")
        try:
            result = _ask(engine, asked, min(len(engine.clips), DEPTH))
            first = [match.clip.id for match in result.matches[: render.SHOWN]]
            codes = codes_of(engine, asked.query, source, [only_clip] if only_clip else first)
        except XmrError as error:
            return Answer(name, None, {}, error=without_folders(str(error)))
        self._answered.add((asked.gallery.name, name))
        return Answer(name, result, codes)

    def _timed(self, gallery: OpenGallery, name: str, engine: Engine, query: str) -> Json:
        asked = _Question(gallery, query, None if engine.reads_text else engine.clips[0], None)
        try:
            _ask(engine, asked, render.SHOWN)  # Loads what is not loaded yet.
            runs = [_ask(engine, asked, render.SHOWN).elapsed_ms for _ in range(TIMED_RUNS)]
        except XmrError as error:
            return {"error": without_folders(str(error))}
        self._answered.add((gallery.name, name))
        # A clip of the gallery is looked up, not encoded: that time would say nothing.
        encode = round(median(run.encode for run in runs), 3) if asked.source is None else None
        return {
            "encode_ms": encode,
            "search_ms": round(median(run.search for run in runs), 3),
            "clips": len(engine.clips),
            "error": "",
        }

    def _pair(self, gallery: str, number: int) -> tuple[str, str]:
        pairs = self._pairs.get(gallery, [])
        if number >= len(pairs):
            raise XmrError("There is no such pair of sentences.")
        return pairs[number]


@dataclass(frozen=True, slots=True)
class _Question:
    """A sentence or a clip, and where it is looked for."""

    gallery: OpenGallery
    query: str
    source: Clip | None
    where: Filter | None


def _ask(engine: Engine, asked: _Question, top: int) -> SearchResult:
    if asked.source is None:
        return answered(engine, lambda: engine.search(asked.query, top, asked.where), asked.query)
    source = asked.source.id
    return answered(engine, lambda: engine.similar(source, top, asked.where), source)


def _able(gallery: OpenGallery, clips: bool) -> dict[str, Engine]:
    """The methods that can be asked: all by a clip, those that read text by a sentence."""
    return {name: engine for name, engine in gallery.engines.items() if clips or engine.reads_text}


def _captions(gallery: OpenGallery, clip_id: str) -> tuple[str, str]:
    """A clip's first English and first Chinese caption."""
    first: dict[str, str] = {}
    for caption in gallery.clip(clip_id).captions:
        first.setdefault(caption.language, caption.text)
    if {"en", "zh"} - set(first):
        raise GalleryError(f"The clip {clip_id!r} has no captions in both languages.")
    return first["en"], first["zh"]


def _languages(engine: Engine) -> tuple[str, ...]:
    return engine.card.languages if engine.card else ("en", "zh")
