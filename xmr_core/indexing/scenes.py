"""The gallery of the bundled clips: their embeddings by one checkpoint."""

import os
from pathlib import Path

from xmr_core.checkpoints import (
    checkpoint_folder,
    find_card,
    load_checkpoint,
    load_trunk,
    trunk_card,
)
from xmr_core.datasets.scenes.dataset import bundled_root, load_clips
from xmr_core.encoder import VideoEncoder
from xmr_core.errors import GalleryError, GalleryMismatchError
from xmr_core.gallery import Gallery
from xmr_core.indexing.videos import Source, index_videos
from xmr_core.media.worker import MediaReader
from xmr_core.progress import Progress, no_progress


def index_scenes(
    encoder: VideoEncoder,
    out: Path,
    checkpoint_sha256: str = "",
    *,
    root: Path | None = None,
    progress: Progress = no_progress,
) -> Gallery:
    """Writes a gallery of the 1,000 bundled clips with their captions.

    Args:
        encoder: What embeds the frames.
        out: Folder of the gallery.
        checkpoint_sha256: Of the encoder's weights.
        root: Folder of the clips; the bundled one by default.
        progress: Counts the clips.
    """
    root = root or bundled_root()
    sources = [Source(root / clip.video, clip) for clip in load_clips(root)]
    with MediaReader(1) as reader:
        gallery = index_videos(
            sources,
            encoder,
            out,
            reader=reader,
            media_root=os.path.relpath(root, out),  # so that both can be moved together
            checkpoint_sha256=checkpoint_sha256,
            name="scenes",
            progress=progress,
        )
    return gallery.save(out)  # without posters: better ones lie beside the clips


def scenes_gallery(
    encoder: VideoEncoder,
    out: Path,
    checkpoint_sha256: str = "",
    *,
    progress: Progress = no_progress,
) -> Gallery:
    """The gallery of the bundled clips at `out`, made anew unless this checkpoint made it."""
    try:
        gallery = Gallery.load(out)
        gallery.require(encoder.id, checkpoint_sha256)
    except (GalleryError, GalleryMismatchError):
        return index_scenes(encoder, out, checkpoint_sha256, progress=progress)
    return gallery


def scenes_for(
    checkpoint: str, *, progress: Progress = no_progress
) -> tuple[VideoEncoder, Gallery]:
    """A checkpoint, and the bundled clips as it embeds them.

    A head embeds the frame features in its trunk's gallery, so one gallery serves all heads. A
    checkpoint without a bundled gallery gets one in its own folder, at the first call.

    Args:
        checkpoint: A bundled checkpoint or a folder.
        progress: Counts the clips, where they have to be embedded.
    """
    encoder, sha256 = load_checkpoint(checkpoint)
    card = find_card(checkpoint)
    about = trunk_card(card) if card else None
    trunk = load_trunk(card) if card else None
    if about is not None and trunk is not None:
        out = bundled_root() / "galleries" / about.id
        return encoder, scenes_gallery(trunk, out, about.sha256, progress=progress).with_head(
            encoder
        )
    folder = checkpoint_folder(checkpoint)
    bundled = bundled_root() / "galleries" / checkpoint
    out = bundled if bundled.is_dir() or folder is None else folder / "gallery"
    return encoder, scenes_gallery(encoder, out, sha256, progress=progress)
