"""The door of the page, before an app that would answer everything."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from demo.guard import HEADERS, Guard
from demo.limits import Limits

WIDE = Limits(per_minute=1e9, at_once=10**9, open_requests=10**6)


class Open:
    """An app that takes whatever comes and says how much it was."""

    def __init__(self):
        self.bodies = []
        self.wait = None

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if self.wait is not None:
            await self.wait.wait()
        self.bodies.append(body)
        headers = [(b"content-type", b"text/plain"), (b"x-content-type-options", b"sniff")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"served"})


@pytest.fixture
def behind():
    return Open()


def ask(guard, *requests, client=("8.8.8.8", 1)):
    """Sends requests one after the other; each is (method, address, options)."""

    async def all_of_them():
        transport = httpx.ASGITransport(guard, client=client)
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as http:
            return [await http.request(method, url, **rest) for method, url, rest in requests]

    return asyncio.run(all_of_them())


def one(guard, method, url, client=("8.8.8.8", 1), **rest):
    return ask(guard, (method, url, rest), client=client)[0]


NOT_OURS = [
    "/gradio_api/file=/etc/passwd", "/gradio_api/file=app.py", "/gradio_api/file=.env",
    "/gradio_api/file%3D/etc/passwd", "/gradio_api/file=checkpoints/scenes-clip/card.toml",
    "/gradio_api/file=http://169.254.169.254/latest", "/gradio_api/file/etc/passwd",
    "/gradio_api/proxy=http://127.0.0.1:22/", "/gradio_api/proxy=https://x.hf.space/",
    "/gradio_api/stream/a", "/gradio_api/stream/a/1/2/playlist.m3u8",
    "/gradio_api/component_server", "/gradio_api/process_recording", "/gradio_api/vibe-edit",
    "/gradio_api/vibe-code", "/gradio_api/dev/reload", "/gradio_api/custom_component/a/client/b/c",
    "/gradio_api/token", "/gradio_api/runs", "/gradio_api/profiling/traces",
    "/gradio_api/deep_link",
    "/gradio_api", "/gradio_api/", "/gradio_api//file=/etc/passwd", "/file=/etc/passwd",
    "/monitoring", "/monitoring/summary", "/pwa_icon/100000", "/login", "/svelte/a", "/docs",
    "/openapi.json", "/redoc", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
    "/app.py", "/.env", "/checkpoints/scenes-clip/card.toml", "/.git/config",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_OURS)
def test_what_the_page_does_not_need_is_not_there(behind, address):
    guard = Guard(behind, own={"clip"}, limits=WIDE)
    for method in ("GET", "HEAD", "POST"):
        answer = one(guard, method, address)
        assert answer.status_code == 404, method
    assert behind.bodies == []


@pytest.mark.parametrize(
    "address", ["/", "/config", "/theme.css", "/assets/a.js", "/clip/a/b", "/gradio_api/info"]
)
def test_what_it_needs_is(behind, address):
    assert one(Guard(behind, own={"clip"}, limits=WIDE), "GET", address).text == "served"


def test_every_answer_has_the_headers(behind):
    guard = Guard(behind, limits=WIDE)
    for address in ("/", "/nothing/here", "/gradio_api/file=/etc/passwd"):
        answer = one(guard, "GET", address)
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value]


def test_the_policy_allows_nothing_foreign_but_the_player():
    rules = dict(rule.split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split("; "))
    foreign = {name: rule for name, rule in rules.items() if "//" in rule}
    assert foreign.pop("frame-src") == "https://www.youtube-nocookie.com"
    assert foreign.pop("frame-ancestors") == "'self' https://huggingface.co https://*.hf.space"
    assert foreign == {}
    assert not any("*" in rule for name, rule in rules.items() if name != "frame-ancestors")
    assert rules["object-src"] == "'none'" and rules["default-src"] == "'self'"


def test_too_many_questions(behind):
    guard = Guard(behind, limits=Limits(per_minute=60, at_once=5))
    post = ("POST", "/gradio_api/queue/join", {"json": {"data": []}})
    answers = ask(guard, *[post] * 8)
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
    assert answers[-1].headers["retry-after"] == "1"
    assert "try again in 1 s" in answers[-1].json()["detail"]
    assert one(guard, "GET", "/", client=("8.8.4.4", 1)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"accept-language": "zh-CN,zh;q=0.9"}, "请求过多"),
        ({"accept-language": "en", "referer": "http://page/?q=a&l=zh"}, "请求过多"),
        ({"accept-language": "zh", "referer": "http://page/?l=en"}, "Too many questions"),
        ({"accept-language": "de"}, "Too many questions"),
    ],
)
def test_the_sentence_is_in_the_page_s_language(behind, headers, words):
    guard = Guard(behind, limits=Limits(per_minute=1, at_once=1))
    post = ("POST", "/gradio_api/queue/join", {"json": {}, "headers": headers})
    _, answer = ask(guard, post, post)
    assert answer.status_code == 429 and words in answer.json()["detail"]


def test_a_forged_header_does_not_help(behind):
    guard = Guard(behind, limits=Limits(per_minute=1, at_once=3))
    for number in range(3):
        headers = {"x-forwarded-for": f"9.9.9.{number}"}
        assert one(guard, "POST", "/gradio_api/run/search", headers=headers, json={}).text
    headers = {"x-forwarded-for": "9.9.9.99"}
    refused = one(guard, "POST", "/gradio_api/run/search", headers=headers, json={})
    assert refused.status_code == 429


def test_behind_a_proxy_visitors_are_told_apart(behind):
    guard = Guard(behind, limits=Limits(per_minute=1, at_once=1, proxies=1))

    def come(forwarded):
        headers = {"x-forwarded-for": forwarded}
        return one(guard, "POST", "/gradio_api/queue/join", headers=headers, json={}).status_code

    assert come("1.1.1.1") == 200
    assert come("6.6.6.6, 1.1.1.1") == 429
    assert come("8.8.4.4") == 200


def test_bodies_are_bounded(behind):
    guard = Guard(behind, limits=WIDE)
    large = json.dumps({"data": ["a" * 300_000]}).encode()
    assert one(guard, "POST", "/gradio_api/queue/join", content=large).status_code == 413

    async def pieces():
        for _ in range(400):
            yield b" " * 1000  # without a length in advance

    assert one(guard, "POST", "/gradio_api/queue/join", content=pieces()).status_code == 413
    assert one(guard, "POST", "/gradio_api/queue/join", json={"a": 1}).status_code == 200
    assert json.loads(behind.bodies[-1]) == {"a": 1}


def test_uploads_are_bounded_while_they_arrive(behind, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    guard = Guard(behind, limits=replace(WIDE, upload_bytes=5_000_000))

    async def pieces(count):
        for _ in range(count):
            yield b" " * 1_000_000

    assert one(guard, "POST", "/gradio_api/upload", content=pieces(6)).status_code == 413
    assert one(guard, "POST", "/gradio_api/upload", content=pieces(3)).status_code == 200
    headers = {"content-length": "99999999999"}
    answer = one(guard, "POST", "/gradio_api/upload", content=b"x", headers=headers)
    assert answer.status_code == 413 and answer.text.startswith("This request is too large")


def test_a_full_folder_takes_no_more(behind, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    limits = Limits(upload_bytes=1000, upload_folder_bytes=20_000, upload_age_s=900)
    guard = Guard(behind, limits=limits)
    for number in range(5):  # even an empty file takes a block of the disk
        (tmp_path / f"{number}").write_bytes(b"")
    answer = one(guard, "POST", "/gradio_api/upload", content=b"x")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "60"
    (tmp_path / "0").unlink()
    assert one(guard, "POST", "/gradio_api/upload", content=b"x").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b'{"data": [NaN]}',
        b'{"data": [-Infinity]}',
        b"not json",
        b"\xff\xfe",
        b'{"data": [' + b"9" * 5000 + b"]}",
        json.dumps({"data": [{"path": "http://127.0.0.1/a", "meta": 1}]}).encode(),
        json.dumps({"data": [[{"x": {"path": "https://a.b/huge.mp4"}}]]}).encode(),
        json.dumps({"data": [{"path": "ftp://a.b/huge.mp4"}]}).encode(),
        json.dumps({"data": [{"path": "file:///etc/passwd"}]}).encode(),
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_nonsense_never_reaches_the_app(behind, body):
    guard = Guard(behind, limits=WIDE)
    assert one(guard, "POST", "/gradio_api/queue/join", content=body).status_code == 400
    assert behind.bodies == []


def test_long_addresses_and_odd_methods(behind):
    guard = Guard(behind, limits=WIDE)
    assert one(guard, "GET", "/?q=" + "a" * 9000).status_code == 414
    assert one(guard, "GET", "/?" + "a=b&" * 3000).status_code == 414
    assert one(guard, "TRACE", "/").status_code == 404
    assert one(guard, "PUT", "/config").status_code == 404


def test_a_slow_request_is_ended(behind):
    guard = Guard(behind, limits=Limits(body_s=0.2))

    async def slowly():
        yield b'{"data": ['
        await asyncio.sleep(30)
        yield b"]}"

    # httpx gives a body to an app piece by piece, as a server does.
    answer = one(guard, "POST", "/gradio_api/queue/join", content=slowly())
    assert answer.status_code == 408 and behind.bodies == []


def test_open_requests_of_one_visitor_are_bounded(behind):
    guard = Guard(behind, limits=Limits(open_requests=4))

    async def scene():
        behind.wait = asyncio.Event()
        mine = httpx.ASGITransport(guard, client=("8.8.8.8", 1))
        other = httpx.ASGITransport(guard, client=("8.8.4.4", 1))
        async with (
            httpx.AsyncClient(transport=mine, base_url="http://p") as greedy,
            httpx.AsyncClient(transport=other, base_url="http://p") as modest,
        ):
            streams = [asyncio.create_task(greedy.get("/gradio_api/queue/data")) for _ in range(4)]
            await asyncio.sleep(0.05)
            refused = await greedy.get("/")
            served = asyncio.create_task(modest.get("/"))
            await asyncio.sleep(0.05)
            behind.wait.set()
            done = [answer.status_code for answer in await asyncio.gather(*streams, served)]
            again = await greedy.get("/")
            return refused.status_code, done, again.status_code

    assert asyncio.run(scene()) == (429, [200] * 5, 200)


def test_a_visitor_who_leaves_in_the_middle(behind):
    guard = Guard(behind, limits=WIDE)
    sent = []

    async def scene():
        messages = [
            {"type": "http.request", "body": b'{"a":', "more_body": True},
            {"type": "http.disconnect"},
        ]

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/gradio_api/queue/join", "headers": [],
            "query_string": b"", "raw_path": b"/gradio_api/queue/join", "client": ("8.8.8.8", 1),
        }  # fmt: skip
        await guard(scope, receive, send)

    asyncio.run(scene())
    assert sent[0]["status"] == 400 and behind.bodies == []


def test_websockets_are_closed(behind):
    guard, sent = Guard(behind, limits=WIDE), []

    async def scene():
        async def send(message):
            sent.append(message)

        await guard({"type": "websocket", "path": "/", "headers": []}, None, send)

    asyncio.run(scene())
    assert sent == [{"type": "websocket.close", "code": 1008}]
