"""Serves the page: `python app.py`. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say where."""

import logging
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
    try:
        engines = bundled_engines()
    except XmrError as error:
        raise SystemExit(f"xmr: {error}") from error
    demo = build(engines)
    demo.launch(**launch_options(engines), prevent_thread_lock=True)
    log.info("open %s", demo.local_url)
    Thread(target=warm_up, args=(engines[DEFAULT],), daemon=True).start()
    demo.block_thread()


if __name__ == "__main__":
    main()
