"""The galleries that the page offers: finding the one that is asked, and what a browser is told.

What a browser needs of a gallery (its size, methods, folders, lengths, dates and categories) is
gathered once, when the page is built, and never while a visitor waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from demo.examples import BUNDLED_GALLERY, Examples, examples_for
from demo.filters import filter_facts
from demo.media import Links, links
from demo.render import Json
from xmr_core import Clip, Elapsed, Engine, NothingAdmittedError, SearchResult

Galleries = Mapping[str, Mapping[str, Engine]]
"""Engines by checkpoint id, by gallery name; the first of each is the default."""


@dataclass(frozen=True, slots=True)
class OpenGallery:
    """One gallery and the methods that can be asked about it.

    Attributes:
        name: What the page and its addresses call it.
        engines: By checkpoint id; all have the same clips.
    """

    name: str
    engines: Mapping[str, Engine]

    @property
    def first(self) -> Engine:
        """The default method."""
        return next(iter(self.engines.values()))

    def engine(self, method: str) -> Engine:
        """The engine of a method; an unknown one (an old link) gets the default."""
        return self.engines.get(method) or self.first

    def clip(self, clip_id: str) -> Clip:
        """The clip with this id. Raises `GalleryError` naming the id if there is none."""
        return self.first.clip(clip_id)

    def links(self, clip: Clip) -> Links:
        """Where the browser finds a clip of this gallery."""
        return links(self.name, self.first, clip)


def opened(galleries: Galleries, name: str) -> OpenGallery:
    """The gallery of this name; an unknown one (an old link) gets the default."""
    chosen = name if name in galleries else next(iter(galleries))
    return OpenGallery(chosen, galleries[chosen])


def gallery_facts(galleries: Galleries, bundled: Examples) -> list[Json]:
    """One record per gallery, in order.

    Args:
        galleries: All of them.
        bundled: Examples for the bundled gallery; others are searched for their own captions.
    """
    return [gallery_fact(opened(galleries, name), bundled) for name in galleries]


def gallery_fact(gallery: OpenGallery, bundled: Examples) -> Json:
    """What a browser is told of one gallery; see `gallery_facts`."""
    engine = gallery.first
    examples = examples_for(engine.gallery_name, engine.clips, bundled)
    return {
        "id": gallery.name,
        "size": len(engine.clips),
        "maker": engine.made_by,
        "drawn": engine.gallery_name == BUNDLED_GALLERY,
        "methods": list(gallery.engines),
        "examples": examples.queries,
        "pairs": examples.pairs,
        "bilingual": any(
            {"en", "zh"} <= {caption.language for caption in clip.captions} for clip in engine.clips
        ),
        "filters": filter_facts(engine.clips),
    }


def answered(engine: Engine, ask: Callable[[], SearchResult], query: str) -> SearchResult:
    """What `ask` gives; where a filter leaves no clip, an answer without matches."""
    try:
        return ask()
    except NothingAdmittedError:
        nothing = Elapsed(0.0, 0.0, 0.0)
        size = len(engine.clips)
        return SearchResult(query, engine.checkpoint, engine.gallery_name, size, (), (), nothing)
