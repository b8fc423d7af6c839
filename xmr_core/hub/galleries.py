"""Galleries on the Hub: fetched, checked, and put together as an ordinary folder.

The files come through `huggingface_hub`'s cache; the folder beside it has real files, because a
page serves nothing that is a link to somewhere else.
"""

import os
import re
import shutil
from pathlib import Path
from uuid import uuid4

from xmr_core.errors import HubError
from xmr_core.gallery import Gallery
from xmr_core.gallery.foreign import check_foreign
from xmr_core.hub.address import HubAddress
from xmr_core.hub.fetching import fetch, resolve
from xmr_core.hub.listing import list_files
from xmr_core.hub.pictures import PICTURE_NAME, PICTURES, is_webp, unpack_pictures
from xmr_core.progress import Progress, no_progress

NEEDED = ("card.json", "items.jsonl", "embeddings.safetensors")
MEDIA = "media"
MEDIA_NAME = re.compile(
    rf"{MEDIA}/.+\.(mp4|m4v|mov|mkv|webm|avi|mpg|mpeg|jpg|jpeg|png|webp)", re.IGNORECASE
)


def gallery_folder(address: HubAddress, progress: Progress = no_progress) -> Path:
    """Fetches a gallery, checks it, and returns its folder.

    Raises:
        HubError: It cannot be had, or the repository holds no gallery.
        GalleryError: It is damaged, or points outside its own folder.
    """
    address = resolve(address)
    folder = _place(address)
    if (folder / NEEDED[0]).is_file():
        return folder
    names = [file.name for file in list_files(address) if _belongs(file.name)]
    if absent := [name for name in NEEDED if name not in names]:
        raise HubError(f"{address} holds no gallery: it has no {', '.join(absent)}")
    fetched = fetch(address, dict.fromkeys(names, ""), progress)
    draft = folder.with_name(f".{uuid4().hex}")
    try:
        _assemble(fetched, names, draft)
        check_foreign(Gallery.load(draft))
        try:
            draft.rename(folder)
        except OSError:
            if not (folder / NEEDED[0]).is_file():  # else another process was quicker
                raise
    except OSError as error:
        raise HubError(f"{address} cannot be put together in {folder}: {error}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _belongs(name: str) -> bool:
    """Whether a file of the repository is part of a gallery."""
    return (
        name in (*NEEDED, PICTURES)
        or PICTURE_NAME.fullmatch(name) is not None
        or MEDIA_NAME.fullmatch(name) is not None
    )


def _assemble(fetched: Path, names: list[str], draft: Path) -> None:
    draft.mkdir(parents=True)
    for name in names:
        if name == PICTURES:
            unpack_pictures(fetched / name, draft)
            continue
        source, target = (fetched / name).resolve(), draft / name
        if PICTURE_NAME.fullmatch(name) and not is_webp(source.read_bytes()):
            raise HubError(f"{name} is no WebP picture")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)  # no second copy where the file system can do that
        except OSError:
            shutil.copyfile(source, target)


def _place(address: HubAddress) -> Path:
    from huggingface_hub import cached_assets_path

    try:
        folder = cached_assets_path("xmr", "galleries", address.repo.replace("/", "--"))
    except OSError as error:
        raise HubError(f"no folder for galleries: {error}; set HF_HOME to one") from error
    return folder / address.revision
