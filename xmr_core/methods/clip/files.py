"""Loading a CLIP: from a folder in the layout of open_clip or of transformers, or by a name."""

from pathlib import Path

import open_clip

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import CheckpointError
from xmr_core.methods.clip.model import ClipEncoder
from xmr_core.methods.clip.open_clip_folder import OPEN_CLIP_WEIGHTS, open_clip_parts
from xmr_core.methods.clip.transformers_folder import TRANSFORMERS_WEIGHTS, transformers_parts
from xmr_core.types import CheckpointCard

_NAMES = (*OPEN_CLIP_WEIGHTS, *TRANSFORMERS_WEIGHTS)
_SCALE_TOLERANCE = 0.01  # published scales are rounded


def load(
    folder: Path,
    card: CheckpointCard,
    *,
    trunk: VideoEncoder | None = None,
    device: str = "cpu",
) -> ClipEncoder:
    """Loads a checkpoint folder in the layout of open_clip or transformers; it takes no trunk.

    Args:
        folder: Holds the weights.
        card: What is known about them.
        trunk: Not used: a CLIP is a trunk itself.
        device: Where to put the weights.

    Raises:
        CheckpointError: The folder is in neither layout, or is not what the card describes.
    """
    encoder = load_folder(folder, card, device=device)
    _check(encoder, card)
    return encoder


def weights_file(folder: Path, card: CheckpointCard | None = None) -> Path | None:
    """The weights of a folder in a layout that is read here, or None.

    What a card names goes first: a cache may hold other files beside it, which nobody has checked.
    A repository that holds both layouts is read as open_clip's; safetensors come before a pickle.
    """
    named = [name for name in _NAMES if card and name in card.source.get("files", {})]
    for name in (*named, *_NAMES):
        if (folder / name).is_file():
            return folder / name
    return None


def load_folder(
    folder: Path, card: CheckpointCard | None = None, *, id: str = "", device: str = "cpu"
) -> ClipEncoder:
    """Loads a folder, with a card of ours or, without one, under `id`; see `load`."""
    weights = weights_file(folder, card)
    if weights is None:
        raise CheckpointError(
            f"{folder} holds no model: neither {OPEN_CLIP_WEIGHTS[0]} nor config.json with"
            f" {TRANSFORMERS_WEIGHTS[0]}"
        )
    if weights.name in OPEN_CLIP_WEIGHTS:
        model, tokenizer, preprocess = open_clip_parts(weights, card.source if card else {})
    else:
        model, tokenizer, preprocess = transformers_parts(weights)
    return ClipEncoder(
        card.id if card else id or folder.name,
        model.to(device),
        tokenizer,
        preprocess=preprocess,
        num_frames=card.num_frames if card else 12,
        languages=card.languages if card else ("en",),
        closed_vocabulary=card.closed_vocabulary if card else False,
    )


def load_open_clip(
    name: str,
    *,
    id: str | None = None,
    num_frames: int = 12,
    languages: tuple[str, ...] = ("en",),
    closed_vocabulary: bool = False,
    device: str = "cpu",
) -> ClipEncoder:
    """Loads any open_clip model.

    Args:
        name: `local-dir:FOLDER`, or `ARCHITECTURE/PRETRAINED_TAG` such as
            "ViT-B-32/laion2b_s34b_b79k".
        id: Id of the checkpoint; `name` by default.
        num_frames: Frames sampled from a clip.
        languages: Languages of the text tower.
        closed_vocabulary: See `ClipEncoder`.
        device: Where to put the weights.

    Raises:
        CheckpointError: There is no such model.
    """
    preprocess = None
    if name.startswith("local-dir:"):
        folder = Path(name.removeprefix("local-dir:"))
        model, tokenizer, preprocess = open_clip_parts(folder / OPEN_CLIP_WEIGHTS[0], {})
        model = model.to(device)
    else:
        architecture, _, tag = name.partition("/")
        # Anything else open_clip would take for a file or a repository, whose settings it obeys.
        if tag not in open_clip.list_pretrained_tags_by_model(architecture):
            raise CheckpointError(f"{name!r} cannot be loaded: open_clip knows no such weights")
        model = open_clip.create_model(architecture, pretrained=tag, device=device)
        tokenizer = open_clip.get_tokenizer(architecture)
    return ClipEncoder(
        id or name,
        model,
        tokenizer,
        preprocess=preprocess,
        num_frames=num_frames,
        languages=languages,
        closed_vocabulary=closed_vocabulary,
    )


def _check(encoder: ClipEncoder, card: CheckpointCard) -> None:
    """That the weights are of the size that the card says."""
    found = {"width": encoder.width, "image_size": max(encoder.image_size)}
    wrong = [
        f"{name} {value} in the weights, {getattr(card, name)} in the card"
        for name, value in found.items()
        if getattr(card, name) and getattr(card, name) != value
    ]
    scale = encoder.scale
    # Written so that a scale that the weights do not have, which is not a number, is wrong too.
    if card.scale is not None and not abs(scale - card.scale) <= _SCALE_TOLERANCE * card.scale:
        wrong.append(f"scale {scale:.2f} in the weights, {card.scale:.2f} in the card")
    if wrong:
        raise CheckpointError(
            f"{card.id}: {'; '.join(wrong)}: these are not the weights that the card describes"
        )
