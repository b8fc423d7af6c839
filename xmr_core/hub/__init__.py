"""The Hugging Face Hub: checkpoints and galleries by address, at a pinned revision.

Everything goes through `huggingface_hub`: its cache, its tokens, HF_ENDPOINT, HF_HUB_OFFLINE.
Checkpoints are model repositories in the layout of `checkpoints/<id>/`, galleries are data set
repositories in the layout of a gallery. Nothing here imports `huggingface_hub` before it is needed.
"""

from xmr_core.hub.address import HubAddress, is_address, parse_address
from xmr_core.hub.fetching import cached_revisions, fetch, fetch_source, pinned, resolve

__all__ = [
    "HubAddress",
    "cached_revisions",
    "fetch",
    "fetch_source",
    "is_address",
    "parse_address",
    "pinned",
    "resolve",
]
