"""Names on the command line that may be addresses on the Hub: fetched with a bar, said with pin."""

import sys

from xmr_core.hub import (
    fetch_source,
    gallery_folder,
    is_address,
    model_folder,
    parse_address,
    pinned,
)


def fetched_checkpoint(name: str) -> str:
    """The name, with its revision if it is an address; its files are here afterwards."""
    from tqdm import tqdm

    from xmr_core.checkpoints import checkpoint_folder, find_card, is_here

    if is_address(name):
        name = _said(name, pinned(name, "model"))
        model_folder(parse_address(name, "model"), tqdm)
    card = find_card(name)
    folder = checkpoint_folder(name)
    if card is not None and card.source.get("files") and not card.weights:
        if folder is None or not is_here(card, folder):
            fetch_source(card, tqdm)
    return name


def fetched_gallery(name: str) -> str:
    """The name, with its revision if it is an address; its files are here afterwards."""
    from tqdm import tqdm

    if is_address(name):
        name = _said(name, pinned(name, "dataset"))
        gallery_folder(parse_address(name, "dataset"), tqdm)
    return name


def _said(asked: str, found: str) -> str:
    if found != asked:
        print(f"the newest is {found}; write that to keep to it", file=sys.stderr)
    return found
