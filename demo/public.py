"""What programs and agents can ask: four functions, over HTTP and as MCP tools.

Their docstrings are the documentation that `/?view=api` and agents get; Gradio joins the lines
under "Returns" with commas and takes one line for each argument.
"""

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import gradio as gr
from gradio.events import api
from gradio.utils import get_upload_folder

from demo import render
from demo.events import without_folders
from demo.galleries import Galleries
from xmr_core import Engine, XmrError

MAX_TOP = 100
_UPLOADED = "/gradio_api/file="

Answer = dict[str, Any] | str
Video = str | gr.FileData


class PublicApi:
    """The public functions.

    Args:
        galleries: What can be asked, by gallery and checkpoint; the first of each is the default.
    """

    def __init__(self, galleries: Galleries) -> None:
        self._galleries = galleries

    def publish(self) -> None:
        """Adds the functions to the page that is being built; everything else there is private."""
        for function in (self.search, self.similar, self.describe, self.explain):
            api(function, api_name=function.__name__)

    def search(
        self,
        query: str,
        top: int = 10,
        gallery: str = "",
        checkpoint: str = "",
        request: gr.Request | None = None,
    ) -> Answer:
        """Finds the video clips that fit a sentence best.

        There is always a best clip, even if nothing fits: sigma says how many standard deviations
        its score lies above the mean of all clips for this query.

        Args:
            query: What the clip shows, one sentence in English or Chinese, at most 500 characters.
            top: How many clips, 1 to 100.
            gallery: Name of the gallery that is searched; empty for the first one.
            checkpoint: Id of the model that answers; empty for the gallery's first one.
            request: Filled in by the server.

        Returns:
            query, checkpoint, gallery
            matches, best first (rank, id, score, sigma, caption, start_s, end_s, url)
            unknown_words
            elapsed_ms (encode, search, total)
        """
        with _told_to_program():
            found = self._engine(gallery, checkpoint).search(_text(query, "query"), _top(top))
        return _answer(render.search_answer(found), request)

    def similar(
        self,
        video: Video,
        top: int = 10,
        gallery: str = "",
        checkpoint: str = "",
        request: gr.Request | None = None,
    ) -> Answer:
        """Finds the video clips most like a clip.

        Args:
            video: Id of a clip (as search returns it), or an uploaded file or its address.
            top: How many clips, 1 to 100.
            gallery: Name of the gallery that is searched; empty for the first one.
            checkpoint: Id of the model that answers; empty for the gallery's first one.
            request: Filled in by the server.

        Returns:
            query (the id or the file's name), checkpoint, gallery
            matches, best first (rank, id, score, sigma, caption, start_s, end_s, url)
            unknown_words
            elapsed_ms (encode, search, total)
        """
        engine = self._engine(gallery, checkpoint)
        with _told_to_program(), _opened(engine, video) as clip:
            return _answer(render.search_answer(engine.similar(clip, _top(top))), request)

    def describe(
        self,
        video: Video,
        top: int = 10,
        gallery: str = "",
        checkpoint: str = "",
        request: gr.Request | None = None,
    ) -> Answer:
        """Finds the captions that fit a video clip best, among those of the gallery.

        Args:
            video: Id of a clip (as search returns it), or an uploaded file or its address.
            top: How many captions, 1 to 100.
            gallery: Name of the gallery that is searched; empty for the first one.
            checkpoint: Id of the model that answers; empty for the gallery's first one.
            request: Filled in by the server.

        Returns:
            query (the id or the file's name), checkpoint, gallery
            captions, best first (rank, caption, language, id of its clip, score, sigma)
            elapsed_ms
        """
        engine = self._engine(gallery, checkpoint)
        with _told_to_program(), _opened(engine, video) as clip:
            return _answer(render.describe_answer(engine.describe(clip, _top(top))), request)

    def explain(
        self,
        query: str,
        clip_id: str,
        gallery: str = "",
        checkpoint: str = "",
        request: gr.Request | None = None,
    ) -> Answer:
        """Tells why a clip got its score for a sentence: which words and which moments counted.

        An effect is the score that is lost when the word or the frame is left out; negative means
        that it spoke against the clip.

        Args:
            query: The sentence, in English or Chinese, at most 500 characters.
            clip_id: Id of a clip (as search returns it).
            gallery: Name of the gallery that is searched; empty for the first one.
            checkpoint: Id of the model that answers; empty for the gallery's first one.
            request: Filled in by the server.

        Returns:
            query, id, score
            words (text, known to the model, effect)
            frames (time_s, score, effect)
            word_frame (for each word its effect on each frame's score)
            patch_method
            elapsed_ms
        """
        engine = self._engine(gallery, checkpoint)
        with _told_to_program():
            clip = engine.clip(_text(clip_id, "clip_id"))
            why = engine.explain(_text(query, "query"), clip.id)
        return _answer(render.explain_answer(why), request)

    def _engine(self, gallery: str, checkpoint: str) -> Engine:
        """What is asked; unlike a link of the page, a program is told of a name that is unknown."""
        gallery = _text(gallery, "gallery") or next(iter(self._galleries))
        engines = self._galleries.get(gallery, {})
        if not engines:
            raise _unknown("gallery", gallery, self._galleries)
        checkpoint = _text(checkpoint, "checkpoint") or next(iter(engines))
        if checkpoint not in engines:
            raise _unknown("checkpoint", checkpoint, engines)
        return engines[checkpoint]


