"""A checkpoint and a gallery, opened: what an Engine asks with and what it asks.

Everything heavy is made at its first use, once, whoever comes first; a gallery is read once for all
heads that search it.
"""

from functools import cached_property, lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from xmr_core.datasets.scenes.dataset import bundled_root
from xmr_core.errors import GalleryError
from xmr_core.gallery.captions import is_caption_part
from xmr_core.types import Caption, CheckpointCard

if TYPE_CHECKING:
    from xmr_core.encoder import DualEncoder, Embeddings
    from xmr_core.explain import Explainer
    from xmr_core.filters import ClipTable
    from xmr_core.gallery import Gallery
    from xmr_core.media.worker import MediaReader
    from xmr_core.sources import NamedClips

SCENES = bundled_root()
_FEW_CAPTIONS = 3000
"""More take a processor minutes, which whoever searches meanwhile would feel."""


class Opened:
    """See the module; arguments as of `Engine`.

    Attributes:
        checkpoint: Name of the checkpoint as it was asked for; an address has its revision.
        card: What is known about the checkpoint; None for one without a card of ours.
        stored: The gallery as it is on disk.
    """

    def __init__(self, checkpoint: str, gallery: str) -> None:
        from xmr_core.checkpoints import find_card
        from xmr_core.hub import pinned

        self.checkpoint = checkpoint = pinned(checkpoint, "model")  # one revision for all its files
        self.card: CheckpointCard | None = find_card(checkpoint)
        self._lock = RLock()
        self._captions_lock = RLock()  # embedding all captions takes seconds: nobody else waits
        trunk = self.card.trunk if self.card else ""
        self.stored: Gallery = _load_gallery(_gallery_folder(gallery, checkpoint, trunk))

    @cached_property
    def _loaded(self) -> "tuple[DualEncoder, str]":
        from xmr_core.checkpoints import load_checkpoint

        with self._lock:
            if "_loaded" in self.__dict__:  # another thread was quicker
                return self.__dict__["_loaded"]
            encoder, sha256 = load_checkpoint(self.checkpoint)
            self._check(encoder, sha256)
            return self.__dict__.setdefault("_loaded", (encoder, sha256))

    def _check(self, encoder: "DualEncoder", sha256: str) -> None:
        """Raises `GalleryMismatchError` if another checkpoint made the gallery."""
        from xmr_core.checkpoints import trunk_card

        trunk = trunk_card(self.card) if self.card else None
        if trunk is None or self.stored.card.checkpoint_id == encoder.id:
            self.stored.require(encoder.id, sha256)
        else:
            self.stored.require(trunk.id, trunk.sha256)

    def over(self, folder: Path) -> "Opened":
        """The same checkpoint, with the weights that are loaded, over another gallery.

        Raises:
            GalleryError: There is none.
            GalleryMismatchError: Another checkpoint made it.
        """
        from xmr_core.gallery import Gallery

        other = object.__new__(type(self))
        other.checkpoint, other.card = self.checkpoint, self.card
        other._lock, other._captions_lock = RLock(), RLock()
        # Not among the shared ones: a private gallery shall not outlive its visitor in memory.
        other.stored = Gallery.load(folder)
        # Only what belongs to the checkpoint is kept; all else is of the gallery and made anew.
        other.__dict__ |= {"_loaded": self._loaded, "explainer": self.explainer}
        other._check(*self._loaded)
        return other

    @property
    def encoder(self) -> "DualEncoder":
        """The checkpoint's encoder; loading it fails if another checkpoint made the gallery."""
        return self._loaded[0]

    @property
    def weights_sha256(self) -> str:
        """Of its weights; "" where only the hub knows it."""
        return self._loaded[1]

    @cached_property
    def gallery(self) -> "Gallery":
        """The gallery as this checkpoint embeds it: a head embeds its trunk's frame features."""
        with self._lock:
            if "gallery" in self.__dict__:
                return self.__dict__["gallery"]
            made_by_itself = self.stored.card.checkpoint_id == self.encoder.id
            headed = self.card is not None and self.card.trunk and not made_by_itself
            own = self.stored.with_head(self.encoder) if headed else self.stored
            return self.__dict__.setdefault("gallery", own)

    @cached_property
    def table(self) -> "ClipTable":
        """What filters ask of the clips."""
        from xmr_core.filters import ClipTable

        with self._lock:
            return self.__dict__.setdefault("table", ClipTable(self.stored.clips))

    @cached_property
    def explainer(self) -> "Explainer":
        """What explains its scores."""
        from xmr_core.explain import Explainer

        with self._lock:
            return self.__dict__.setdefault("explainer", Explainer(self.encoder))

    @cached_property
    def named(self) -> "NamedClips":
        """The gallery's clips by what people call them."""
        from xmr_core.sources import NamedClips

        with self._lock:
            return self.__dict__.setdefault("named", NamedClips(self.stored.clips))

    @property
    def reader(self) -> "MediaReader":
        """What decodes files, in processes of their own; all methods share them."""
        return _shared_reader()

    @property
    def captions_come_quickly(self) -> bool:
        """Whether there are captions, and few enough to embed them before anybody asks."""
        number = sum(bool(clip.captions) for clip in self.stored.clips)
        return 0 < number <= _FEW_CAPTIONS or any(map(is_caption_part, self.stored.parts))

    @cached_property
    def captions(self) -> "tuple[tuple[Caption, ...], tuple[str, ...], Embeddings]":
        """The first caption in each language of every clip, whose it is, and its embedding."""
        from xmr_core.encoder import encode_texts
        from xmr_core.gallery import first_captions, stored_captions

        with self._captions_lock:
            if "captions" in self.__dict__:
                return self.__dict__["captions"]
            clips, name = self.stored.clips, self.stored.card.name
            rows = first_captions(clips)
            if not rows:
                raise GalleryError(
                    f"The gallery '{name}' has no captions to describe a video with."
                )
            made_by_itself = self.stored.card.checkpoint_id == self.encoder.id
            texts = stored_captions(self.stored.parts, rows) if made_by_itself else None
            if texts is None:
                texts = encode_texts(self.encoder, [caption.text for _, caption in rows])
            captions = tuple(caption for _, caption in rows)
            value = (captions, tuple(clips[row].id for row, _ in rows), texts)
            return self.__dict__.setdefault("captions", value)


