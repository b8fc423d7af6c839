"""Serves the page: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where."""

import demo  # noqa: F401  # sets what Gradio reads when it is imported, and spaces imports it

try:  # Before torch, which it wraps on ZeroGPU hardware. Elsewhere it is absent or does nothing.
    from spaces import GPU  # pyright: ignore[reportMissingImports]
except ImportError:
    GPU = None

import argparse
import logging
import os
from importlib.util import find_spec
from threading import Thread

from demo.launch import launch_options
from demo.ui import build
from xmr_core import Engine, XmrError
from xmr_core.checkpoints import bundled_checkpoints
from xmr_core.methods import METHODS

DEFAULT = "scenes-clip"

log = logging.getLogger("xmr")


def bundled_engines() -> dict[str, Engine]:
    """One engine per bundled checkpoint, the default first; weights are read at the first use.

    Raises:
        XmrError: The default cannot be opened. Any other is left out, and the log says why.
    """
    engines = {DEFAULT: Engine(DEFAULT)}
    order = list(METHODS)
    cards = sorted(bundled_checkpoints(), key=lambda card: (order.index(card.method), card.bits))
    for card in cards:
        if card.id in engines:
            continue
        try:
            engines[card.id] = Engine(card.id)
        except XmrError as error:
            log.warning("%s is left out: %s", card.id, error)
    return engines


def gpu_name() -> str:
    """The graphics processor's name. Nothing calls it: everything here runs on the CPU.

    ZeroGPU hardware, the free kind, ends an app that has no function for its processor.
    """
    import torch

    return torch.cuda.get_device_name()


if GPU is not None:
    gpu_name = GPU(duration=1)(gpu_name)


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python app.py", description="Serves the page.")
    parser.add_argument(
        "--mcp",
        action="store_true",
        default=os.environ.get("GRADIO_MCP_SERVER", "").lower() == "true",
        help="offer search, similar, describe and explain to agents, at /gradio_api/mcp/",
    )
    given = parser.parse_args()
    if given.mcp and find_spec("mcp") is None:
        raise SystemExit("xmr: --mcp needs a package: pip install -r requirements-mcp.txt")
    return given


def warm_up(engine: Engine) -> None:
    """Loads the weights; a failure is told to each visitor who asks, so here it is only logged."""
    try:
        engine.warm_up()
    except XmrError as error:
        log.error("%s", error)


def main() -> None:
    """Opens the page first and loads the default model behind it."""
    given = options()
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    log.setLevel(logging.INFO)
    try:
        engines = bundled_engines()
    except XmrError as error:
        raise SystemExit(f"xmr: {error}") from error
    page = build(engines)
    page.launch(**launch_options(engines), mcp_server=given.mcp, prevent_thread_lock=True)
    log.info("open %s", page.local_url)
    Thread(target=warm_up, args=(engines[DEFAULT],), daemon=True).start()
    page.block_thread()


if __name__ == "__main__":
    main()
