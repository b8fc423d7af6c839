"""What all tests share."""

from pathlib import Path

import pytest
from hub_server import HubServer

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


@pytest.fixture
def hub_server():
    """An empty Hub on 127.0.0.1; see `hub_server.py` for what it can do."""
    with HubServer() as server:
        yield server
