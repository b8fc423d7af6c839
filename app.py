"""Serves the page: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where."""

import logging
from threading import Thread

from demo.launch import launch_options
from demo.ui import build
from xmr_core import Engine, XmrError

log = logging.getLogger("xmr")


def warm_up(engine: Engine) -> None:
    """Loads the weights; a failure is told to each visitor who asks, so here it is only logged."""
    try:
        engine.warm_up()
    except XmrError as error:
        log.error("%s", error)


def main() -> None:
    """Opens the page first and loads the model behind it."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    log.setLevel(logging.INFO)
    try:
        engines = {"scenes-clip": Engine()}
    except XmrError as error:
        raise SystemExit(f"xmr: {error}") from error
    demo = build(engines)
    demo.launch(**launch_options(engines), prevent_thread_lock=True)
    log.info("open %s", demo.local_url)
    for engine in engines.values():
        Thread(target=warm_up, args=(engine,), daemon=True).start()
    demo.block_thread()


if __name__ == "__main__":
    main()
