"""Writing down which files of the Hub a card means: their revision and their checksums."""

from dataclasses import replace

from xmr_core.errors import XmrError


def pin_checkpoint(name: str) -> None:
    """Fetches the files that a card names and writes revision and checksums into the card.

    What the card says already is kept and checked; only what it leaves open is filled in.

    Raises:
        XmrError: There is no such card, or its weights are not on the Hub.
    """
    from tqdm import tqdm

    from xmr_core.checkpoints import checkpoint_folder, find_card, is_here, write_card
    from xmr_core.files import checksum
    from xmr_core.hub import HubAddress, fetch_source, resolve

    folder, card = checkpoint_folder(name), find_card(name)
    if folder is None or card is None or not card.source.get("files"):
        raise XmrError(f"{name!r} is no card of a model on the Hub; see: xmr checkpoints list")
    source = dict(card.source)
    if not source.get("revision"):
        source["revision"] = resolve(HubAddress("model", source["repo"])).revision
    card = replace(card, source=source)
    files = folder if is_here(card, folder) else fetch_source(card, tqdm)
    source["files"] = {
        file: known or checksum(files / file) for file, known in source["files"].items()
    }
    write_card(card, folder)
    print(f"{folder / 'card.toml'} means {source['repo']}@{source['revision']}")
    for file, sha256 in source["files"].items():
        print(f"  {sha256}  {file}")
