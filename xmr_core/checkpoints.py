"""Checkpoints: their cards, their checksums, and loading one by name.

A bundled checkpoint is a folder `checkpoints/<id>/` with `card.toml` and the files that its method
reads. A card without weights says in `source` where they are; they may be put beside it, else they
are fetched. Nothing that could run is ever unpickled.
"""

import tomllib
from dataclasses import MISSING, asdict, fields
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, get_origin, get_type_hints

from xmr_core.errors import CheckpointError
from xmr_core.files import checksum
from xmr_core.hub import (
    HubAddress,
    card_folder,
    fetch_source,
    is_address,
    is_safe_name,
    model_folder,
    parse_address,
    verify_source,
)
from xmr_core.hub.fetching import cached_file
from xmr_core.methods import METHODS, loader
from xmr_core.types import CheckpointCard

if TYPE_CHECKING:  # cards are read and checked without torch
    from xmr_core.encoder import DualEncoder, VideoEncoder

BUNDLED = Path(__file__).resolve().parents[1] / "checkpoints"
CARD = "card.toml"

_FIELDS = get_type_hints(CheckpointCard)
_REQUIRED = {
    field.name
    for field in fields(CheckpointCard)
    if field.default is MISSING and field.default_factory is MISSING
}


def known_checkpoints() -> tuple[CheckpointCard, ...]:
    """The cards of all checkpoints that the project knows, by id."""
    return tuple(read_card(path.parent) for path in sorted(BUNDLED.glob(f"*/{CARD}")))


def bundled_checkpoints() -> tuple[CheckpointCard, ...]:
    """The cards of those whose weights come with the project, by id."""
    return tuple(card for card in known_checkpoints() if card.weights)


def read_card(folder: Path) -> CheckpointCard:
    """Reads a checkpoint's card.

    Raises:
        CheckpointError: There is none, or it is not a valid card; the message says which field.
    """
    path = folder / CARD
    try:
        record = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{folder} has no {CARD}; it is not a checkpoint folder") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CheckpointError(f"{path} is not valid TOML: {error}") from error
    if wrong := (_REQUIRED - set(record)) | (set(record) - set(_FIELDS)):
        raise CheckpointError(f"{path}: fields missing or unknown: {', '.join(sorted(wrong))}")
    if wrong := {name for name, value in record.items() if not _fits(value, _FIELDS[name])}:
        raise CheckpointError(f"{path}: fields of another type: {', '.join(sorted(wrong))}")
    if record["method"] not in METHODS:
        raise CheckpointError(
            f"{path}: no method {record['method']!r}; there are: {', '.join(METHODS)}"
        )
    if record["weights"] and not is_safe_name(record["weights"]):
        raise CheckpointError(f"{path}: weights {record['weights']!r} is no file beside it")
    lists = {name: tuple(record[name]) for name in ("languages", "published") if name in record}
    return CheckpointCard(**{**record, **lists})


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value of TOML is of the type that a card's field has."""
    kind = get_origin(hint) or hint
    if kind is UnionType:  # float | None
        return isinstance(value, int | float)
    return isinstance(value, list if kind is tuple else kind)


def find_card(name: str) -> CheckpointCard | None:
    """The card of a known checkpoint; None where there is none. On the Hub only it is fetched.

    Raises:
        HubError: An address on the Hub leads nowhere.
    """
    if is_address(name):
        folder = card_folder(parse_address(name, "model"))
    else:
        folder = checkpoint_folder(name)
    return read_card(folder) if folder is not None and (folder / CARD).exists() else None


def write_card(card: CheckpointCard, folder: Path) -> None:
    """Writes a card atomically; empty fields are left out."""
    import tomlkit

    record = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(card).items()
        if name in _REQUIRED or value
    }
    temporary = folder / (CARD + ".tmp")
    temporary.write_text(tomlkit.dumps(record))
    temporary.replace(folder / CARD)


def verify_checkpoint(folder: Path) -> CheckpointCard:
    """Checks the weights against the card's checksums, beside the card or in the Hub's cache.

    Raises:
        CheckpointError: The weights are missing or are not those that the card describes.
    """
    card = read_card(folder)
    if not card.weights and not is_here(card, folder) and _is_cached(card):
        verify_source(card)
        return card
    for name, expected in _wanted(card).items():
        path = folder / name
        if not path.is_file():
            raise CheckpointError(f"{card.id}: {name} is missing; {_remedy(card, folder)}")
        found = checksum(path) if expected else ""
        if found != expected:
            raise CheckpointError(
                f"{card.id}: {name} has sha256 {found[:12]}..., the card says"
                f" {expected[:12]}...; the file is damaged or was changed"
            )
    return card


def is_here(card: CheckpointCard, folder: Path) -> bool:
    """Whether all files that a card names are in its folder."""
    return all((folder / name).is_file() for name in _wanted(card))


def _is_cached(card: CheckpointCard) -> bool:
    """Whether all files that a card names are in the cache of the Hub, at its revision."""
    address = HubAddress("model", card.source.get("repo", ""), card.source.get("revision", ""))
    return bool(address.revision) and all(cached_file(address, name) for name in _wanted(card))


