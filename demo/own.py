"""People's own videos as galleries: the operator's folders, and what visitors bring."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from demo.events import text_of, ticket_of, told_to_visitor
from demo.examples import read_examples
from demo.folders import OwnFolders
from demo.galleries import OpenGallery, gallery_fact
from demo.render import Json
from demo.shelf import Engines, Shelf
from demo.visitors import Visitors
from xmr_core import Engine, XmrError


class Own:
    """Handlers of the view of own videos.

    Args:
        galleries: What the page offers beside them; the first engine of the first embeds and
            answers here, too.
        folders: The operator's folders.
        state: Where galleries are kept.
    """

    def __init__(
        self, galleries: Mapping[str, Engines], folders: Sequence[Path], state: Path
    ) -> None:
        base: Engine = next(iter(next(iter(galleries.values())).values()))
        self.folders = OwnFolders(folders, state / "folders", base, taken=list(galleries))
        self.visitors = Visitors(state / "visitors", base)
        self.shelf = Shelf(galleries, self.folders.galleries, self.visitors.engines)
        self._facts: dict[str, tuple[Engine, Json]] = {}
        self._examples = read_examples()

    def look(self, event: gr.EventData, token: str | None) -> Json:
        """How far everything is."""
        return self._page(token, ticket_of(event))

    def open(self) -> Json:
        """The same for a page that has just been opened."""
        return self._page(None, 0)

    def update(self, event: gr.EventData, token: str | None) -> Json:
        """One of the operator's folders is to be indexed again."""
        with told_to_visitor():
            self._folder(event).start()
            return self._page(token, ticket_of(event))

    def stop(self, event: gr.EventData, token: str | None) -> Json:
        """A folder, or with name "" the visitor's own videos, shall not be indexed any further."""
        with told_to_visitor():
            if text_of(event, "name"):
                self._folder(event).stop()
            elif visit := self.visitors.get(token):
                visit.stop()
            return self._page(token, ticket_of(event))

    def upload(
        self, paths: Sequence[str] | None, token: str | None
    ) -> tuple[Json, str | None, None]:
        """Files arrived; Gradio has checked that they lie among the uploads.

        Returns:
            The page, the visitor's token, and nothing to empty the field.
        """
        files = [Path(path) for path in paths or ()]
        with told_to_visitor(files[0] if files else None):
            visit = self.visitors.get(token)
            if visit is None:
                token = self.visitors.begin()
                visit = self.visitors.get(token)
            assert visit is not None, "it has just begun"
            if files:
                visit.add(files)
            return self._page(token, 0), token, None

    def remove(self, event: gr.EventData, token: str | None) -> tuple[Json, None]:
        """The visitor wants all that was brought to be deleted."""
        self.visitors.end(token)
        return self._page(None, ticket_of(event)), None

    def _folder(self, event: gr.EventData) -> Any:
        folder = self.folders.get(text_of(event, "name"))
        if folder is None:
            raise XmrError("There is no such folder here.")
        return folder

    def _page(self, token: str | None, ticket: int) -> Json:
        visit = self.visitors.get(token)
        limits = self.visitors.limits
        galleries = [self._fact(name, some) for name, some in self.folders.galleries().items()]
        if visit is not None and token is not None and visit.engines:
            galleries.append(self._fact(token, visit.engines) | {"private": True})
        return {
            "ticket": ticket,
            "folders": self.folders.states(),
            "visit": {**visit.state(), "token": token} if visit is not None else None,
            "limits": {
                "files": limits.files,
                "megabytes": limits.total_bytes // 1_000_000,
                "minutes": round(limits.total_s / 60),
                "life": round(limits.life_s / 60),
            },
            "galleries": galleries,
        }

    def _fact(self, name: str, engines: Engines) -> Json:
        """What a browser is told of one gallery, gathered once for each version of it."""
        engine = next(iter(engines.values()))
        known = self._facts.get(name)
        if known is None or known[0] is not engine:
            fact = gallery_fact(OpenGallery(name, engines), self._examples)
            known = (engine, fact)
            if len(self._facts) > 2 * self.visitors.limits.visitors:
                self._facts.clear()
            self._facts[name] = known
        return known[1]