def _answer(found: dict[str, Any], request: gr.Request | None) -> Answer:
    """An object for programs; for agents the same as JSON text.

    Gradio prints what a tool returns with `str`, which makes a Python literal of an object.
    """
    if request is not None and request.headers.get("x-gradio-user") == "mcp":
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return found


@contextmanager
def _told_to_program(upload: Path | None = None) -> Iterator[None]:
    """Answers an `XmrError` as a plain sentence: unlike the page, a program shows no markup."""
    try:
        yield
    except XmrError as error:
        raise _refused(without_folders(str(error), upload)) from None


@contextmanager
def _opened(engine: Engine, video: str | gr.FileData | dict[str, Any]) -> Iterator[str | Path]:
    """A clip id or an uploaded file. A string is never taken for a path of this machine."""
    if not isinstance(video, str | dict | gr.FileData):
        raise _refused("Send a clip id or an uploaded file.")
    if isinstance(video, str) and _UPLOADED not in video:
        yield engine.clip(video).id
        return
    file = _uploaded(video) if isinstance(video, str) else _marked(video)
    if file is None:
        raise _refused("Send a clip id or an uploaded file.")
    with _told_to_program(file):
        yield file


def _marked(video: gr.FileData | dict[str, Any]) -> Path | None:
    """Gradio moves marked files among the uploads and refuses paths outside; unmarked: None."""
    fields = video if isinstance(video, dict) else video.model_dump()
    if fields.get("meta") != {"_type": "gradio.FileData"} or not fields.get("path"):
        return None
    return Path(fields["path"])


def _uploaded(address: str) -> Path | None:
    """The file behind an address that Gradio's upload gave out, if it lies among the uploads."""
    path = unquote(urlparse(address).path).partition(_UPLOADED)[2]
    try:
        file = Path(path).resolve()
        inside = file.is_relative_to(Path(get_upload_folder()).resolve())
        return file if inside and file.is_file() else None
    except (OSError, ValueError):  # too long, or with a zero byte
        return None


def _unknown(kind: str, name: str, known: Iterable[str]) -> gr.Error:
    return _refused(f"There is no {kind} {name[:80]!r} here; there are: {', '.join(known)}.")


def _refused(message: str) -> gr.Error:
    return gr.Error(message, print_exception=False)


def _text(value: Any, name: str) -> str:
    """An argument that must be text: over HTTP it may be anything."""
    if not isinstance(value, str):
        raise _refused(f"{name} must be text.")
    return value


def _top(top: Any) -> int:
    if isinstance(top, bool) or not isinstance(top, int | float) or not math.isfinite(top):
        raise _refused(f"top must be a number, 1 to {MAX_TOP}.")
    return max(1, min(int(top), MAX_TOP))