def _gallery_folder(name: str, checkpoint: str, trunk: str) -> Path:
    """Where a gallery is: bundled ones keep the frame features of each bundled trunk."""
    from xmr_core.hub import gallery_folder, is_address, parse_address

    if is_address(name):
        return gallery_folder(parse_address(name, "dataset"))
    if name != "scenes":
        return Path(name).expanduser()
    folder = SCENES / "galleries" / (trunk or checkpoint)
    if not folder.is_dir() or "/" in checkpoint:
        raise GalleryError(
            f"The bundled gallery has no embeddings of the checkpoint '{checkpoint}'; make them"
            f" with: xmr index --data scenes --checkpoint {checkpoint} --out GALLERY"
        )
    return folder


def _load_gallery(folder: Path) -> "Gallery":
    """A gallery as it is on the disk now."""
    from xmr_core.gallery import Gallery

    card = folder / "card.json"
    if not card.is_file():
        return Gallery.load(folder)  # which says what is missing
    return _shared(folder.resolve(), card.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _shared(folder: Path, changed_ns: int) -> "Gallery":
    """A gallery, read once however many heads search it; the time tells versions apart."""
    from xmr_core.gallery import Gallery

    return Gallery.load(folder)


@lru_cache(maxsize=1)
def _shared_reader() -> "MediaReader":
    """Two processes that decode, however many methods there are: each takes 0.1 GB.

    Two, so that one hard file does not keep all visitors waiting.
    """
    from xmr_core.media.worker import MediaReader

    return MediaReader(workers=2)
