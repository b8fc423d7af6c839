"""Galleries in memory and on disk."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import GalleryError, GalleryMismatchError
from xmr_core.files import checksum
from xmr_core.gallery.captions import is_caption_part
from xmr_core.gallery.card import GalleryCard, card_from_json
from xmr_core.gallery.files import map_parts, write_folder
from xmr_core.gallery.items import clip_from_dict, clip_to_dict
from xmr_core.types import Clip

if TYPE_CHECKING:
    from xmr_core.encoder import Embeddings, VideoEncoder

CARD, ITEMS, EMBEDDINGS, POSTERS = "card.json", "items.jsonl", "embeddings.safetensors", "posters"
STILLS, STILLS_PER_CLIP = "stills", 3
SAFE_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")

_ALL = slice(None)
_NONSENSE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
_VIDEOS_AT_ONCE = 256

Parts = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Gallery:
    """Clips and their embeddings.

    Attributes:
        card: What made it.
        clips: In the order of the embeddings.
        parts: Embeddings by name, axis 0 = clips: "global" (clips, d) float32; "frames"
            (clips, frames, d) float16 and "mask" (clips, frames); "code"; and whatever else
            the method's score needs.
        folder: Where it was loaded from; None for one that is only in memory.
    """

    card: GalleryCard
    clips: tuple[Clip, ...]
    parts: Parts
    folder: Path | None = None

    def __post_init__(self) -> None:
        """Checks that card, clips and embeddings agree.

        Raises:
            GalleryError: They do not.
        """
        problem = _disagreement(self)
        if problem:
            raise GalleryError(f"The gallery '{self.card.name}' is damaged: {problem}.")

    def __len__(self) -> int:
        return len(self.clips)

    @classmethod
    def load(cls, path: str | Path, *, verify: bool = True) -> Self:
        """Reads a gallery; embeddings stay on disk until they are used.

        Args:
            path: Folder of the gallery.
            verify: Compares checksums, which reads every file once.

        Raises:
            GalleryError: It is missing, damaged or of a newer format.
        """
        folder = Path(path)
        while True:
            card_text = _read_card(folder)
            try:
                return cls._load(folder, card_text, verify=verify)
            except GalleryError:
                # Replaced by a newer gallery between two reads? Then read that one.
                if _read_card(folder) == card_text:
                    raise

    @classmethod
    def _load(cls, folder: Path, card_text: str, *, verify: bool) -> Self:
        try:
            card = card_from_json(card_text)
            for name in (ITEMS, EMBEDDINGS):
                if verify and checksum(folder / name) != card.checksums[name]:
                    raise ValueError(f"{name} is not the file that its card describes")
            # Not splitlines(): a caption may hold other line separators of Unicode.
            lines = (folder / ITEMS).read_text(encoding="utf-8").split("\n")
            clips = tuple(clip_from_dict(json.loads(line)) for line in lines if line)
            parts = map_parts(folder / EMBEDDINGS)
        except OSError as error:
            missing = Path(error.filename or folder).name
            raise GalleryError(
                f"The gallery {folder} is damaged: {missing} cannot be read ({error.strerror}). "
                "Copy or index it again."
            ) from error
        except _NONSENSE as error:
            raise GalleryError(
                f"The gallery {folder} is damaged: {error}. Copy or index it again."
            ) from error
        return cls(card, clips, parts, folder)

    def save(
        self,
        path: str | Path,
        posters: Mapping[str, Path] | None = None,
        stills: Mapping[str, Sequence[Path]] | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> "Gallery":
        """Writes the gallery, replacing one that is there; a reader sees the old or the new one.

        Args:
            path: Folder to write.
            posters: Picture files by clip id, copied into the gallery.
            stills: Up to three small frames by clip id, in order of time, copied likewise.
            texts: Other files to keep, by name.

        Returns:
            The gallery as it is on disk.

        Raises:
            GalleryError: Something that is not a gallery is in the way.
        """
        folder = Path(path)
        check_writable(folder)
        lines = [json.dumps(clip_to_dict(clip), ensure_ascii=False) for clip in self.clips]

        pictures = {f"{POSTERS}/{name}.webp": file for name, file in (posters or {}).items()}
        for name, files in (stills or {}).items():
            for n, file in enumerate(files[:STILLS_PER_CLIP]):
                pictures[f"{STILLS}/{name}.{n}.webp"] = file

        def write_card(checksums: dict[str, str]) -> str:
            return json.dumps(
                asdict(replace(self.card, checksums=checksums)), ensure_ascii=False, indent=1
            )

        write_folder(
            folder,
            texts={ITEMS: "".join(f"{line}\n" for line in lines), **(texts or {})},
            tensors={EMBEDDINGS: self.parts},
            pictures=pictures,
            seal=(CARD, write_card),
        )
        return Gallery.load(folder, verify=False)

    def require(self, checkpoint_id: str, weights_sha256: str) -> None:
        """Checks that a checkpoint may search this gallery: the same weights made it.

        Raises:
            GalleryMismatchError: Another one did; the message names both.
        """
        made = self.card
        if made.checkpoint_sha256 and weights_sha256:
            same = made.checkpoint_sha256 == weights_sha256
        else:
            same = made.checkpoint_id == checkpoint_id
        if not same:
            raise GalleryMismatchError(
                f"The gallery '{made.name}' was made by the checkpoint '{made.checkpoint_id}' "
                f"({_short(made.checkpoint_sha256)}), not by '{checkpoint_id}' "
                f"({_short(weights_sha256)}). Search it with '{made.checkpoint_id}', or index "
                f"the videos again with '{checkpoint_id}'."
            )

    def embeddings(self, rows: slice | NDArray[np.int64] = _ALL) -> "Embeddings":
        """The embeddings of some clips as tensors, floats as float32, for a method's `score`."""
        import torch

        from xmr_core.encoder import Embeddings

        chosen = {
            name: torch.from_numpy(part[rows])
            for name, part in self.parts.items()
            if not is_caption_part(name)
        }
        return Embeddings(
            {
                name: part.float() if part.is_floating_point() else part
                for name, part in chosen.items()
            }
        )

    def with_head(self, encoder: "VideoEncoder") -> "Gallery":
        """The same clips, embedded by another head over the stored frame features; in memory.

        Args:
            encoder: A method whose frame features are those of the checkpoint that made this
                gallery.

        Raises:
            GalleryError: The gallery keeps no frame features.
        """
        import torch

        if not {"frames", "features"} & set(self.parts):
            raise GalleryError(f"The gallery '{self.card.name}' keeps no frame features.")
        features, blocks = self.frame_features(), []
        with torch.inference_mode():
            for first in range(0, len(self), _VIDEOS_AT_ONCE):
                rows = slice(first, first + _VIDEOS_AT_ONCE)
                mask = torch.from_numpy(self.parts["mask"][rows].astype(bool))
                blocks.append(
                    encoder.encode_video(torch.from_numpy(features[rows]).float(), mask).parts
                )
        own = {name: torch.cat([part[name] for part in blocks]).numpy() for name in blocks[0]}
        parts = {"features": features, "mask": self.parts["mask"], **own}
        main = own.get("global", own.get("code"))
        assert main is not None, "a method has a part 'global' or 'code'"
        card = replace(self.card, checkpoint_id=encoder.id, width=main.shape[1])
        return replace(self, card=card, parts=parts)

    def frame_features(self) -> NDArray[Any]:
        """The trunk's features of every frame, (clips, frames, d); "mask" says which are real."""
        return self.parts["features" if "features" in self.parts else "frames"]

    def has(self, clip_id: str) -> bool:
        """Whether there is a clip with this id."""
        return clip_id in self._rows

    def position(self, clip_id: str) -> int:
        """Row of the clip with this id.

        Raises:
            GalleryError: There is none.
        """
        row = self._rows.get(clip_id)
        if row is None:
            raise GalleryError(f"The gallery '{self.card.name}' has no clip '{clip_id}'.")
        return row

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {clip.id: row for row, clip in enumerate(self.clips)}

    def media_path(self, clip: Clip) -> Path:
        """Where the clip's video file should be; it may no longer exist.

        Raises:
            GalleryError: The path leads out of the media root, as a forged gallery's might.
        """
        root = ((self.folder or Path()) / self.card.media_root).resolve()
        path = (root / clip.video).resolve()
        if not path.is_relative_to(root):
            raise GalleryError(f"The clip '{clip.id}' points outside its media folder.")
        return path

    def poster_path(self, clip_id: str) -> Path | None:
        """The clip's still picture, of the gallery itself or beside its media, or None."""
        if self.folder is None or not SAFE_ID.fullmatch(clip_id):
            return None
        for root in (self.folder, self.folder / self.card.media_root):
            if path := _file_inside(root, f"{POSTERS}/{clip_id}.webp"):
                return path
        return None

    def still_paths(self, clip_id: str) -> tuple[Path, ...]:
        """The clip's small stored frames in order of time; () if the gallery keeps none."""
        if self.folder is None or not SAFE_ID.fullmatch(clip_id):
            return ()
        names = (f"{STILLS}/{clip_id}.{n}.webp" for n in range(STILLS_PER_CLIP))
        paths = (_file_inside(self.folder, name) for name in names)
        return tuple(path for path in paths if path is not None)


