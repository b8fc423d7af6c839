"""Questions to several methods at once: lists side by side, one clip everywhere, two languages.

Like `actions`, this keeps nothing about a visitor; only which methods have answered before, so
that the first answer can say which model is being loaded.
"""

from collections.abc import Iterator, Mapping
from statistics import median

import gradio as gr

from demo import render_compare as render
from demo.codes import codes_of
from demo.events import number_of, text_of, ticket_of, told_to_visitor
from demo.media import Links, links
from demo.render import Json, clip_card, language_of
from demo.render_compare import Answer
from xmr_core import Clip, Engine, GalleryError, SearchResult, XmrError

DEPTH = 1000  # how far down a rank is still told
TIMED_RUNS = 7


class Comparing:
    """Handlers of the Compare and Metrics views.

    Args:
        engines: What can be asked, by checkpoint id.
        pairs: Sentences of the same meaning, English and Chinese.
    """

    def __init__(self, engines: Mapping[str, Engine], pairs: list[tuple[str, str]]):
        self._engines = engines
        self._pairs = pairs
        self._answered: set[str] = set()

    def compare(self, event: gr.EventData) -> Iterator[Json]:
        """The same question to every method; says which model is being loaded meanwhile."""
        query, clip_id, ticket = text_of(event, "query"), text_of(event, "clip"), ticket_of(event)
        with told_to_visitor():
            source = self._clip(clip_id) if clip_id else None
            asked = self._able(source is not None)
            answers = []
            for number, (name, engine) in enumerate(asked.items(), start=1):
                if name not in self._answered:
                    yield render.loading(ticket, name, number, len(asked))
                answers.append(self._answer(name, engine, query, source))
            if not any(answer.result for answer in answers):
                raise XmrError(next((a.error for a in answers if a.error), "No method answers."))
            card = clip_card(source, self._link(source)) if source else None
            yield render.compare_page(answers, self._link, ticket=ticket, query=query, source=card)

    def inspect(self, event: gr.EventData) -> Json:
        """One clip in every method's list, and its bits beside the query's."""
        query, clip_id, ticket = text_of(event, "query"), text_of(event, "clip"), ticket_of(event)
        with told_to_visitor():
            source = self._clip(clip_id) if clip_id else None
            chosen = self._clip(text_of(event, "id"))
            answers = [
                self._answer(name, engine, query, source, only=chosen.id)
                for name, engine in self._able(source is not None).items()
            ]
            return render.inspect_page(
                answers, clip_card(chosen, self._link(chosen)), ticket=ticket, query=query
            )

    def agree(self, event: gr.EventData) -> Json:
        """Two sentences of the same meaning, in two languages, to every method that reads both."""
        ticket, number = ticket_of(event), number_of(event, "pair")
        with told_to_visitor():
            pair = self._captions(text_of(event, "id")) if number < 0 else self._pair(number)
            bilingual = {
                name: engine
                for name, engine in self._able(clips=False).items()
                if {"en", "zh"} <= set(_languages(engine))
            }
            lists = [
                (
                    name,
                    self._answer(name, engine, pair[0], None),
                    self._answer(name, engine, pair[1], None),
                )
                for name, engine in bilingual.items()
            ]
            return render.agreement_page(lists, self._link, ticket=ticket, pair=pair)

    def measure(self, event: gr.EventData) -> Iterator[Json]:
        """Times every method on this machine, now; what is known so far after each."""
        query, ticket = text_of(event, "query"), ticket_of(event)
        times: Json = {}
        with told_to_visitor():
            for name, engine in self._engines.items():
                yield render.measure_page(ticket, times, name, TIMED_RUNS)
                times[name] = self._timed(name, engine, query)
            yield render.measure_page(ticket, times, "", TIMED_RUNS)

    def _able(self, clips: bool) -> dict[str, Engine]:
        """The methods that can be asked: all by a clip, those that read text by a sentence."""
        return {
            name: engine for name, engine in self._engines.items() if clips or engine.reads_text
        }

    def _answer(
        self, name: str, engine: Engine, query: str, source: Clip | None, only: str = ""
    ) -> Answer:
        """One method's whole list, or why there is none; with the bits of `only` if it is given."""
        language = language_of(query)
        if source is None and language not in _languages(engine):
            return Answer(name, None, {}, reason=f"reads_not_{language}")
        try:
            result = self._ask(engine, query, source, min(len(engine.clips), DEPTH))
            shown = [only] if only else [match.clip.id for match in result.matches[: render.SHOWN]]
            codes = codes_of(engine, query, source, shown)
        except XmrError as error:
            return Answer(name, None, {}, error=str(error))
        self._answered.add(name)
        return Answer(name, result, codes)

    def _ask(self, engine: Engine, query: str, source: Clip | None, top: int) -> SearchResult:
        return engine.search(query, top) if source is None else engine.similar(source.id, top)

    def _timed(self, name: str, engine: Engine, query: str) -> Json:
        source = None if engine.reads_text else engine.clips[0]
        try:
            self._ask(engine, query, source, render.SHOWN)  # Loads what is not loaded yet.
            runs = [
                self._ask(engine, query, source, render.SHOWN).elapsed_ms for _ in range(TIMED_RUNS)
            ]
        except XmrError as error:
            return {"error": str(error)}
        self._answered.add(name)
        # A clip of the gallery is looked up, not encoded: that time would say nothing.
        encode = round(median(run.encode for run in runs), 3) if source is None else None
        return {
            "encode_ms": encode,
            "search_ms": round(median(run.search for run in runs), 3),
            "clips": len(engine.clips),
            "error": "",
        }

    def _clip(self, clip_id: str) -> Clip:
        """A clip of the gallery; methods share it, so any of them may know the id."""
        return next(iter(self._engines.values())).clip(clip_id)

    def _link(self, clip: Clip) -> Links:
        return links(next(iter(self._engines.values())), clip)

    def _pair(self, number: int) -> tuple[str, str]:
        if number >= len(self._pairs):
            raise XmrError("There is no such pair of sentences.")
        return self._pairs[number]

    def _captions(self, clip_id: str) -> tuple[str, str]:
        """A clip's first English and first Chinese caption."""
        first: dict[str, str] = {}
        for caption in self._clip(clip_id).captions:
            first.setdefault(caption.language, caption.text)
        if {"en", "zh"} - set(first):
            raise GalleryError(f"The clip {clip_id!r} has no captions in both languages.")
        return first["en"], first["zh"]


def _languages(engine: Engine) -> tuple[str, ...]:
    return engine.card.languages if engine.card else ("en", "zh")
