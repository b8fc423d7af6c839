"""Asking which sources are gone, against a server on this machine that answers like oEmbed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from xmr_core.datasets.annotations import AnnotatedItem
from xmr_core.errors import XmrError
from xmr_core.youtube.still_there import SourceCheck, check_sources


def item(name, video, stretch=""):
    url = f"https://www.youtube.com/watch?v={video:a>11}{stretch}" if video else None
    return AnnotatedItem(name, url=url)


ITEMS = (
    item("one", "there"),
    item("two", "gone", "&t=3"),
    item("three", "gone"),
    item("four", "private"),
    item("five", ""),
    AnnotatedItem("six", url="https://example.org/watch?v=aaaaaaathere"),
)
STATUS = {"aaaaaathere": 200, "aaaaaaagone": 404, "aaaaprivate": 403}


class Server(ThreadingHTTPServer):
    """Notes which videos were asked for; the first so many answers can be spoilt."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.spoilt = [], []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/oembed"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        video = parse_qs(urlsplit(query["url"][0]).query)["v"][0]
        self.server.asked.append(video)
        status = self.server.spoilt.pop(0) if self.server.spoilt else STATUS[video]
        if status is None:
            self.connection.close()
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def check(server, journal, waited=None):
    waited = [] if waited is None else waited
    return check_sources(ITEMS, journal, address=server.address, wait=waited.append, pause_s=2)


def test_every_video_is_asked_for_once_and_slowly(server, tmp_path):
    waited = []
    found = check(server, tmp_path / "answers", waited)
    assert found == SourceCheck(gone=("two", "three"), there=1, hidden=1, unknown=0, without=2)
    assert (
        str(found) == "1 there, 2 gone, 1 hidden from others, 0 without an answer, 2 not of YouTube"
    )
    assert server.asked == ["aaaaaathere", "aaaaaaagone", "aaaaprivate"] and waited == [2, 2, 2]
    assert check(server, tmp_path / "answers") == found and len(server.asked) == 3


def test_silence_is_no_answer_and_a_refusal_stops_the_run(server, tmp_path):
    journal = tmp_path / "answers"
    server.spoilt = [200, 429]
    with pytest.raises(XmrError, match=r"status 429.*1 of 3 videos are done"):
        check(server, journal)
    with journal.open("a") as file:
        file.write('["aaaaaaagone", 40')  # the run was killed while it wrote
    journal.write_text(journal.read_text() + '\n{}\n["x", "404"]\n["y", [1]]\n')
    server.spoilt = [None, 302]
    waited = []
    found = check(server, journal, waited)
    assert found.gone == () and found.there == 1 and found.unknown == 3 and waited == [4, 8]
    assert check(server, journal).gone == ("two", "three")
    server.spoilt = [503] * 9
    many = tuple(item(f"v{n}", f"{n}") for n in range(9))
    with pytest.raises(XmrError, match="does not answer"):
        check_sources(many, journal, address=server.address, wait=lambda _: None)
    assert len(server.spoilt) == 4


def test_the_command_writes_what_index_reads(server, tmp_path, monkeypatch, capsys):
    import sys

    from xmr_core.__main__ import main
    from xmr_core.indexing.published import read_gone
    from xmr_core.youtube import still_there

    root = tmp_path / "root"
    root.mkdir()
    videos = [
        {"video_id": f"video{n}", "category": 0, "url": one.url or "", "split": "train",
         "start time": 0, "end time": 1}
        for n, one in enumerate(ITEMS)
    ]  # fmt: skip
    text = json.dumps({"videos": videos, "sentences": []})
    (root / "MSRVTT_data.json").write_text(text)
    monkeypatch.setattr(
        still_there.check_sources, "__kwdefaults__",
        {**still_there.check_sources.__kwdefaults__, "address": server.address, "pause_s": 0},
    )  # fmt: skip
    out = tmp_path / "gone.txt"
    arguments = ["data", "sources", "msrvtt", "--root", str(root), "--split", "full/train"]
    monkeypatch.setattr(sys, "argv", ["xmr", *arguments, "--out", str(out)])
    main()
    assert "msrvtt full train: 1 there, 2 gone" in capsys.readouterr().out
    assert read_gone(out) == {"video1", "video2"}
    monkeypatch.setattr(sys, "argv", ["xmr", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2 and "--out gone.txt" in capsys.readouterr().err
