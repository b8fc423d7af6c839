"""Making galleries."""

from pathlib import Path
from typing import Literal

import tyro

from xmr_core.commands.published import DataOptions, index_data
from xmr_core.errors import XmrError, plain

_NO_DATA = DataOptions()


def index(
    folder: tyro.conf.Positional[Path | None] = None,
    *,
    out: Path,
    data: str | None = None,
    checkpoint: str = "scenes-clip",
    cut: Literal["none", "windows", "shots"] = "windows",
    options: tyro.conf.OmitArgPrefixes[DataOptions] = _NO_DATA,
) -> None:
    """Makes a searchable gallery of all videos and images below a folder; resumes if stopped.

    Over a gallery of the same folder only what has changed is read.

    Args:
        folder: Where the videos are; not needed with --data.
        out: Folder of the new gallery.
        data: A data set instead of a folder: "scenes", or a published one of `xmr data list`.
        checkpoint: Which model embeds them, or made the features that are given.
        cut: How videos of more than a minute become several clips: windows of 20 seconds, shots
            of the camera, or not at all.
        options: With --data.
    """
    from tqdm import tqdm

    from xmr_core.checkpoints import load_checkpoint
    from xmr_core.commands.remote import fetched_checkpoint
    from xmr_core.indexing import index_folder
    from xmr_core.indexing.scenes import index_scenes
    from xmr_core.media.cuts import Cutting

    if (folder is None) == (data is None):
        raise XmrError("give either a folder or --data NAME")
    if data not in (None, "scenes"):
        index_data(data, checkpoint, out, options)
        return
    if options != _NO_DATA:
        raise XmrError(
            "--root, --split, --media, --frames, --features go with a published data set"
        )
    encoder, sha256 = load_checkpoint(fetched_checkpoint(checkpoint))
    if folder is None:
        gallery = index_scenes(encoder, out, sha256, progress=tqdm)
    else:
        gallery = index_folder(folder, encoder, out, sha256, cutting=Cutting(cut), progress=tqdm)
    card = gallery.card
    if card.note:
        print(card.note)
    if card.changes:
        print("files: " + ", ".join(f"{count:,} {name}" for name, count in card.changes.items()))
    print(f"{len(gallery):,} clips in {out}; {len(card.bad_files)} files could not be read")
    for bad in card.bad_files:
        print(f"  {plain(bad.path)}: {plain(bad.reason)}")
