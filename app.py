"""Serves the page: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where."""

import demo  # noqa: F401  # sets what Gradio reads when it is imported, and spaces imports it

try:  # Before torch, which it wraps on ZeroGPU hardware. Elsewhere it is absent or does nothing.
    from spaces import GPU  # pyright: ignore[reportMissingImports]
except ImportError:
    GPU = None

import argparse
import logging
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

from demo.launch import launch_options
from demo.opening import open_galleries
from demo.own import Own
from demo.ui import build
from xmr_core import Engine, XmrError

log = logging.getLogger("xmr")


def default_state() -> Path:
    """The user's cache folder, by the custom of the system."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(cache) if cache else Path.home() / ".cache") / "xmr"


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line and XMR_GALLERIES ask for."""
    parser = argparse.ArgumentParser(prog="app.py", description="Serves the page.")
    parser.add_argument(
        "--gallery",
        action="append",
        default=[],
        metavar="NAME=PLACE",
        help="another gallery: a folder written by `xmr index`, or hf://owner/name; may be"
        " repeated, the first is shown first; also XMR_GALLERIES, separated by commas",
    )
    parser.add_argument(
        "--checkpoint", default="", help="the method that is asked first, by id or folder"
    )
    parser.add_argument(
        "--folder",
        action="append",
        default=[],
        metavar="DIR",
        type=Path,
        help="a folder of your own videos and pictures that becomes a gallery; may be repeated",
    )
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=Path,
        default=default_state(),
        help="where the galleries of such folders are kept (default: %(default)s)",
    )
    parser.add_argument(
        "--mcp",
        action="store_true",
        default=os.environ.get("GRADIO_MCP_SERVER", "").lower() == "true",
        help="offer search, similar, describe and explain to agents, at /gradio_api/mcp/",
    )
    found = parser.parse_args(arguments)
    if found.mcp and find_spec("mcp") is None:
        raise SystemExit("xmr: --mcp needs a package: pip install -r requirements-mcp.txt")
    named = [name.strip() for name in os.environ.get("XMR_GALLERIES", "").split(",")]
    found.gallery = found.gallery or [name for name in named if name]
    return found


def gpu_name() -> str:
    """The graphics processor's name. Nothing calls it: everything here runs on the CPU.

    ZeroGPU hardware, the free kind, ends an app that has no function for its processor.
    """
    import torch

    return torch.cuda.get_device_name()


if GPU is not None:
    gpu_name = GPU(duration=1)(gpu_name)


def warm_up(engine: Engine) -> None:
    """Loads the weights; a failure is told to each visitor who asks, so here it is only logged."""
    try:
        engine.warm_up()
    except XmrError as error:
        log.error("%s", error)


def main() -> None:
    """Opens the page first and loads the default model behind it."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    log.setLevel(logging.INFO)
    wanted = options()
    try:
        galleries = open_galleries(wanted.gallery, wanted.checkpoint)
        own = Own(galleries, wanted.folder, wanted.state)
    except XmrError as error:
        raise SystemExit(f"xmr: {error}") from error
    page = build(own.shelf, own)
    launched = launch_options(own.shelf, has_own=True)
    page.launch(**launched, mcp_server=wanted.mcp, prevent_thread_lock=True)
    log.info("open %s", page.local_url)
    first = next(iter(next(iter(galleries.values())).values()))
    Thread(target=warm_up, args=(first,), daemon=True).start()
    own.folders.start()
    page.block_thread()


if __name__ == "__main__":
    main()
