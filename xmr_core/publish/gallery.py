"""A gallery's folder becomes a data set repository."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from xmr_core.errors import GalleryError
from xmr_core.files import checksum
from xmr_core.gallery import Gallery
from xmr_core.gallery.foreign import check_clips
from xmr_core.gallery.store import CARD, EMBEDDINGS, ITEMS
from xmr_core.hub.address import HubAddress
from xmr_core.hub.galleries import MEDIA, MEDIA_NAME
from xmr_core.hub.pictures import PICTURES, pack_pictures
from xmr_core.progress import Progress, no_progress
from xmr_core.publish.readme import gallery_readme
from xmr_core.publish.upload import upload


def publish_gallery(
    folder: Path,
    repo: str,
    *,
    licence: str,
    with_media: bool = False,
    private: bool = False,
    progress: Progress = no_progress,
) -> HubAddress:
    """Uploads a gallery: its clips, embeddings and pictures, and its videos only when asked to.

    The published card says nothing about this machine: its media folder is one of its own, and what
    is known about files (those that could not be read, those that changed) stays here.

    Args:
        folder: Of the gallery.
        repo: `owner/name`.
        licence: Of pictures, captions and videos; "" where it is not known.
        with_media: Uploads the videos too; whoever does so must have the right to.
        private: A new repository is private.
        progress: Told the steps of the upload.

    Returns:
        Its address, with the revision to pin.

    Raises:
        GalleryError: It is damaged, or reaches outside its folder, or a video is asked for that is
            not there.
        HubError: The Hub does not take it.
    """
    address = HubAddress("dataset", repo)
    gallery = Gallery.load(folder)
    check_clips(gallery)
    media: dict[str, Path | bytes] = _media(gallery) if with_media else {}
    with TemporaryDirectory() as temporary:
        files: dict[str, Path | bytes] = {ITEMS: folder / ITEMS, EMBEDDINGS: folder / EMBEDDINGS}
        pictures = _pictures(gallery)
        if pictures:
            packed = Path(temporary) / PICTURES
            pack_pictures(pictures, packed)
            files[PICTURES] = packed
        checksums = {name: checksum(folder / name) for name in (ITEMS, EMBEDDINGS)}
        card = replace(
            gallery.card, media_root=MEDIA, bad_files=(), changes={}, checksums=checksums
        )
        files[CARD] = json.dumps(asdict(card), ensure_ascii=False, indent=1).encode("utf-8")
        readme = gallery_readme(card, address, licence, len(pictures), len(media))
        files["README.md"] = readme.encode("utf-8")
        message = f"Gallery {card.name}"
        return upload(address, files | media, message, private=private, progress=progress)


def _pictures(gallery: Gallery) -> dict[str, Path]:
    """Posters and stills by their names in a gallery, wherever they lie now."""
    found: dict[str, Path] = {}
    for clip in gallery.clips:
        if poster := gallery.poster_path(clip.id):
            found[f"posters/{clip.id}.webp"] = poster
        for n, still in enumerate(gallery.still_paths(clip.id)):
            found[f"stills/{clip.id}.{n}.webp"] = still
    return found


def _media(gallery: Gallery) -> dict[str, Path | bytes]:
    """The videos by their names in the repository."""
    found: dict[str, Path | bytes] = {}
    for clip in gallery.clips:
        name, path = f"{MEDIA}/{clip.video}", gallery.media_path(clip)
        if not path.is_file():
            raise GalleryError(
                f"The video of the clip '{clip.id}' is not here ({clip.video}); publish the gallery"
                " without --with-media, or put it back."
            )
        if not MEDIA_NAME.fullmatch(name):
            raise GalleryError(f"{clip.video} is of no kind of video that a gallery publishes.")
        found[name] = path
    return found
