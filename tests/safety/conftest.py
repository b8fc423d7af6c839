"""The page over the bundled clips, as visitors get it; a client that sends what it likes."""

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINT = ROOT / "checkpoints" / "scenes-clip"


class Page:
    """The page as one that knows HTTP meets it.

    Attributes:
        address: Where it is served, without a slash at the end.
        uploads: The folder of its uploads.
        process: Number of its process.
        names: Index of each event by the name of its handler.
    """

    def __init__(self, address: str, uploads: Path, process: int) -> None:
        import httpx

        self.process = process
        self.address = address.rstrip("/")
        self.uploads = uploads
        self.http = httpx.Client(base_url=self.address, timeout=120, trust_env=False)
        config = self.http.get("/config").json()
        self.config = config
        self.names: dict[str, int] = {}
        for dependency in config["dependencies"]:
            self.names.setdefault(dependency["api_name"], dependency["id"])

    def event(self, name: str, data: list[Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Sends an event of the page or a call of its API, waits, and returns the last message."""
        session = uuid.uuid4().hex
        body = {
            "data": [] if data is None else data,
            "event_data": fields or None,
            "fn_index": self.names[name],
            "session_hash": session,
        }
        joined = self.http.post("/gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            return {"refused": joined.status_code, "said": joined.text}
        with self.http.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
            for line in stream.iter_lines():
                if not line.startswith("data: "):
                    continue
                message = json.loads(line[6:])
                if message["msg"] == "process_completed":
                    return message
        raise AssertionError("the stream ended without an answer")

    def upload(self, name: str, content: bytes) -> Any:
        """Uploads a file; returns the response."""
        return self.http.post("/gradio_api/upload", files={"files": (name, content)})


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """`python app.py`: the page over the bundled clips with the bundled models."""
    if not (CHECKPOINT / "card.toml").exists():
        pytest.skip("needs the bundled model: checkpoints/scenes-clip is not here")
    folder = tmp_path_factory.mktemp("page")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / "uploads_of_visitors"),
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XMR_PER_MINUTE": "30000",
    }
    address = f"http://127.0.0.1:{port}"
    log = folder / "log.txt"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        ) as process,
    ):
        try:
            _wait_for(address, process, log)
            found = Page(address, folder / "uploads_of_visitors", process.pid)
            yield found
            found.http.close()
        finally:
            process.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the app did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
