"""The door of the page: what every request passes before Gradio sees it.

Gradio serves far more than this page needs: files, other servers' files, monitoring, editors. Here
only the addresses of the page itself are answered, no more of them than `limits` allows, and every
answer carries headers that keep a browser from running or loading anything that is not ours.
"""

import asyncio
import json
from collections.abc import Iterable
from http import HTTPStatus
from math import ceil
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.limits import Allowances, Limits, limits_here, visitor_of
from demo.uploads import swept_bytes, upload_folder
from demo.wording import Language, say

# Gradio's own scripts are inline and evaluate templates; everything else is as strict as it can be.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src https://www.youtube-nocookie.com",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # An embedded player is told which site it is on, and nothing more.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}

_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "DELETE"}
_PAGE = {"", "config", "static", "assets", "theme.css", "favicon.ico", "robots.txt"}
_PAGE |= {"manifest.json"}
_API = {"queue", "upload", "upload_progress", "call", "run", "api", "info", "openapi.json"}
_API |= {"heartbeat", "cancel", "reset", "startup-events", "theme.css", "app_id", "mcp"}
_ASKS = {"queue", "call", "run", "api", "mcp"}

_QUESTION, _UPLOAD, _STREAM, _FILE = 1.0, 3.0, 0.25, 0.05  # what a request costs, in questions


class _RefusedError(Exception):
    """A request that is not answered; see `_refusal`."""

    def __init__(self, status: int, key: str, **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values


def app_options(routes: list[Route]) -> dict[str, Any]:
    """What Gradio's app gets: routes of the page's own, and the guard before all of them."""
    own = {route.path.split("/")[1] for route in routes}
    return {
        "routes": routes,
        "middleware": [Middleware(Guard, own=own, limits=limits_here())],
        # FastAPI's own list of everything there is.
        "docs_url": None,
        "redoc_url": None,
        "openapi_url": None,
    }


class Guard:
    """Middleware; see the module.

    Args:
        app: What is guarded.
        own: First parts of addresses that are the page's own.
        limits: The bounds.
    """

    def __init__(self, app: ASGIApp, own: Iterable[str] = (), limits: Limits = Limits()) -> None:  # noqa: B008
        self._app = app
        self._own = frozenset(own)
        self._limits = limits
        self._allowances = Allowances(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or turns it away with a sentence."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        answer = _Answer(send)
        headers = Headers(scope=scope)
        visitor = visitor_of(
            (scope.get("client") or ("", 0))[0],
            ",".join(headers.getlist("x-forwarded-for")),
            self._limits.proxies,
        )
        if not self._allowances.enter(visitor):
            refused = _RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "too_many_open")
            await _refusal(refused, scope)(scope, receive, answer)
            return
        try:
            await self._admit(visitor, scope, receive, answer)
        except _RefusedError as refused:
            if answer.began:
                raise
            await _refusal(refused, scope)(scope, receive, answer)
        finally:
            self._allowances.leave(visitor)

    async def _admit(self, visitor: str, scope: Scope, receive: Receive, send: Send) -> None:
        limits, headers = self._limits, Headers(scope=scope)
        target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        if target > limits.target_bytes:
            size = f"{limits.target_bytes:,} B"
            raise _RefusedError(HTTPStatus.REQUEST_URI_TOO_LONG, "too_large", size=size)
        kind = self._kind(scope)
        wait_s = self._allowances.take(visitor, _cost(kind, scope["method"]))
        if wait_s:
            raise _RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "too_many", seconds=ceil(wait_s))
        if scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        is_upload = kind == "upload"
        most = limits.upload_bytes if is_upload else limits.body_bytes
        if _announced(headers) > most:
            raise _too_large(most)
        if is_upload:
            await self._check_room()
            await self._app(scope, _bounded(receive, most, limits.upload_s), send)
            return
        body = await _whole(_bounded(receive, most, limits.body_s))
        _check_body(body, limits.body_depth)
        await self._app(scope, _again(body, receive), send)

    def _kind(self, scope: Scope) -> str:
        """What is asked for: a name of `_API`, or "page"."""
        parts = scope["path"].strip("/").split("/")
        known = parts[0] in _PAGE | self._own
        if parts[0] == "gradio_api":
            known = len(parts) > 1 and parts[1] in _API
        if not known or scope["method"] not in _METHODS:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "not_here")
        return parts[1] if parts[0] == "gradio_api" else "page"

    async def _check_room(self) -> None:
        limits = self._limits
        used = await asyncio.to_thread(swept_bytes, upload_folder(), limits.upload_age_s)
        if used + limits.upload_bytes > limits.upload_folder_bytes:
            raise _RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "no_room", seconds=60)


class _Answer:
    """Sends an answer with our headers; `began` says whether it is too late for another one."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.began = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await self._send(message)


def _cost(kind: str, method: str) -> float:
    if kind == "upload":
        return _UPLOAD
    if method == "POST":
        return _QUESTION if kind in _ASKS else _STREAM
    return _FILE if kind == "page" else _STREAM


def _announced(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _bounded(receive: Receive, most: int, seconds: float) -> Receive:
    """Receives at most so many bytes within so much time."""
    loop = asyncio.get_running_loop()
    deadline, got, is_whole = loop.time() + seconds, 0, False

    async def receive_some() -> Message:
        nonlocal got, is_whole
        if is_whole:  # now it only waits for the visitor to leave
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise _RefusedError(HTTPStatus.REQUEST_TIMEOUT, "too_slow") from None
        got += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if got > most:
            raise _too_large(most)
        return message

    return receive_some


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "not_readable")
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, then what comes after it."""
    waiting = [body]

    async def receive_again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return receive_again


def _check_body(body: bytes, depth: int) -> None:
    """Refuses JSON that is none, is nested too deep, or names a file of another server."""
    if not body:
        return
    try:
        record = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "not_readable") from None
    level = [record]
    for _ in range(depth):
        below: list[Any] = []
        for value in level:
            # Gradio would fetch such a file, of whatever size.
            if isinstance(value, dict) and "://" in str(value.get("path", ""))[:20]:
                raise _RefusedError(HTTPStatus.BAD_REQUEST, "not_readable")
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        level = below
    if level:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "not_readable")


def _no_number(name: str) -> float:
    raise ValueError(name)


def _too_large(most: int) -> _RefusedError:
    size = f"{most // 2**20} MB" if most >= 2**20 else f"{most // 2**10} kB"
    return _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", size=size)


def _refusal(refused: _RefusedError, scope: Scope) -> Response:
    """The sentence; as Gradio's scripts expect it, so that the page shows it."""
    sentence = say(refused.key, _language(Headers(scope=scope)), **refused.values)
    seconds = refused.values.get("seconds")
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    if scope["path"].startswith("/gradio_api/upload"):
        return PlainTextResponse(sentence, refused.status, headers)
    return JSONResponse({"detail": sentence, "error": sentence}, refused.status, headers)


def _language(headers: Headers) -> Language:
    """Of the page that asks, else what the browser prefers."""
    _, _, query = headers.get("referer", "").partition("?")
    asked = next((part[2:] for part in query.split("&") if part.startswith("l=")), "")
    return "zh" if (asked or headers.get("accept-language", "")).lower().startswith("zh") else "en"
