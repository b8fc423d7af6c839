"""Making galleries."""

from pathlib import Path
from typing import Literal

import tyro

from xmr_core.errors import XmrError


def index(
    folder: tyro.conf.Positional[Path | None] = None,
    *,
    out: Path,
    data: Literal["scenes"] | None = None,
    checkpoint: str = "scenes-clip",
) -> None:
    """Makes a searchable gallery of all videos and images below a folder; resumes if stopped.

    Args:
        folder: Where the videos are; not needed with --data.
        out: Folder of the new gallery.
        data: A data set instead of a folder.
        checkpoint: Which model embeds them.
    """
    from tqdm import tqdm

    from xmr_core.checkpoints import load_checkpoint
    from xmr_core.commands.remote import fetched_checkpoint
    from xmr_core.indexing import index_folder
    from xmr_core.indexing.scenes import index_scenes

    if (folder is None) == (data is None):
        raise XmrError("give either a folder or --data scenes")
    encoder, sha256 = load_checkpoint(fetched_checkpoint(checkpoint))
    if folder is None:
        gallery = index_scenes(encoder, out, sha256, progress=tqdm)
    else:
        gallery = index_folder(folder, encoder, out, checkpoint_sha256=sha256, progress=tqdm)
    print(f"{len(gallery):,} clips in {out}; {len(gallery.card.bad_files)} files could not be read")
    for bad in gallery.card.bad_files:
        print(f"  {bad.path}: {bad.reason}")
