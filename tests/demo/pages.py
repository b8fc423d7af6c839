"""What the tests of the page share beside fixtures: sizes of screens, places, starting an app."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
BUNDLED = (
    ROOT / "checkpoints" / "scenes-clip" / "card.toml",
    ROOT / "assets" / "scenes" / "galleries" / "scenes-clip",
)
SCREENSHOTS = Path(__file__).parent / "screenshots"
UPLOADS = "where_uploads_lie"  # a folder name that must never reach a page
THIS_FILE = Path(__file__)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --font-render-hinting=none --force-color-profile=srgb "
    "--hide-scrollbars"
).split()
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SCREENS = pytest.mark.parametrize(
    ("device", "colours"),
    [
        pytest.param(DESKTOP, "light", id="desktop-light"),
        pytest.param(PHONE, "dark", id="phone-dark"),
        pytest.param(DESKTOP, "dark", id="desktop-dark", marks=pytest.mark.slow),
        pytest.param(PHONE, "light", id="phone-light", marks=pytest.mark.slow),
    ],
)


def explained(page: Any) -> None:
    """Waits until the matches are there and the chosen one is explained."""
    page.locator("#xmr-search[data-state=done]").wait_for(state="attached")
    page.locator(".xmr-why[data-state=done]").wait_for(state="attached")


def served(command: list[str], folder: Path, **variables: str) -> Iterator[str]:
    """Address of a program that serves a page, started with some more environment variables."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / UPLOADS),
        "HF_HUB_OFFLINE": "1",
        "XMR_PER_MINUTE": "30000",  # tests ask faster than visitors
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONPATH": str(ROOT),
        **variables,
    }
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=20):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
