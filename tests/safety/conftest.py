"""The page over the bundled clips, served in this process; a client that sends what it likes."""

import json
import os
import uuid
import warnings
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
        names: Index of each event by the name of its handler.
    """

    def __init__(self, address: str, uploads: Path) -> None:
        import httpx

        self.address = address.rstrip("/")
        self.uploads = uploads
        self.http = httpx.Client(base_url=self.address, timeout=60, trust_env=False)
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
    """The page over the bundled clips with the bundled model."""
    if not (CHECKPOINT / "card.toml").exists():
        pytest.skip("needs the bundled model: checkpoints/scenes-clip is not here")
    uploads = tmp_path_factory.mktemp("uploads_of_visitors")
    kept = {name: os.environ.get(name) for name in ("GRADIO_TEMP_DIR", "XMR_PER_MINUTE")}
    os.environ |= {"GRADIO_TEMP_DIR": str(uploads), "XMR_PER_MINUTE": "30000"}
    from demo.launch import launch_options
    from demo.ui import build
    from xmr_core import Engine

    served = {"scenes": {"scenes-clip": Engine("scenes-clip")}}
    blocks = build(served)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, address, _ = blocks.launch(
            **launch_options(served), prevent_thread_lock=True, server_name="127.0.0.1"
        )
    found = Page(address, uploads)
    yield found
    found.http.close()
    blocks.close()
    for name, value in kept.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
