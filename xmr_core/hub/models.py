"""Checkpoints on the Hub: which files of a model repository make one."""

from pathlib import Path, PurePosixPath

from xmr_core.errors import HubError
from xmr_core.hub.address import HubAddress
from xmr_core.hub.fetching import fetch, resolve
from xmr_core.hub.listing import harmless, list_files
from xmr_core.progress import Progress, no_progress

CARD, OPEN_CLIP_CONFIG, OPEN_CLIP_WEIGHTS = (
    "card.toml",
    "open_clip_config.json",
    "open_clip_model.safetensors",
)


def model_folder(address: HubAddress, progress: Progress = no_progress) -> Path:
    """Fetches a checkpoint: one of ours, with a card, or an open_clip model.

    Raises:
        HubError: It cannot be had, or the repository holds neither.
    """
    address = resolve(address)
    files = harmless(list_files(address))
    names = {file.name for file in files}
    if CARD in names:
        return fetch(address, dict.fromkeys(sorted(names), ""), progress)
    if OPEN_CLIP_CONFIG not in names:
        raise HubError(
            f"{address} holds neither {CARD} nor {OPEN_CLIP_CONFIG}: it is no checkpoint that can"
            " be used by its address; for a known model see `xmr checkpoints list`"
        )
    if OPEN_CLIP_WEIGHTS not in names:
        raise HubError(
            f"{address} has no {OPEN_CLIP_WEIGHTS}; weights in other formats can run code when they"
            " are read, so they are not fetched"
        )
    others = {name for name in names if PurePosixPath(name).suffix == ".safetensors"}
    wanted = sorted(names - others | {OPEN_CLIP_WEIGHTS})
    return fetch(address, dict.fromkeys(wanted, ""), progress)


def card_folder(address: HubAddress) -> Path | None:
    """A folder with the checkpoint's card alone, or None where it has none.

    Raises:
        HubError: The repository cannot be had.
    """
    address = resolve(address)
    if CARD not in {file.name for file in list_files(address)}:
        return None
    return fetch(address, {CARD: ""})
