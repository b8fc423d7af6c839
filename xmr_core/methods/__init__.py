"""The retrieval systems, each in its own folder, readable top to bottom.

`METHODS` is the whole registry: a name, and where to find the function that loads a checkpoint of
that method, `load(folder, card, *, trunk, device)`. The page lists them in this order. Nothing is
imported until a checkpoint is asked for.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

METHODS: dict[str, str] = {
    "clip": "xmr_core.methods.clip.files:load",
    "hmmc": "xmr_core.methods.hmmc.files:load",
    "mlcmr": "xmr_core.methods.mlcmr.model:load",
    "nrccr": "xmr_core.methods.nrccr.model:load",
    "cmpl": "xmr_core.methods.cmpl.model:load",
    "cmfh": "xmr_core.methods.cmfh.encoder:load",
    "triplet": "xmr_core.methods.triplet.model:load",
}


def loader(method: str) -> Callable[..., Any]:
    """The function that loads checkpoints of `method`.

    Raises:
        ValueError: There is no such method; the message lists those that there are.
    """
    if method not in METHODS:
        raise ValueError(f"no method {method!r}; there are: {', '.join(METHODS)}")
    module, function = METHODS[method].split(":")
    return getattr(import_module(module), function)
