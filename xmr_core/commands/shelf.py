"""The checkpoints on the shelf: listing, verifying, converting published ones."""

from dataclasses import asdict
from typing import Literal

import tyro

from xmr_core.commands.output import print_json
from xmr_core.errors import XmrError


def checkpoints(
    action: tyro.conf.Positional[Literal["list", "show", "verify"]] = "list",
    checkpoint: tyro.conf.Positional[str] = "",
) -> None:
    """Lists the bundled checkpoints, shows one card, or verifies checksums.

    Args:
        action: What to do.
        checkpoint: Which one; all by default.
    """
    from xmr_core.checkpoints import (
        bundled_checkpoints,
        checkpoint_folder,
        read_card,
        verify_checkpoint,
    )

    names = [checkpoint] if checkpoint else [card.id for card in bundled_checkpoints()]
    for name in names:
        folder = checkpoint_folder(name)
        if folder is None:
            raise XmrError(f"no checkpoint {name!r}; see: xmr checkpoints list")
        card = verify_checkpoint(folder) if action == "verify" else read_card(folder)
        if action == "show":
            print_json(asdict(card))
        else:
            verified = f"  sha256 {card.sha256[:12]}... verified" if action == "verify" else ""
            print(f"{card.id:<16} {card.method:<8} {card.title}{verified}")
