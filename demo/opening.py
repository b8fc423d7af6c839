"""Opening what the page offers: galleries by name, each with the methods that can search it."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from demo.examples import BUNDLED_GALLERY
from xmr_core import Engine, XmrError
from xmr_core.checkpoints import bundled_checkpoints, find_card
from xmr_core.methods import METHODS

DEFAULT = "scenes-clip"
_NAME = re.compile(r"\w[\w.-]{0,39}")

log = logging.getLogger("xmr")


def open_galleries(wanted: Sequence[str], checkpoint: str = "") -> dict[str, dict[str, Engine]]:
    """Engines by checkpoint id, by gallery; weights are read at the first use.

    Args:
        wanted: "NAME=ADDRESS", where the address is a folder or `hf://owner/name`, or "scenes" for
            the bundled gallery, which otherwise comes last.
        checkpoint: Which one is asked first in the galleries that it can search: an id or a
            folder. "" leaves the choice to each gallery.

    Raises:
        XmrError: Nothing can be opened, or what was asked for makes no sense. A gallery or a
            checkpoint that is broken is left out, and the log says why.
    """
    places = dict(_place(entry) for entry in wanted)
    if len(places) < len(wanted):
        raise XmrError(f"Two galleries have the same name: {', '.join(wanted)}.")
    places.setdefault(BUNDLED_GALLERY, BUNDLED_GALLERY)
    galleries: dict[str, dict[str, Engine]] = {}
    problem: XmrError | None = None
    for name, address in places.items():
        try:
            galleries[name] = _first(engines_over(address, checkpoint), checkpoint)
        except XmrError as error:
            log.warning("the gallery %s is left out: %s", name, error)
            problem = error
    if not galleries:
        raise problem or XmrError("There is no gallery to open.")
    if checkpoint and not any(_id(checkpoint) in engines for engines in galleries.values()):
        raise XmrError(f"The checkpoint '{checkpoint}' can search none of the galleries.")
    return galleries


def engines_over(address: str, checkpoint: str = "") -> dict[str, Engine]:
    """The engines of one gallery, the checkpoint that made it first.

    Args:
        address: "scenes", a folder or `hf://owner/name`.
        checkpoint: Where the gallery's maker is found if its id is not enough, as for a folder.

    Raises:
        XmrError: The gallery cannot be opened.
    """
    first = Engine(DEFAULT, address)
    maker = checkpoint if checkpoint and _id(checkpoint) == first.made_by else first.made_by
    engines = {first.made_by: first if maker == DEFAULT else Engine(maker, address)}
    order = list(METHODS)
    cards = sorted(bundled_checkpoints(), key=lambda card: (order.index(card.method), card.bits))
    for card in cards:
        is_head = card.trunk == first.made_by and first.keeps_frames
        if card.id in engines or not (is_head or address == BUNDLED_GALLERY):
            continue
        try:
            engines[card.id] = Engine(card.id, address)
        except XmrError as error:
            log.warning("%s is left out: %s", card.id, error)
    return engines


def _place(entry: str) -> tuple[str, str]:
    """Name and address of one entry."""
    name, given, address = entry.partition("=")
    name, address = name.strip(), address.strip()
    if name == BUNDLED_GALLERY and not given:
        return name, name
    if not _NAME.fullmatch(name) or not address or name == BUNDLED_GALLERY:
        raise XmrError(
            f"'{entry}' names no gallery; write NAME=FOLDER or NAME=hf://owner/name, with letters,"
            f" digits and _-. in the name, or {BUNDLED_GALLERY} for the bundled one."
        )
    return name, address


def _first(engines: dict[str, Engine], checkpoint: str) -> dict[str, Engine]:
    """The same engines, the one that a person wants at the beginning."""
    wanted = _id(checkpoint)
    return {wanted: engines[wanted], **engines} if wanted in engines else engines


def _id(checkpoint: str) -> str:
    """The id of a checkpoint that may be given as a folder, with a card or without."""
    card = find_card(checkpoint) if checkpoint else None
    if card:
        return card.id
    return Path(checkpoint).name if checkpoint and Path(checkpoint).is_dir() else checkpoint
