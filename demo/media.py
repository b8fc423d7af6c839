"""How the page gets at clips and stills: by gallery and id, so that no path is sent or trusted."""

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

# A browser must never take a served file for a page of ours, whatever a gallery calls it.
_HEADERS = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
_UNSAFE = {"image/svg+xml"}
_OTHERWISE = {".ts": "video/mp2t", ".mkv": "video/x-matroska"}  # systems differ about these


@dataclass(frozen=True, slots=True)
class Links:
    """Where the browser finds a clip, relative to the page.

    Attributes:
        media: The video or picture itself; None if the file is not here.
        poster: Its still picture; None if the gallery has none.
        kind: What `media` is.
        stills: Its small stored frames in order of time.
    """

    media: str | None
    poster: str | None
    kind: Literal["video", "image"]
    stills: tuple[str, ...] = ()


def links(gallery: str, engine: Engine, clip: Clip) -> Links:
    """The addresses of one clip.

    Args:
        gallery: What the page calls the gallery.
        engine: Any engine over it.
        clip: A clip of it.
    """
    name = f"{quote(gallery, safe='')}/{quote(clip.id, safe='')}"
    mime = _mime(clip.video)
    is_here = bool(mime) and _file(engine, clip.id, "clip", 0) is not None
    return Links(
        media=f"clip/{name}" if is_here else None,
        poster=f"poster/{name}" if engine.poster_path(clip.id) else None,
        kind="image" if mime.startswith("image/") else "video",
        stills=tuple(f"still/{name}/{n}" for n in range(len(engine.still_paths(clip.id)))),
    )


def routes(galleries: Mapping[str, Mapping[str, Engine]]) -> list[Route]:
    """`/clip/<gallery>/<id>`, `/poster/<gallery>/<id>`, `/still/<gallery>/<id>/<n>`.

    They answer byte ranges, and only with files that are videos or pictures by their name.
    """

    def serve(kind: str) -> Route:
        def answer(request: Request) -> Response:
            asked = request.path_params
            engines = galleries.get(asked["gallery"], {})
            for engine in engines.values():
                path = _file(engine, asked["clip_id"], kind, asked.get("n", 0))
                if path is not None and (mime := _mime(path.name)):
                    return FileResponse(path, media_type=mime, headers=_HEADERS)
            return PlainTextResponse("There is no such clip.", status_code=404)

        number = "/{n:int}" if kind == "still" else ""
        path = f"/{kind}/{{gallery}}/{{clip_id}}{number}"
        return Route(path, answer, methods=["GET", "HEAD"])

    return [serve(kind) for kind in ("clip", "poster", "still")]


def _file(engine: Engine, clip_id: str, kind: str, number: int) -> Path | None:
    """The file behind an address; None if there is none."""
    try:
        if kind == "still":
            path = dict(enumerate(engine.still_paths(clip_id))).get(number)
        else:
            path = engine.poster_path(clip_id) if kind == "poster" else engine.media_path(clip_id)
    except GalleryError:
        return None
    return path if path is not None and path.is_file() else None


def _mime(name: str) -> str:
    """Type of a video or picture by its name; "" for everything else."""
    mime = _OTHERWISE.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or ""
    return mime if mime.startswith(("video/", "image/")) and mime not in _UNSAFE else ""
