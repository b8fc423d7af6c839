"""Checkpoints on the Hub: which files of a model repository make one."""

from pathlib import Path, PurePosixPath

from xmr_core.errors import HubError
from xmr_core.hub.address import HubAddress
from xmr_core.hub.fetching import fetch, resolve
from xmr_core.hub.listing import harmless, list_files
from xmr_core.progress import Progress, no_progress

CARD = "card.toml"
LAYOUTS = (
    ("open_clip_config.json", "open_clip_model.safetensors"),
    ("config.json", "model.safetensors"),
)
"""Configuration and weights: how open_clip and transformers write a model."""


def model_folder(address: HubAddress, progress: Progress = no_progress) -> Path:
    """Fetches a checkpoint: one of ours, with a card, or a model of open_clip or transformers.

    Raises:
        HubError: It cannot be had, or the repository holds none of them.
    """
    address = resolve(address)
    names = {file.name for file in harmless(list_files(address))}
    if CARD in names:
        return fetch(address, dict.fromkeys(sorted(names), ""), progress)
    configured = [layout for layout in LAYOUTS if layout[0] in names]
    complete = [weights for _, weights in configured if weights in names]
    if not configured:
        raise HubError(
            f"{address} holds neither {CARD} nor {' nor '.join(name for name, _ in LAYOUTS)}: it is"
            " no checkpoint that can be used by its address; see `xmr checkpoints list`"
        )
    if not complete:
        raise HubError(
            f"{address} has no {' and no '.join(weights for _, weights in configured)}; weights in"
            " other formats can run code when they are read, so they are not fetched"
        )
    others = {name for name in names if PurePosixPath(name).suffix == ".safetensors"}
    wanted = sorted(names - others | {complete[0]})  # one of them: they are the same weights
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
