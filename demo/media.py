"""How the page gets at clips and stills: by id, so that no path is ever sent or trusted."""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from xmr_core import Clip, Engine, GalleryError

_CACHE = {"Cache-Control": "private, max-age=3600"}


@dataclass(frozen=True, slots=True)
class Links:
    """Where the browser finds a clip, relative to the page.

    Attributes:
        media: The video or picture itself; None if the file is gone.
        poster: Its still picture; None if the gallery has none.
        kind: What `media` is.
    """

    media: str | None
    poster: str | None
    kind: Literal["video", "image"]


def links(engine: Engine, clip: Clip) -> Links:
    """The addresses of one clip of `engine`'s gallery."""
    name = quote(clip.id, safe="")
    mime = mimetypes.guess_type(clip.video)[0] or ""
    return Links(
        media=f"clip/{name}" if engine.media_path(clip.id).is_file() else None,
        poster=f"poster/{name}" if engine.poster_path(clip.id) else None,
        kind="image" if mime.startswith("image/") else "video",
    )


def routes(engines: Mapping[str, Engine]) -> list[Route]:
    """The two routes `/clip/<id>` and `/poster/<id>`; they answer byte ranges."""

    def serve(request: Request) -> Response:
        clip_id = request.path_params["clip_id"]
        poster = request.url.path.rsplit("/", 2)[-2] == "poster"
        path = _find(engines, clip_id, poster)
        if path is None:
            return PlainTextResponse("There is no such clip.", status_code=404)
        return FileResponse(path, headers=_CACHE)

    return [
        Route("/clip/{clip_id}", serve, methods=["GET", "HEAD"]),
        Route("/poster/{clip_id}", serve, methods=["GET", "HEAD"]),
    ]


def _find(engines: Mapping[str, Engine], clip_id: str, poster: bool) -> Path | None:
    for engine in engines.values():
        try:
            path = engine.poster_path(clip_id) if poster else engine.media_path(clip_id)
        except GalleryError:
            continue
        if path is not None and path.is_file():
            return path
    return None
