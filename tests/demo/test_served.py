"""`python app.py` where others run it: on a Space, behind a path, for programs and agents."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from importlib.util import find_spec

import pytest
from pages import BUNDLED, ROOT, THIS_FILE, UPLOADS, served

TOOLS = {"search", "similar", "describe", "explain"}
CLIP = ROOT / "assets" / "scenes" / "clips"
needs_mcp = pytest.mark.skipif(
    find_spec("mcp") is None, reason="needs mcp: pip install -r requirements-mcp.txt"
)


@pytest.fixture(scope="module")
def reports():
    """What an app told the machine that lends graphics processors, and that machine's address."""
    told = []

    class Lender(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Lender) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def space(tmp_path_factory, reports, home):
    """The app with what a ZeroGPU Space sets, and for agents if mcp is installed."""
    for path in BUNDLED:
        if not path.exists():
            pytest.skip(f"needs the bundled model and gallery: {path.relative_to(ROOT)}")
    variables = {
        "SYSTEM": "spaces",
        "SPACE_ID": "someone/video-search",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_ROOT_PATH": "/video",
        "GRADIO_SSR_MODE": "True",
        "GRADIO_MCP_SERVER": str(find_spec("mcp") is not None),
        "HOME": str(home),
        "no_proxy": "127.0.0.1,localhost,0.0.0.0",
    }
    if find_spec("spaces") is not None:
        variables |= {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": reports[1]}
    yield from served([str(ROOT / "app.py")], tmp_path_factory.mktemp("space"), **variables)


def fetch(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def listens_elsewhere(address):
    """Whether the app also answers on an address of this machine other than the usual one."""
    try:
        fetch(address.replace("127.0.0.1", "127.0.0.2") + "gradio_api/info")
    except OSError:
        return False
    return True


@pytest.mark.skipif(find_spec("spaces") is None, reason="needs spaces: pip install spaces")
def test_zerogpu_is_told_that_there_is_a_function_for_it(space, reports):
    assert reports[0] == ["/startup-report"]


def test_a_space_writes_nothing_but_temporary_files(space, home, client_of):
    client_of(space).predict("a red car", api_name="/search")
    clip = next(CLIP.glob("*.mp4"))
    file = pytest.importorskip("gradio_client").handle_file(str(clip))
    assert client_of(space).predict(file, api_name="/similar")["query"] == clip.name
    assert not list(home.iterdir())
    assert not (ROOT / ".gradio").exists()


def test_name_and_path_come_from_the_environment(space, app):
    assert listens_elsewhere(space) and not listens_elsewhere(app)
    assert urllib.parse.urlparse(fetch(space + "config")["root"]).path == "/video"
    assert urllib.parse.urlparse(fetch(app + "config")["root"]).path in ("", "/")


def test_only_the_public_functions_are_listed(space):
    info = fetch(space + "gradio_api/info")
    assert {name.strip("/") for name in info["named_endpoints"]} == TOOLS
    assert not info["unnamed_endpoints"]
    for endpoint in info["named_endpoints"].values():
        for parameter in endpoint["parameters"]:
            assert parameter["type"]
    listed = {
        event["api_name"]: event["api_visibility"]
        for event in fetch(space + "config")["dependencies"]
    }
    assert {name for name, visibility in listed.items() if visibility != "private"} == TOOLS


def test_clients_refuse_the_events_of_the_page(space, client_of):
    client = client_of(space)
    for event in fetch(space + "config")["dependencies"]:
        if event["api_visibility"] == "private":
            with pytest.raises(ValueError, match="Cannot find"):
                client.predict(api_name=f"/{event['api_name']}")


def test_programs_are_told_plainly(space, client_of):
    client = client_of(space)
    with pytest.raises(Exception, match="no clip 'nowhere'"):
        client.predict("nowhere", api_name="/similar")
    with pytest.raises(Exception, match=r"no gallery 'x'.*scenes"):
        client.predict("a red car", gallery="x", api_name="/search")
    with pytest.raises(Exception, match=r"no checkpoint 'x'.*scenes-hmmc"):
        client.predict("a red car", checkpoint="x", api_name="/search")
    hashed = client.predict("a red car", 2, checkpoint="scenes-cmfh-64", api_name="/search")
    assert hashed["checkpoint"] == "scenes-cmfh-64"


def asked_by_agent(address, *calls):
    """Tools that an MCP client finds, and for each call whether it failed and the text."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async def ask():
        async with (
            streamable_http_client(address + "gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            answers = []
            for name, arguments in calls:
                full = next((t.name for t in tools if t.name.endswith(f"_{name}")), name)
                answer = await session.call_tool(full, arguments)
                answers.append((answer.isError, answer.content[0].text))
            resources = (await session.list_resources()).resources
            prompts = (await session.list_prompts()).prompts
            return tools, resources, prompts, answers

    # In a thread of its own: the browser of other tests keeps an event loop in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask()).result()


@needs_mcp
def test_agents_find_four_tools_and_nothing_else(space):
    tools, resources, prompts, _ = asked_by_agent(space)
    prefix = "video_search_"  # Gradio puts the Space's name in front
    assert {tool.name for tool in tools} == {prefix + name for name in TOOLS}
    assert not resources and not prompts
    for tool in tools:
        assert tool.description.count("Returns:") == 1 and ",," not in tool.description
        for name, field in tool.inputSchema["properties"].items():
            assert field["description"].endswith("."), (tool.name, name)
    required = {tool.name.removeprefix(prefix): tool.inputSchema["required"] for tool in tools}
    assert required["search"] == ["query"] and required["similar"] == ["video"]
    assert required["explain"] == ["query", "clip_id"]


@needs_mcp
def test_agents_get_short_json(space):
    _, _, _, answers = asked_by_agent(
        space,
        ("search", {"query": "a pink sailboat on the sea", "top": 3}),
        ("similar", {"video": "scene0004", "top": 3}),
        ("describe", {"video": "scene0004", "top": 3}),
        ("explain", {"query": "a pink sailboat", "clip_id": "scene0004"}),
    )
    assert not any(failed for failed, _ in answers)
    assert all(len(text) < 2000 for _, text in answers)
    search, similar, describe, explain = (json.loads(text) for _, text in answers)
    assert [match["rank"] for match in search["matches"]] == [1, 2, 3]
    assert "scene0004" not in [match["id"] for match in similar["matches"]]
    assert {caption["language"] for caption in describe["captions"]} <= {"en", "zh"}
    assert [word["text"] for word in explain["words"]] == ["a", "pink", "sailboat"]


@needs_mcp
def test_agents_are_told_plainly(space):
    _, _, _, answers = asked_by_agent(
        space,
        ("search", {"query": " "}),
        ("similar", {"video": "nowhere"}),
        ("explain", {"query": "a car", "clip_id": "nowhere"}),
        ("search", {"sentence": "a car"}),
        ("ask", {}),
    )
    assert all(failed for failed, _ in answers)
    for text, hint in zip(
        [text for _, text in answers],
        ("query is empty", "no clip 'nowhere'", "no clip 'nowhere'", "'query'", "Unknown tool"),
        strict=True,
    ):
        assert hint in text and "\n" not in text and "&#" not in text


@needs_mcp
def test_agents_send_files_by_the_address_of_an_upload(space):
    import httpx

    clip = next(CLIP.glob("*.mp4"))
    sent = httpx.post(space + "gradio_api/upload", files={"files": (clip.name, clip.read_bytes())})
    address = f"{space}gradio_api/file={urllib.parse.quote(sent.json()[0])}"
    outside = [
        f"{space}gradio_api/file={path}"
        for path in (THIS_FILE, f"{sent.json()[0]}/../../../{THIS_FILE}", "%00", "x" * 5000)
    ]
    _, _, _, answers = asked_by_agent(
        space, ("describe", {"video": address}), *(("describe", {"video": it}) for it in outside)
    )
    assert not answers[0][0] and json.loads(answers[0][1])["query"] == clip.name
    for failed, text in answers[1:]:
        assert failed and text == "Send a clip id or an uploaded file."
    assert UPLOADS not in "".join(text for _, text in answers)


def test_mcp_without_its_package_is_told_in_one_line(monkeypatch):
    app = import_module("app")
    monkeypatch.setattr(app, "find_spec", lambda name: None)
    monkeypatch.delenv("GRADIO_MCP_SERVER", raising=False)
    assert not app.options([]).mcp
    monkeypatch.setenv("GRADIO_MCP_SERVER", "True")
    with pytest.raises(SystemExit, match=r"^xmr: .*requirements-mcp\.txt$"):
        app.options([])


@pytest.mark.slow
def test_spaces_is_imported_before_torch_and_given_one_function(tmp_path):
    (tmp_path / "spaces.py").write_text(
        "import sys; early = 'torch' not in sys.modules; given = []\n"
        "def GPU(duration): return lambda function: given.append(function) or function\n"
    )
    program = (
        "import app, spaces, sys; print(spaces.early, [f.__name__ for f in spaces.given],"
        " 'skia' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
    )
    assert run.stdout.strip() == "True ['gpu_name'] False", (
        run.stderr
    )  # skia wants packages of Debian