def is_gallery(folder: Path) -> bool:
    """Whether a gallery lies here."""
    return (folder / CARD).is_file() and (folder / EMBEDDINGS).is_file()


def check_writable(folder: Path) -> None:
    """Raises `GalleryError` if something that is not a gallery is in the way."""
    if not folder.exists() or (folder / CARD).is_file():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise GalleryError(f"{folder} exists and is not a gallery; choose another place.")


def _file_inside(root: Path, name: str) -> Path | None:
    """A file of a folder; None if it is not there, or a link that leads out of the folder."""
    path = (root / name).resolve()
    return path if path.is_relative_to(root.resolve()) and path.is_file() else None


def _read_card(folder: Path) -> str:
    try:
        return (folder / CARD).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GalleryError(
            f"There is no gallery at {folder}. Make one with `xmr index FOLDER --out {folder}`."
        ) from error


def _disagreement(gallery: Gallery) -> str | None:
    """What does not fit together, or None."""
    card, parts, ids = gallery.card, gallery.parts, [clip.id for clip in gallery.clips]
    if not len(ids) == card.num_items > 0:
        return f"its card announces {card.num_items} clips and {len(ids)} are listed"
    if len(set(ids)) != len(ids):
        return "two clips have the same id"
    if unsafe := [name for name in ids if not SAFE_ID.fullmatch(name)]:
        return f"the clip id {unsafe[0]!r} has characters that are not allowed"
    sizes = {name: part.shape[0] if part.ndim else 0 for name, part in parts.items()}
    if not parts or set(sizes.values()) != {len(ids)}:
        return f"{len(ids)} clips have embeddings for {sizes}"
    main = parts.get("global", parts.get("code"))
    if main is None or main.shape != (len(ids), card.width):
        return (
            f"its width is {card.width}, its embeddings are {main if main is None else main.shape}"
        )
    frames, mask = parts.get("frames"), parts.get("mask")
    if frames is not None and (mask is None or mask.shape != frames.shape[:2]):
        return "the mask does not fit the frames"
    return None


def _short(sha256: str) -> str:
    return f"sha256 {sha256[:12]}…" if sha256 else "sha256 unknown"
