"""Serves the page: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where."""

import argparse
import logging
import os
from collections.abc import Sequence
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
    found = parser.parse_args(arguments)
    named = [name.strip() for name in os.environ.get("XMR_GALLERIES", "").split(",")]
    found.gallery = found.gallery or [name for name in named if name]
    return found


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
    demo = build(own.shelf, own)
    demo.launch(**launch_options(own.shelf, has_own=True), prevent_thread_lock=True)
    log.info("open %s", demo.local_url)
    first = next(iter(next(iter(galleries.values())).values()))
    Thread(target=warm_up, args=(first,), daemon=True).start()
    own.folders.start()
    demo.block_thread()


if __name__ == "__main__":
    main()
