"""What all tests share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hub_server import HubServer

if TYPE_CHECKING:
    from youtube_server import Films

if "PYTEST_XDIST_WORKER" in os.environ:
    # One process for each core already; more threads would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared():
    """A function from a relative path to a file of the shared material, or a skipped test."""

    def find(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            pytest.skip(f"needs the shared test material: ../shared/{relative} is not here")
        return path

    return find


@pytest.fixture(scope="session")
def film_server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Films]":
    """A server of films that stands where YouTube stands; see `youtube_server`."""
    from youtube_server import serve_films

    with serve_films(tmp_path_factory.mktemp("films")) as films:
        yield films


@pytest.fixture
def films(
    film_server: "Films", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> "Iterator[Films]":
    """The server of films. Fails the test if a download left a file behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv("XMR_YOUTUBE", raising=False)
    film_server.asked.clear()
    film_server.sent_bytes = 0
    yield film_server
    assert not list(tmp_path.glob("xmr-youtube-*"))


@pytest.fixture
def hub_server():
    """An empty Hub on 127.0.0.1; see `hub_server.py` for what it can do."""
    with HubServer() as server:
        yield server