def _wanted(card: CheckpointCard) -> dict[str, str]:
    """sha256 by name of the files that make up a checkpoint; "" where it is not known."""
    if card.weights:
        return {card.weights: card.sha256}
    return dict(card.source.get("files", {}))


def _remedy(card: CheckpointCard, folder: Path) -> str:
    if card.weights:
        return f"restore the folder {folder}"
    return f"get it with: xmr checkpoints pull {card.id}"


def load_checkpoint(name: str, device: str = "cpu") -> "tuple[DualEncoder, str]":
    """Loads a checkpoint by name.

    Args:
        name: Id of a known checkpoint, a folder, `hf://owner/name@<revision>` (also written
            `hf-hub:owner/name`), or an open_clip architecture and tag such as
            "ViT-B-32/laion2b_s34b_b79k".
        device: Where to put the weights.

    Returns:
        The encoder, and the sha256 of its weights ("" where only the hub knows it).

    Raises:
        CheckpointError: There is no such checkpoint, or it cannot be loaded.
        HubError: An address on the Hub leads nowhere.
    """
    folder = checkpoint_folder(name)
    if folder is None or not (folder / CARD).exists():
        return _load_without_card(name, folder, device)
    card = read_card(folder)
    if card.weights or is_here(card, folder):
        verify_checkpoint(folder)
    else:
        folder = fetch_source(card)
    trunk = load_trunk(card, device)
    encoder = loader(card.method)(folder, card, trunk=trunk, device=device)
    return encoder, card.sha256 or _weights_sha256(card, folder)


def _weights_sha256(card: CheckpointCard, folder: Path) -> str:
    """Of the largest file that a card names, which is the weights; computed if it is not known."""
    files = card.source.get("files", {})
    name = max(files, key=lambda name: (folder / name).stat().st_size)
    return files[name] or checksum(folder / name)


def checkpoint_folder(name: str) -> Path | None:
    """The folder of a known id, a path or an address on the Hub, whose files are fetched.

    None for a name that is to be found elsewhere.

    Raises:
        HubError: An address on the Hub leads nowhere.
    """
    if is_address(name):
        return model_folder(parse_address(name, "model"))
    if "/" not in name and "\\" not in name and (BUNDLED / name / CARD).exists():
        return BUNDLED / name
    path = Path(name.removeprefix("local-dir:")).expanduser()
    return path.resolve() if path.is_dir() else None


def trunk_card(card: CheckpointCard) -> CheckpointCard | None:
    """The card of the checkpoint that `card` takes its frame features from, if there is one.

    Raises:
        CheckpointError: It is not here, is not a trunk itself, or has other weights than those
            that `card` was trained on.
    """
    if not card.trunk:
        return None
    folder = checkpoint_folder(card.trunk)
    if folder is None:
        raise CheckpointError(f"{card.id} needs the checkpoint {card.trunk!r}, which is not here")
    found = read_card(folder)
    if found.trunk:
        raise CheckpointError(f"{card.id}: its trunk {found.id!r} has a trunk itself")
    if card.trained.get("trunk_sha256", found.sha256) != found.sha256:
        raise CheckpointError(
            f"{card.id} was trained on other weights of {found.id!r} than those that are here;"
            f" train it again: {card.trained.get('command', 'xmr train ' + card.method)}"
        )
    return found


def load_trunk(card: CheckpointCard, device: str = "cpu") -> "VideoEncoder | None":
    """What makes the frame features of a head, loaded once for all heads; None for others."""
    found = trunk_card(card)
    return None if found is None else _shared(card.trunk, found.sha256, device)


@lru_cache(maxsize=4)
def _shared(name: str, sha256: str, device: str) -> "VideoEncoder":
    """A trunk, loaded once however many heads stand on it; `sha256` only tells versions apart."""
    return load_checkpoint(name, device)[0]


def _load_without_card(name: str, folder: Path | None, device: str) -> "tuple[DualEncoder, str]":
    """A CLIP that has no card of ours: a folder, the hub, or a tag that open_clip knows."""
    ids = ", ".join(card.id for card in known_checkpoints())
    if folder is None and "/" not in name:
        raise CheckpointError(
            f"no checkpoint {name!r}; there are: {ids}; else give a folder, hf://owner/name,"
            " or ARCHITECTURE/TAG of open_clip"
        )
    from xmr_core.methods.clip.files import load_folder, load_open_clip, weights_file

    try:
        if folder is None:
            return load_open_clip(name, device=device), ""
        weights = weights_file(folder)
        if weights is None:
            raise CheckpointError(
                f"{folder} has neither {CARD} nor weights in the layout of"
                " open_clip (open_clip_model.safetensors) or transformers (model.safetensors)"
            )
        id = name.partition("@")[0] if is_address(name) else folder.name
        return load_folder(folder, id=id, device=device), checksum(weights)
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"checkpoint {name!r} cannot be loaded: {reason}") from error
