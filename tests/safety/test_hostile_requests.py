"""What a stranger with a program of their own can do to the page: nothing that others notice."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.ui

FILE = {"_type": "gradio.FileData"}
HTML = b"<!doctype html><script>document.title = 'owned'</script>"


def marked(path):
    return {"path": str(path), "meta": FILE}


def told(message):
    """The sentence of a failure; "" for one that says nothing."""
    assert message.get("success") is not True, message
    return (message.get("output") or {}).get("error") or message.get("said") or ""


@pytest.mark.parametrize(
    "address",
    [
        "/gradio_api/file=/etc/passwd", "/gradio_api/file=app.py", "/gradio_api/file/etc/passwd",
        "/gradio_api/file=checkpoints/scenes-clip/open_clip_model.safetensors",
        "/gradio_api/proxy=http://127.0.0.1/", "/monitoring", "/docs", "/openapi.json",
        "/clip/scenes/..%2f..%2f..%2fapp.py", "/clip/scenes/%2e%2e%2f%2e%2e%2fapp.py",
        "/clip/scenes/%252e%252e%252fapp.py", "/clip/%2e%2e/app.py",
        "/poster/scenes/..%2fcard.json",
        "/clip/scenes//etc/passwd", "/clip/scenes/%2fetc%2fpasswd", "/still/scenes/scene0001/-1",
        "/still/scenes/scene0001/99999999999999999999", "/clip/scenes/a%00b",
        "/poster/scenes/a%0d%0ab",
        "/clip/scenes/" + "a" * 3000, "/static/..%2f..%2froutes.py",
        "/assets/..%2f..%2f..%2froutes.py",
        "/static/%2e%2e/%2e%2e/%2e%2e/routes.py",
    ],
)  # fmt: skip
def test_no_file_beside_the_clips_is_served(page, address):
    answer = page.http.get(address)
    assert answer.status_code in (400, 403, 404), answer.text[:200]
    assert "root:" not in answer.text and "import" not in answer.text
    assert str(ROOT) not in answer.text


def test_a_clip_is_served_as_a_video_and_nothing_else(page):
    clip = page.event("search", ["a red car", 1, "", ""])["output"]["data"][0]["matches"][0]["id"]
    for kind, mime in (("clip", "video/mp4"), ("poster", "image/webp")):
        answer = page.http.get(f"/{kind}/scenes/{clip}")
        assert answer.status_code == 200 and answer.headers["content-type"] == mime
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("search", ["a red car", "x", "", ""]), ("search", ["a red car", None, "", ""]),
        ("search", [["a"], 3, "", ""]), ("search", [{"a": 1}, 3, "", ""]),
        ("search", [None, 3, "", ""]), ("search", [5, 3, "", ""]), ("search", [True, True, "", ""]),
        ("search", ["a" * 5000, 3, "", ""]), ("search", ["", 3, "", ""]),
        ("search", ["a red car", 3, ["x"], ""]), ("search", ["a red car", 3, "", {"x": 1}]),
        ("search", ["a red car", 3, "../../etc", ""]),
        ("search", ["a red car", 3, "", "/etc/passwd"]), ("search", []),
        ("similar", [marked("/etc/passwd"), 3, "", ""]), ("similar", [marked("app.py"), 3, "", ""]),
        ("similar", [marked("/proc/self/environ") | {"is_stream": True}, 3, "", ""]),
        ("similar", [{"path": "/etc/passwd"}, 3, "", ""]), ("similar", ["/etc/passwd", 3, "", ""]),
        ("similar", ["../../etc/passwd", 3, "", ""]), ("similar", ["http://a.b/c.mp4", 3, "", ""]),
        ("similar", [marked("http://127.0.0.1/x"), 3, "", ""]), ("similar", [[[[]]], 3, "", ""]),
        ("similar", ["/gradio_api/file=/etc/passwd", 3, "", ""]),
        ("similar", ["http://x/gradio_api/file=/etc/passwd", 3, "", ""]),
        ("similar", ["http://x/gradio_api/file=/proc/self/../../etc/passwd", 3, "", ""]),
        ("similar", ["http://x/gradio_api/file=" + "a/" * 5000, 3, "", ""]),
        ("similar", [marked(""), 3, "", ""]), ("describe", [3.5, 3, "", ""]),
        ("explain", ["a red car", ["scene0001"], "", ""]), ("explain", [{}, "scene0001", "", ""]),
        ("upload", [marked("/etc/hostname.mp4"), "{}"]),
        ("upload", [marked(str(ROOT / "a.mp4")), "{}"]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_nonsense_is_refused_without_a_trace(page, name, data):
    said = told(page.event(name, data))
    for secret in (str(ROOT), str(page.uploads), str(Path.home()), "Traceback", ".py", "line "):
        assert secret not in said.replace("app.py", "")


def test_odd_numbers(page):
    for top, count in ((1e308, 100), (-5, 1), (2.7, 2)):
        found = page.event("search", ["a red car", top, "", ""])["output"]["data"][0]
        assert len(found["matches"]) == count
    body = '{"data": ["a", %s, "", ""], "fn_index": 0, "session_hash": "x"}'
    for number in ("NaN", "Infinity", "1e999", "9" * 5000):
        answer = page.http.post("/gradio_api/queue/join", content=body % number)
        assert answer.status_code in (400, 422, 200)
    deep = '{"data": ' + "[" * 10_000 + "]" * 10_000 + ', "fn_index": 0, "session_hash": "x"}'
    assert page.http.post("/gradio_api/queue/join", content=deep).status_code == 400


def test_events_of_the_page_take_anything(page):
    odd = (None, 5, 1e308, ["a"], {"a": {"b": []}}, "x" * 100_000, "\x00\x1b[31m\u202e", True)
    for name in ("ask", "pick", "lookup", "compare", "inspect", "agree", "shuffle"):
        for value in odd[:3] if name == "compare" else odd:
            fields = dict.fromkeys(("query", "method", "gallery", "id", "clip", "ticket"), value)
            message = page.event(name, [], **fields, where={"longer": value, "folder": value})
            said = json.dumps(message.get("output") or {})
            assert str(ROOT) not in said and "Traceback" not in said


def test_the_queue_cannot_be_passed_by(page):
    for way in ("run", "api"):
        answer = page.http.post(
            f"/gradio_api/{way}/search", json={"data": ["a red car", 1, "", ""]}
        )
        assert answer.status_code == 404


def test_private_events_are_not_in_the_public_description(page):
    info = page.http.get("/gradio_api/info").json()
    assert set(info["named_endpoints"]) == {"/search", "/similar", "/describe", "/explain"}
    assert not info["unnamed_endpoints"]


def test_an_upload_is_never_given_back(page):
    for name in ("x.html", "x.svg", "x.mp4", "x.html.mp4", "../../x.html", "x.mp4\r\nX: y"):
        path = page.upload(name, HTML).json()[0]
        assert Path(path).resolve().is_relative_to(page.uploads.resolve())
        for address in (f"/gradio_api/file={path}", f"/file={path}", f"/gradio_api/file/{path}"):
            assert page.http.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", HTML), ("page.mp4", HTML), ("draw.svg", b"<svg onload='alert(1)'/>"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n"),
        ("list.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        ("both.mp4", b"\x00\x00\x00\x18ftypisom" + HTML), ("empty.mp4", b""),
        ("zeros.mp4", bytes(100_000)), ("both.gif", b"GIF89a" + HTML),
    ],
    ids=lambda value: str(value)[:16],
)  # fmt: skip
def test_what_is_no_video_is_refused(page, name, content):
    path = page.upload(name, content).json()[0]
    said = told(page.event("similar", [marked(path), 3, "", ""]))
    assert name in said and str(page.uploads) not in said
    said = told(page.event("upload", [marked(path), "{}"]))
    assert str(page.uploads) not in said


def test_too_large_for_one_file(page):
    before = {path for path in page.uploads.rglob("*") if path.is_file()}
    assert page.upload("big.mp4", bytes(21 * 2**20)).status_code == 413
    assert {path for path in page.uploads.rglob("*") if path.is_file()} == before


def test_a_decoder_that_dies_takes_nothing_along(page):
    """The worker is stopped while it reads; the server answers others meanwhile, and then again."""
    clip = page.event("search", ["a red car", 1, "", ""])["output"]["data"][0]["matches"][0]["id"]
    content = page.http.get(f"/clip/scenes/{clip}").content
    path = page.upload("own.mp4", content).json()[0]
    assert page.event("similar", [marked(path), 3, "", ""])["success"]
    workers = [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit()
        and b"xmr_core.media._worker" in (entry / "cmdline").read_bytes()
        and f"PPid:\t{page.process}\n" in (entry / "status").read_text()
    ]
    assert workers, "uploads are read in a process of their own"
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        path = page.upload("own2.mp4", content + b"x").json()[0]
        answers = []
        ask = threading.Thread(
            target=lambda: answers.append(page.event("similar", [marked(path), 3, "", ""]))
        )
        ask.start()
        time.sleep(0.3)
        assert page.event("search", ["a blue boat", 3, "", ""])["success"]
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
    ask.join(60)
    assert "own2.mp4" in told(answers[0]) and "crashed" in told(answers[0])
    assert page.event(
        "similar", [marked(page.upload("own3.mp4", content + b"y").json()[0]), 3, "", ""]
    )["success"]
