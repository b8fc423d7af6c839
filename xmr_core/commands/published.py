"""Galleries of published data sets, and measuring on them."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xmr_core.errors import XmrError

if TYPE_CHECKING:
    from xmr_core.evaluate import EvaluationReport
    from xmr_core.gallery import Gallery


@dataclass(frozen=True, slots=True)
class DataOptions:
    """Of a published data set.

    Attributes:
        root: Folder of its annotation; subfolders are searched.
        split: "test", a protocol such as "1k-A" (its test part), "full/val", or "all".
        media: Folder of its videos or pictures; by default that of the annotation.
        frames: An LMDB store of frames instead, as `xmr import-frames` writes it.
        features: Frame features instead: folders of <id>.npy, .tar shards, feature.bin, or arrays.
        ids: List of ids for features that are one array.
        gone: List of ids whose source is known to have disappeared.
    """

    root: Path | None = None
    split: str = ""
    media: Path | None = None
    frames: Path | None = None
    features: tuple[Path, ...] = field(default=())
    ids: Path | None = None
    gone: Path | None = None

    @property
    def has_material(self) -> bool:
        """Whether it is said where videos, frames or features are."""
        return bool(self.media or self.frames or self.features)


def index_data(name: str, checkpoint: str, out: Path, options: DataOptions) -> "Gallery":
    """Writes the gallery of a data set and says what is in it."""
    from xmr_core.datasets.catalogue import part_of

    part = part_of(name, options.split, otherwise="all")
    gallery = _made(part, checkpoint, out, options)
    data = gallery.card.data
    if data is None:
        raise ValueError("a gallery of a data set says of which")
    print(f"{len(gallery):,} of the {data.wanted:,} items of {data} are in {out}")
    if data.missing:
        print(f"  {len(data.missing):,} were not there; {out}/card.json names them")
    for bad in gallery.card.bad_files[:10]:
        print(f"  {bad.path}: {bad.reason}")
    if len(gallery.card.bad_files) > 10:
        print(f"  and {len(gallery.card.bad_files) - 10:,} more that could not be read")
    if data.seen == "features":
        print(f"  {_about_features(data.agreement, checkpoint)}")
    return gallery


def measure_data(
    checkpoint: str,
    name: str,
    gallery: str | None,
    options: DataOptions,
    language: str | None,
) -> "EvaluationReport":
    """Measures a checkpoint on a part of a data set, or on what is there of it."""
    from xmr_core.datasets.catalogue import part_of

    part = part_of(name, options.split)
    if gallery is not None:
        return _measured(checkpoint, part, gallery, options.root, language)
    if options.root is None:
        raise XmrError(
            "give --gallery G, or --root with the annotation (and --media or --features)"
        )
    with tempfile.TemporaryDirectory(prefix="xmr-") as folder:
        made = Path(folder) / "gallery"
        _made(part, checkpoint, made, options)
        return _measured(checkpoint, part, str(made), options.root, language)


def _made(part: Any, checkpoint: str, out: Path, options: DataOptions) -> "Gallery":
    from tqdm import tqdm

    from xmr_core.checkpoints import load_checkpoint
    from xmr_core.commands.remote import fetched_checkpoint
    from xmr_core.indexing.published import Material, index_published, read_gone

    if options.root is None:
        raise XmrError(f"give the folder of the annotation of {part.name} with --root")
    encoder, sha256 = load_checkpoint(fetched_checkpoint(checkpoint))
    return index_published(
        part,
        options.root,
        encoder,
        out,
        Material(options.media, options.frames, options.features, options.ids),
        checkpoint_sha256=sha256,
        gone=read_gone(options.gone) if options.gone else frozenset(),
        progress=tqdm,
    )


def _measured(
    checkpoint: str, part: Any, gallery: str, root: Path | None, language: str | None
) -> "EvaluationReport":
    from tqdm import tqdm

    from xmr_core.commands.remote import fetched_checkpoint, fetched_gallery
    from xmr_core.evaluate_data import evaluate_part
    from xmr_core.opened import Opened

    opened = Opened(fetched_checkpoint(checkpoint), fetched_gallery(gallery))
    return evaluate_part(
        opened.encoder,
        opened.gallery,
        part,
        items=part.read(root) if root else None,
        languages=(language,) if language else None,
        progress=tqdm,
    )


def _about_features(agreement: float | None, checkpoint: str) -> str:
    if agreement is None:
        return f"that '{checkpoint}' made these features is what you said; numbers do not tell"
    return f"'{checkpoint}' makes the given vectors of the frames: mean cosine {agreement:.4f}"
