"""A server on this machine that stands where YouTube stands: films, and everything that goes wrong.

Used with the extractor in `youtube_plugins`. Videos are described in `VIDEOS`; a film's address is
`/BEHAVIOUR/FILE`.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np

from xmr_core.youtube import Download, DownloadLimits, Rules, YouTubeAddress

PLUGINS = Path(__file__).with_name("youtube_plugins")
SECONDS, FPS = 40, 8
WIDTH, HEIGHT = 176, 112
BOT = (
    "Sign in to confirm you’re not a bot. Use --cookies-from-browser or --cookies for the"
    " authentication. See  https://github.com/yt-dlp/yt-dlp/wiki/FAQ  for how to pass cookies"
)


def brightness(second: float) -> float:
    """How bright the films are at a second; tells where a stretch was cut."""
    return 20.0 + 5.0 * int(second)


def write_films(folder: Path) -> None:
    """The same film as YouTube packs films: plain, in fragments, as a playlist of pieces."""
    plain = folder / "plain.mp4"
    noise = np.random.default_rng(0).integers(0, 40, (FPS, HEIGHT, WIDTH, 1), np.uint8)
    with av.open(str(plain), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"g": str(3 * FPS), "sc_threshold": "0", "crf": "4", "preset": "superfast"}
        for number in range(SECONDS * FPS):
            picture = np.full((HEIGHT, WIDTH, 3), brightness(number / FPS) - 20, np.uint8)
            picture += noise[number % FPS]  # makes the file large
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    _repack(plain, folder / "index_last.mp4", "mp4", {})
    _repack(plain, folder / "dash.mp4", "mp4", {"movflags": "+dash+global_sidx+frag_keyframe"})
    pieces = {"hls_time": "4", "hls_playlist_type": "vod"}
    _repack(plain, folder / "pieces.m3u8", "hls", pieces)
    for name, address in (("elsewhere", "http://localhost:9/x.ts"), ("gone", "../status/404")):
        text = (folder / "pieces.m3u8").read_text().replace("pieces1.ts", address)
        (folder / f"{name}.m3u8").write_text(text)


def _repack(source: Path, out: Path, kind: str, options: dict[str, str]) -> None:
    with (
        av.open(str(source)) as container,
        av.open(str(out), "w", format=kind, options=options) as sink,
    ):
        copy = sink.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                sink.mux(packet)


def _film(address: str, ext: str = "mp4", **more: Any) -> dict[str, Any]:
    size = {"width": WIDTH, "height": HEIGHT}
    film = {"format_id": "1", "url": address, "ext": ext, "vcodec": "avc1", "acodec": "none"}
    return {"duration": SECONDS, "formats": [film | size | more.pop("film", {})], **more}


def _as_youtube() -> dict[str, Any]:
    """The formats that YouTube offers for a film, as yt-dlp lists them; all lead to one film."""
    kinds = (
        ("sb0", "mhtml", "none", "none", 48, 27, "mhtml"),
        ("140", "m4a", "none", "mp4a.40.2", None, None, "https"),
        ("18", "mp4", "avc1.42001E", "mp4a.40.2", 640, 360, "https"),
        ("134", "mp4", "avc1.4d401e", "none", 640, 360, "https"),
        ("243", "webm", "vp9", "none", 640, 360, "https"),
        ("396", "mp4", "av01.0.01M.08", "none", 640, 360, "https"),
        ("230", "mp4", "avc1.4D401E", "none", 640, 360, "m3u8_native"),
        ("133", "mp4", "avc1.4d4015", "none", 426, 240, "https"),
        ("160", "mp4", "avc1.4d400c", "none", 256, 144, "https"),
        ("137", "mp4", "avc1.640028", "none", 1920, 1080, "https"),
    )
    return {
        "duration": SECONDS,
        "formats": [
            {
                **{"format_id": name, "ext": ext, "vcodec": vcodec, "acodec": acodec},
                **{"width": width, "height": height, "tbr": 100.0, "protocol": protocol},
                "url": f"/film/plain.mp4?itag={name}",
            }
            for name, ext, vcodec, acodec, width, height, protocol in kinds
        ],
    }


VIDEOS: dict[str, dict[str, Any]] = {
    "as_youtube": _as_youtube(),
    "plain": _film("/film/plain.mp4"),
    "index_last": _film("/film/index_last.mp4"),
    "dash": _film("/film/dash.mp4"),
    "pieces": _film("/film/pieces.m3u8", film={"protocol": "m3u8_native"}),
    "whole_only": _film("/whole/plain.mp4"),
    "cut": _film("/cut/plain.mp4"),
    "slow": _film("/slow/plain.mp4"),
    "silent": _film("/silent/plain.mp4"),
    "endless": _film("/endless/film.mp4"),
    "not_a_film": _film("/text/film.mp4"),
    "elsewhere": _film("/elsewhere/plain.mp4"),
    "elsewhere_pieces": _film("/film/elsewhere.m3u8", film={"protocol": "m3u8_native"}),
    "gone_pieces": _film("/film/gone.m3u8", film={"protocol": "m3u8_native"}),
    "file": _film("file:///etc/hostname"),
    **{f"status_{code}": _film(f"/status/{code}") for code in (403, 404, 410, 429, 500)},
    "only_large": _film("/film/plain.mp4", film={"width": 1920, "height": 1080}),
    "only_sound": _film("/film/plain.mp4", film={"vcodec": "none", "acodec": "mp4a"}),
    "odd_kind": _film("/film/plain.mp4", ext="flv"),
    "very_long": _film("/film/plain.mp4") | {"duration": 50 * 3600},
    "live": _film("/film/plain.mp4", is_live=True),
    "upcoming": _film("/film/plain.mp4", live_status="is_upcoming"),
    "list": {"_type": "playlist", "entries": []},
    "other_site": {"_type": "url", "url": "https://example.org/film.mp4"},
    "region": {"countries": ["DE"]},
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Films"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        behaviour, _, rest = self.path.partition("?")[0].lstrip("/").partition("/")
        getattr(self, f"_{behaviour}")(rest)

    def log_message(self, format: str, *args: object) -> None: ...

    def _info(self, name: str) -> None:
        info = json.loads(json.dumps(self.server.videos[name]))
        for film in info.get("formats", ()):
            if film["url"].startswith("/"):
                film["url"] = f"http://127.0.0.1:{self.server.server_port}{film['url']}"
        self._send(200, json.dumps(info).encode())

    def _film(self, name: str) -> None:
        data = (self.server.folder / name).read_bytes()
        asked = self.headers.get("Range", "")
        if not asked:
            return self._send(200, data)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        piece = data[int(first) : int(last) + 1]
        place = f"bytes {first}-{int(first) + len(piece) - 1}/{len(data)}"
        self.server.sent_bytes += len(piece)
        self._send(206, piece, {"Content-Range": place})

    def _whole(self, name: str) -> None:
        self._send(200, (self.server.folder / name).read_bytes())

    def _cut(self, name: str) -> None:
        """Every second connection breaks in the middle."""
        self.server.cuts += 1
        if self.server.cuts % 2 == 0:
            return self._film(name)
        data = (self.server.folder / name).read_bytes()
        first = int(self.headers["Range"].removeprefix("bytes=").partition("-")[0])
        place = f"bytes {first}-{len(data) - 1}/{len(data)}"
        self._head(206, len(data) - first, {"Content-Range": place})
        self.wfile.write(data[first : first + 5000])
        self.close_connection = True

    def _slow(self, name: str) -> None:
        data = (self.server.folder / name).read_bytes()
        self._head(206, len(data), {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"})
        self._drip(data, 200)

    def _silent(self, name: str) -> None:
        self._head(200, 1000, {})
        self.server.over.wait(30)

    def _endless(self, name: str) -> None:
        self._head(200, 10**12, {})
        box = (1 << 20).to_bytes(4, "big") + b"free"  # a box to be skipped, then another
        self._drip(box + bytes((1 << 20) - 8), 1 << 20, times=64)

    def _text(self, name: str) -> None:
        self._send(200, b"<html>no film</html>" * 500)

    def _elsewhere(self, name: str) -> None:
        """The same machine under a name that is not allowed."""
        there = f"http://localhost:{self.server.server_port}/film/{name}"
        self._send(302, b"", {"Location": there})

    def _status(self, code: str) -> None:
        self._send(int(code), b"no")

    def _drip(self, data: bytes, size: int, times: int = 1) -> None:
        try:
            for _ in range(times):
                for start in range(0, len(data), size):
                    if self.server.over.is_set():
                        return
                    self.wfile.write(data[start : start + size])
                    if times == 1:
                        time.sleep(0.05)
        except OSError:
            self.close_connection = True  # nobody listens any more

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self._head(status, len(data), headers or {})
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()


class Films(ThreadingHTTPServer):
    """The server.

    Attributes:
        asked: Paths that were asked for, in order.
        sent_bytes: How much was sent of films.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.videos = dict(VIDEOS)
        self.asked: list[str] = []
        self.sent_bytes = 0
        self.cuts = 0
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None: ...

    @property
    def rules(self) -> Rules:
        """What lets the tests' extractor answer; the product's own rules refuse it."""
        return Rules(("xmrtest",), ("127.0.0.1",), ("http",), (self.server_port,), str(PLUGINS))

    def download(
        self,
        name: str,
        start_s: float | None = None,
        end_s: float | None = None,
        rules: Rules | None = None,
        **limits: Any,
    ) -> Download:
        """A download of one of the server's videos."""
        address = YouTubeAddress("xmrtest_id_", start_s, end_s)
        url = f"xmrtest:{self.server_port}/{name}"
        return Download(url, address, DownloadLimits(**limits), rules or self.rules)


@contextmanager
def serve_films(folder: Path) -> Iterator[Films]:
    """Writes the films to `folder` and serves them."""
    write_films(folder)
    with Films(folder) as films:
        threading.Thread(target=films.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield films
        finally:
            films.over.set()
            films.shutdown()
