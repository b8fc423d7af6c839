"""The checkpoints on the shelf: listing, verifying, fetching, publishing, converting."""

from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import tyro

from xmr_core.commands.output import print_json
from xmr_core.errors import XmrError, plain
from xmr_core.types import CheckpointCard

if TYPE_CHECKING:
    from xmr_core.nn.untrusted import Conversion

Format = Literal["cmfh", "hmmc", "nrccr", "mlcmr", "c3d-hash", "3dresnets"]

CONVERTERS: dict[Format, str] = {
    "cmfh": "xmr_core.methods.cmfh.convert:convert_cmfh",
    "hmmc": "xmr_core.methods.hmmc.convert:convert_hmmc",
    "nrccr": "xmr_core.methods.nrccr.convert:convert_nrccr",
    "mlcmr": "xmr_core.methods.mlcmr.convert:convert_mlcmr",
    "c3d-hash": "xmr_core.methods.triplet.convert:convert_c3d_hash",
    "3dresnets": "xmr_core.methods.triplet.convert:convert_3dresnets",
}
"""For every published layout: the function `(file, out) -> Conversion`."""


def checkpoints(
    action: tyro.conf.Positional[
        Literal["list", "show", "verify", "pull", "pin", "publish", "import"]
    ] = "list",
    checkpoint: tyro.conf.Positional[str] = "",
    *,
    to: str = "",
    private: bool = False,
    format: Format | None = None,
    out: Path | None = None,
    means: tuple[Path, Path] | None = None,
    training: tuple[Path, Path] | None = None,
    sample: tuple[Path, Path] | None = None,
    heads: int | None = None,
    vocabulary: Path | None = None,
    legacy_special_tokens: bool = False,
    legacy_padding: bool = False,
    top_frames: int | None = None,
    orientation: Literal["rows", "columns"] | None = None,
) -> None:
    """Lists checkpoints, shows cards, verifies, fetches and publishes them, imports others' files.

    `pin` writes into the card of a model on the Hub which revision and which content it means,
    where the card leaves that open.

    Args:
        action: What to do.
        checkpoint: Which one; all by default. An id, a folder, or an address on the Hugging Face
            Hub, `hf://owner/name@REVISION`. With import: the published file, or for cmfh the folder
            with P1.npy and P2.npy.
        to: With publish: `owner/name` on the Hub.
        private: With publish: a new repository is private.
        format: With import: the published layout.
        out: With import: folder of the new checkpoint.
        means: With import of cmfh: means of the training features, two .npy files.
        training: With import of cmfh: the training features, to compute the means.
        sample: With import of cmfh: other features, to estimate the means.
        heads: With import of hmmc, nrccr, mlcmr: attention heads of a BERT of unusual size.
        vocabulary: With import of hmmc, nrccr: the `vocab.txt` of its BERT.
        legacy_special_tokens: With import of hmmc: frame sentences as the published Chinese VATEX
            checkpoint was trained, with [UNK].
        legacy_padding: With import of mlcmr: average over padding, as the original does in training
            and search.
        top_frames: With import of hmmc: how many of the best frames count; 2 by default.
        orientation: With import of cmfh: whether the items of `training` or `sample` are rows or
            columns, where the shapes leave it open.
    """
    if action == "import":
        given = {
            "means": means,
            "training": training,
            "sample": sample,
            "heads": heads,
            "vocabulary": vocabulary,
            "legacy_special_tokens": legacy_special_tokens or None,
            "legacy_padding": legacy_padding or None,
            "top_frames": top_frames,
            "orientation": orientation,
        }
        _import(checkpoint, format, out, {k: v for k, v in given.items() if v is not None})
        return
    if action == "pull":
        _pull(checkpoint)
        return
    if action == "pin":
        from xmr_core.commands.pinning import pin_checkpoint

        pin_checkpoint(checkpoint)
        return
    if action == "publish":
        _publish(checkpoint, to, private)
        return
    _show(action, checkpoint)


def _pull(checkpoint: str) -> None:
    from xmr_core.checkpoints import checkpoint_folder, find_card, verify_checkpoint
    from xmr_core.commands.remote import fetched_checkpoint
    from xmr_core.hub import fetch_source

    if not checkpoint:
        raise XmrError("say which: xmr checkpoints pull hf://owner/name, or an id of the list")
    name = fetched_checkpoint(checkpoint)
    card, folder = find_card(name), checkpoint_folder(name)
    if folder is None:
        raise XmrError(f"no checkpoint {name!r}; see: xmr checkpoints list")
    if card is not None and card.weights:
        verify_checkpoint(folder)
    elif card is not None:
        folder = fetch_source(card)
    ask = "similar VIDEO" if card and not card.languages else 'search "TEXT"'
    print(f"{plain(card.title) if card else 'a CLIP without a card'}\n  in {folder}")
    print(f"  use it: xmr index FOLDER --out GALLERY --checkpoint {name}")
    print(f"          xmr {ask} --gallery GALLERY --checkpoint {name}")


