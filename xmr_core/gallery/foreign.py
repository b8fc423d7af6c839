"""Galleries that somebody else made: what must hold before one is used or given away.

A gallery names files, links and sentences that end up in a page. `Gallery.load` checks that its
files fit together; this checks that nothing in it reaches outside its own folder.
"""

import math
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from xmr_core.errors import GalleryError
from xmr_core.gallery.card import GalleryCard
from xmr_core.gallery.store import SAFE_ID, Gallery
from xmr_core.types import Clip

LONGEST_TEXT = 10_000  # characters


def check_foreign(gallery: Gallery) -> None:
    """Checks a gallery from outside.

    Raises:
        GalleryError: It points outside its own folder, or holds what no gallery should; the message
            says which clip.
    """
    problem = _card_problem(gallery.card)
    if problem:
        raise GalleryError(f"The gallery '{gallery.card.name}' cannot be trusted: {problem}.")
    check_clips(gallery)


def check_clips(gallery: Gallery) -> None:
    """The part of `check_foreign` that is about the clips.

    Raises:
        GalleryError: As above.
    """
    for clip in gallery.clips:
        if problem := _clip_problem(clip):
            raise GalleryError(
                f"The gallery '{gallery.card.name}' cannot be trusted: the clip '{clip.id}'"
                f" {problem}."
            )


def is_inside(path: str) -> bool:
    """Whether a relative path stays in the folder that it starts from, on any system."""
    parts = PurePosixPath(path)
    outside = parts.is_absolute() or ".." in parts.parts
    return not outside and path.isprintable() and not set(path) & set("\\:")


def _card_problem(card: GalleryCard) -> str | None:
    texts = (card.name, card.checkpoint_id, card.checkpoint_sha256, card.created, card.media_root)
    if not all(_is_text(text) for text in (*texts, card.note)):
        return "a field of its card is no text"
    if not isinstance(card.changes, dict) or not all(map(_is_finite, card.changes.values())):
        return "what it says of its changes are no numbers"
    if not is_inside(card.media_root):
        return f"its media folder {card.media_root!r} is outside of it"
    if not all(_is_text(bad.path) and _is_text(bad.reason) for bad in card.bad_files):
        return "its list of unreadable files is not one"
    return None


def _clip_problem(clip: Clip) -> str | None:
    texts = [clip.video, *(text for c in clip.captions for text in (c.text, c.language))]
    texts += [text for text in (clip.action, clip.category, clip.url) if text is not None]
    numbers = [clip.start_s, clip.end_s]
    numbers += [number for number in (clip.source_start_s, clip.modified) if number is not None]
    if not all(_is_text(text) for text in texts):
        return "has a text that is none or is too long"
    if not all(_is_finite(number) for number in numbers):
        return "has a time that is no number"
    if not isinstance(clip.gone, bool):
        return "does not say whether its source is gone"
    if not is_inside(clip.video):
        return f"points outside the media folder with {clip.video[:80]!r}"
    if clip.url is not None and urlsplit(clip.url).scheme not in ("http", "https"):
        return f"has the link {clip.url[:80]!r}, which is no web address"
    if clip.duplicate_of is not None and not _is_id(clip.duplicate_of):
        return f"repeats a clip {str(clip.duplicate_of)[:80]!r}, which is no id"
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_id(value: object) -> bool:
    return isinstance(value, str) and SAFE_ID.fullmatch(value) is not None


def _is_finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)
