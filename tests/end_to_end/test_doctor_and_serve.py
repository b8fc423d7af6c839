"""`xmr doctor` and `xmr serve`: what is missing here, and the way to the page."""

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from huggingface_hub import constants

from xmr_core import doctor
from xmr_core.__main__ import main
from xmr_core.commands import serving


@pytest.fixture
def hub(monkeypatch):
    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with HTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


def found(name, **options):
    return next(finding for finding in doctor.findings(**options) if finding.name == name)


def test_the_hub_is_asked_only_if_wanted(hub, monkeypatch):
    assert "Hub" not in [finding.name for finding in doctor.findings()]
    answer = found("Hub", online=True)
    assert "answers (200)" in answer.value and not answer.advice


def test_a_hub_that_does_not_answer_is_no_fault_of_the_app(hub, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        answer = found("Hub", online=True)
    assert address in answer.value and "HF_ENDPOINT" in answer.advice and not answer.needed


def test_offline_means_that_nothing_is_asked(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in found("Hub", online=True).value


def test_what_a_space_is_and_lacks_is_told(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/video-search")
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert found("place").value.startswith("Space someone/video-search, ZeroGPU")
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    for name in ("tools for agents", "YouTube downloads"):
        extra = found(name)
        assert "pip install -r requirements-" in extra.advice and not extra.needed


@pytest.mark.parametrize("given", [[], ["--mcp"]])
def test_serve_is_app_py_with_the_same_options(given, monkeypatch, tmp_path, capfd):
    app = tmp_path / "app.py"
    app.write_text("import sys; print('options', sys.argv[1:])\n")
    monkeypatch.setattr(serving, "APP", app)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", ["xmr", "serve", *given])
    main()
    assert capfd.readouterr().out == f"options {given}\n"


def test_serve_without_the_repository_is_one_sentence(monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(serving, "APP", tmp_path / "app.py")
    monkeypatch.setattr(sys, "argv", ["xmr", "serve"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "app.py is missing" in capfd.readouterr().err
