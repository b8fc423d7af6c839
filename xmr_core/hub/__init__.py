"""The Hugging Face Hub: checkpoints and galleries by address, at a pinned revision.

Everything goes through `huggingface_hub`: its cache, its tokens, HF_ENDPOINT, HF_HUB_OFFLINE.
Checkpoints are model repositories in the layout of `checkpoints/<id>/`, galleries are data set
repositories in the layout of a gallery. Nothing here imports `huggingface_hub` before it is needed.
"""

from xmr_core.hub.address import HubAddress, is_address, parse_address
from xmr_core.hub.fetching import (
    cached_revisions,
    fetch,
    fetch_source,
    pinned,
    resolve,
    verify_source,
)
from xmr_core.hub.galleries import gallery_folder
from xmr_core.hub.listing import is_safe_name
from xmr_core.hub.models import card_folder, model_folder

__all__ = [
    "HubAddress",
    "cached_revisions",
    "card_folder",
    "fetch",
    "fetch_source",
    "gallery_folder",
    "is_address",
    "is_safe_name",
    "model_folder",
    "parse_address",
    "pinned",
    "resolve",
    "verify_source",
]
