"""The page in Debian's Chromium: one app per session, one browser context per test."""

import gc
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pages import BUNDLED, CHROMIUM, DESKTOP, FLAGS, ROOT, served


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, or a skipped test."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page over `stand_in.py`: slow, broken and hostile on demand."""
    folder = tmp_path_factory.mktemp("stand_in")
    yield from served([str(ROOT / "tests" / "demo" / "stand_in.py"), str(folder)], folder)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the page as visitors get it: `python app.py`."""
    for path in BUNDLED:
        if not path.exists():
            pytest.skip(
                f"needs the bundled model and gallery: {path.relative_to(ROOT)} is not here"
            )
    yield from served([str(ROOT / "app.py")], tmp_path_factory.mktemp("app"))


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens an address as a new visitor.

    The test fails on anything in the browser's console that is an error, on a script's exception,
    and on any request to another place than the app: this is the proof that the page works offline.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(address: str, **options: Any) -> Any:
        context = browser.new_context(**{"locale": "en-US", **DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        origin = "/".join(address.split("/")[:3])
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda message: message.type == "error" and complaints.append(message.text),
        )
        page.on(
            "request",
            lambda request: (
                request.url.startswith((origin, "data:", "blob:"))
                or complaints.append(f"request to {request.url}")
            ),
        )
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def client_of() -> Iterator[Callable[[str], Any]]:
    """Opens the public API at an address. gradio_client leaves sockets open: collected here."""
    gradio_client = pytest.importorskip("gradio_client")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        clients = []
        yield (
            lambda address: (
                clients.append(gradio_client.Client(address, verbose=False)) or (clients[-1])
            )
        )
        for client in clients:
            client.close()
        clients.clear()
        gc.collect()
