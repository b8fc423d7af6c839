"""Checkpoints: their cards, their checksums, and loading one by name.

A bundled checkpoint is a folder `checkpoints/<id>/` with `card.toml` and the files that its method
reads. Weights are safetensors; nothing is ever unpickled.
"""

import tomllib
from dataclasses import MISSING, asdict, fields
from functools import lru_cache
from pathlib import Path

from xmr_core.encoder import DualEncoder, VideoEncoder
from xmr_core.errors import CheckpointError
from xmr_core.files import checksum
from xmr_core.hub import card_folder, is_address, is_safe_name, model_folder, parse_address
from xmr_core.methods import METHODS, loader
from xmr_core.types import CheckpointCard

BUNDLED = Path(__file__).resolve().parents[1] / "checkpoints"
CARD = "card.toml"

_FIELDS = {field.name for field in fields(CheckpointCard)}
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
    except tomllib.TOMLDecodeError as error:
        raise CheckpointError(f"{path} is not valid TOML: {error}") from error
    if wrong := (_REQUIRED - set(record)) | (set(record) - _FIELDS):
        raise CheckpointError(f"{path}: fields missing or unknown: {', '.join(sorted(wrong))}")
    if record["method"] not in METHODS:
        raise CheckpointError(
            f"{path}: no method {record['method']!r}; there are: {', '.join(METHODS)}"
        )
    if record["weights"] and not is_safe_name(record["weights"]):
        raise CheckpointError(f"{path}: weights {record['weights']!r} is no file beside it")
    lists = {name: tuple(record[name]) for name in ("languages", "published") if name in record}
    return CheckpointCard(**{**record, **lists})


def find_card(name: str) -> CheckpointCard | None:
    """The card of a checkpoint; None where there is none. Of one on the Hub only that is fetched.

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
    """Checks the weights against the card's checksum.

    Raises:
        CheckpointError: The weights are missing or are not those that the card describes.
    """
    card = read_card(folder)
    weights = folder / card.weights
    if not weights.is_file():
        raise CheckpointError(f"{card.id}: {weights.name} is missing; restore the folder {folder}")
    found = checksum(weights)
    if found != card.sha256:
        raise CheckpointError(
            f"{card.id}: {weights.name} has sha256 {found[:12]}..., the card says"
            f" {card.sha256[:12]}...; the file is damaged or was changed"
        )
    return card


def load_checkpoint(name: str, device: str = "cpu") -> tuple[DualEncoder, str]:
    """Loads a checkpoint by name.

    Args:
        name: Id of a bundled checkpoint, a folder, `hf://owner/name@<revision>` (also written
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
    if folder is not None and (folder / CARD).exists():
        card = verify_checkpoint(folder)
        trunk = load_trunk(card, device)
        return loader(card.method)(folder, card, trunk=trunk, device=device), card.sha256
    return _load_without_card(name, folder, device)


def checkpoint_folder(name: str) -> Path | None:
    """The folder of a bundled id, a path or an address on the Hub, whose files are fetched.

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


def load_trunk(card: CheckpointCard, device: str = "cpu") -> VideoEncoder | None:
    """What makes the frame features of a head, loaded once for all heads; None for others."""
    found = trunk_card(card)
    return None if found is None else _shared(card.trunk, found.sha256, device)


@lru_cache(maxsize=4)
def _shared(name: str, sha256: str, device: str) -> VideoEncoder:
    """A trunk, loaded once however many heads stand on it; `sha256` only tells versions apart."""
    return load_checkpoint(name, device)[0]


def _load_without_card(name: str, folder: Path | None, device: str) -> tuple[DualEncoder, str]:
    """An open_clip model that has no card of ours: a folder, the hub, or a known tag."""
    ids = ", ".join(card.id for card in bundled_checkpoints())
    if folder is None and "/" not in name:
        raise CheckpointError(
            f"no checkpoint {name!r}; bundled: {ids}; else give a folder, hf://owner/name,"
            " or ARCHITECTURE/TAG of open_clip"
        )
    try:
        if folder is None:
            return _open_clip(name, device=device), ""
        weights = folder / "open_clip_model.safetensors"
        if not weights.is_file():
            raise CheckpointError(f"{folder} has neither {CARD} nor {weights.name}")
        id = name.partition("@")[0] if is_address(name) else folder.name
        encoder = _open_clip(f"local-dir:{folder}", id=id, device=device)
        return encoder, checksum(weights)
    except (RuntimeError, ValueError, OSError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"checkpoint {name!r} cannot be loaded: {reason}") from error


def _open_clip(name: str, device: str, id: str | None = None) -> DualEncoder:
    from xmr_core.methods.clip.model import load_open_clip

    return load_open_clip(name, id=id, device=device)
