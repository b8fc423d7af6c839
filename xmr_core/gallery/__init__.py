"""A gallery: clips with their embeddings, and a card that says what made them.

On disk it is a folder:

    card.json               GalleryCard: checkpoint, shapes, bad files, checksums of the other files
    items.jsonl             one Clip per line
    embeddings.safetensors  named parts, axis 0 = items
    files.json              of a user's own folder: the files it was made from, to go on from there
    posters/<id>.webp       still pictures, where there are any
    stills/<id>.<n>.webp    up to three small frames, where there are any

A folder appears whole or not at all: it is written under another name and renamed. Embeddings are
memory-mapped, and nothing here imports torch until a method wants tensors.
"""

from xmr_core.gallery.captions import caption_parts, first_captions, stored_captions
from xmr_core.gallery.card import BadFile, DataOrigin, GalleryCard, Seen
from xmr_core.gallery.files import recover_folder
from xmr_core.gallery.items import clip_from_dict
from xmr_core.gallery.store import Gallery, check_writable, is_gallery

__all__ = [
    "BadFile",
    "DataOrigin",
    "Gallery",
    "GalleryCard",
    "Seen",
    "caption_parts",
    "check_writable",
    "clip_from_dict",
    "first_captions",
    "is_gallery",
    "recover_folder",
    "stored_captions",
]
