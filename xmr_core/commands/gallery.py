"""Galleries as things to fetch, give away and look at."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tyro

from xmr_core.commands.output import print_json
from xmr_core.errors import XmrError, plain

if TYPE_CHECKING:
    from xmr_core.gallery import Gallery


def gallery(
    action: tyro.conf.Positional[Literal["pull", "publish", "verify", "show"]],
    name: tyro.conf.Positional[str],
    *,
    to: str = "",
    licence: str = "",
    with_media: bool = False,
    private: bool = False,
) -> None:
    """Fetches, publishes, verifies and shows galleries.

    Args:
        action: What to do.
        name: A folder, or an address on the Hugging Face Hub, `hf://owner/name@REVISION`. With
            pull, a folder is a copy of such a repository, whose pictures are unpacked there.
        to: With publish: `owner/name` on the Hub.
        licence: With publish: of the pictures, captions and videos, as a name such as cc-by-4.0.
        with_media: With publish: uploads the videos too; say their licence.
        private: With publish: a new repository is private.
    """
    from xmr_core.hub.pictures import PICTURES, unpack_pictures

    if action == "publish":
        _publish(name, to, licence, with_media, private)
        return
    address, folder = _place(name)
    if action == "show":
        _show(folder)
        return
    cloned = action == "pull" and (folder / PICTURES).is_file()  # the repository, by other means
    loaded = _verified(folder, from_hub=_is_address(name) or cloned)
    if cloned:
        unpack_pictures(folder / PICTURES, folder)
    card = loaded.card
    maker = plain(card.checkpoint_id)
    print(f"{plain(card.name)}: {len(loaded):,} clips, made by the checkpoint {maker}")
    print(f"  in {folder}")
    if action == "verify":
        print("  checksums, ids and paths are in order")
    else:
        print(f"  use it: xmr search, similar, describe or explain, with --gallery {address}")
        print(f"          and the checkpoint that made it: --checkpoint {maker}")


def _place(name: str) -> tuple[str, Path]:
    """The name with its revision, and its folder."""
    from xmr_core.commands.remote import fetched_gallery
    from xmr_core.hub import gallery_folder, parse_address

    if not _is_address(name):
        return name, Path(name).expanduser()
    name = fetched_gallery(name)
    return name, gallery_folder(parse_address(name, "dataset"))


def _is_address(name: str) -> bool:
    from xmr_core.hub import is_address

    return is_address(name)


def _verified(folder: Path, *, from_hub: bool) -> "Gallery":
    from xmr_core.gallery import Gallery
    from xmr_core.gallery.foreign import check_clips, check_foreign

    loaded = Gallery.load(folder)
    (check_foreign if from_hub else check_clips)(loaded)  # our own may have its videos elsewhere
    return loaded


def _show(folder: Path) -> None:
    from xmr_core.gallery import Gallery

    loaded = Gallery.load(folder, verify=False)
    parts = {name: [str(part.dtype), *part.shape] for name, part in loaded.parts.items()}
    captions = sum(len(clip.captions) for clip in loaded.clips)
    print_json({**asdict(loaded.card), "parts": parts, "captions": captions})


def _publish(name: str, to: str, licence: str, with_media: bool, private: bool) -> None:
    from tqdm import tqdm

    from xmr_core.publish.gallery import publish_gallery

    if not to:
        raise XmrError("say where to: xmr gallery publish FOLDER --to owner/name")
    if with_media and not licence:
        raise XmrError("--with-media gives the videos away: say under which --licence you may")
    if _is_address(name):
        raise XmrError(f"{name} is on the Hub already; give a folder")
    address = publish_gallery(
        Path(name).expanduser(),
        to,
        licence=licence,
        with_media=with_media,
        private=private,
        progress=tqdm,
    )
    print(f"published {'with' if with_media else 'without'} its videos; pin it as {address}")