def _publish(folder: str, to: str, private: bool) -> None:
    from tqdm import tqdm

    from xmr_core.publish.checkpoint import publish_checkpoint

    if not folder or not to:
        raise XmrError("give the folder and --to: xmr checkpoints publish FOLDER --to owner/name")
    address = publish_checkpoint(_own_folder(folder), to, private=private, progress=tqdm)
    print(f"published; pin it as {address}")


def _own_folder(name: str) -> Path:
    """The folder of an id or a path; never one of the cache."""
    from xmr_core.checkpoints import checkpoint_folder
    from xmr_core.hub import is_address

    folder = None if is_address(name) else checkpoint_folder(name)
    if folder is None:
        raise XmrError(
            f"no checkpoint folder {name!r}; give a folder, or see: xmr checkpoints list"
        )
    return folder


def _import(file: str, format: Format | None, out: Path | None, options: dict[str, Any]) -> None:
    if not file or format is None or out is None:
        raise XmrError("give the file, --format and --out: xmr checkpoints import FILE ...")
    module, function = CONVERTERS[format].split(":")
    convert: Callable = getattr(import_module(module), function)
    for name in options:
        if name not in signature(convert).parameters:
            raise XmrError(f"--{name.replace('_', '-')} means nothing for --format {format}")
    done = convert(Path(file), out, **options)
    _write_card(Path(file), module.split(".")[2], format, out, done)
    print(f"{out}: {len(done.used)} tensors used, {len(done.ignored)} left out")
    for key in done.used:
        print(f"  used     {plain(key)}")
    for key, reason in done.ignored.items():
        print(f"  left out {plain(key)}: {plain(reason)}")
    for name in done.missing:
        print(f"  missing  {plain(name)}")


def _write_card(file: Path, method: str, format: Format, out: Path, done: "Conversion") -> None:
    """What `load_checkpoint` needs to know; numbers and a licence are the originals' to give."""
    from xmr_core.checkpoints import write_card
    from xmr_core.files import checksum

    card = CheckpointCard(
        id=out.resolve().name,
        method=method,
        title=f"Imported from {file.name}, layout {format}",
        languages=done.languages,
        width=done.width,
        num_frames=done.num_frames,
        weights="model.safetensors",
        sha256=checksum(out / "model.safetensors"),
        licence="that of the original",
        bits=done.bits,
        compares_frames=method == "hmmc",
    )
    write_card(card, out)


def _show(action: str, checkpoint: str) -> None:
    from xmr_core.checkpoints import (
        bundled_checkpoints,
        checkpoint_folder,
        read_card,
        verify_checkpoint,
    )

    if action == "list" and not checkpoint:
        _list()
        return
    names = [checkpoint] if checkpoint else [card.id for card in bundled_checkpoints()]
    for name in names:
        folder = checkpoint_folder(name)
        if folder is None:
            raise XmrError(f"no checkpoint {name!r}; see: xmr checkpoints list")
        card = verify_checkpoint(folder) if action == "verify" else read_card(folder)
        if action == "show":
            print_json(asdict(card))
        else:
            print(_line(card) + ("  verified" if action == "verify" else ""))


def _list() -> None:
    """Those that come with the project, then those whose weights are elsewhere."""
    from xmr_core.checkpoints import BUNDLED, is_here, known_checkpoints

    cards = known_checkpoints()
    print("with their weights:")
    for card in cards:
        if card.weights:
            print("  " + _line(card))
    print("on the Hub; `xmr checkpoints show ID` tells the licence and what was run by us:")
    for card in cards:
        if not card.weights:
            here = "  (its files are here)" if is_here(card, BUNDLED / card.id) else ""
            print(f"  {_line(card)}{here}\n      {_origin(card)}")


def _line(card: CheckpointCard) -> str:
    checked = f"  sha256 {card.sha256[:12]}..." if card.sha256 else ""
    return f"{card.id:<32} {card.method:<8} {plain(card.title)}{checked}"


def _origin(card: CheckpointCard) -> str:
    revision = card.source.get("revision", "")
    at = f"@{revision[:12]}..." if revision else " (no revision known; pull takes the newest)"
    return f"{card.source.get('repo', '')}{at}, {card.licence}"
