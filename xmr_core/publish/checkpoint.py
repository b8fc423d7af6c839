"""A checkpoint's folder becomes a model repository."""

from pathlib import Path, PurePosixPath

from xmr_core.checkpoints import verify_checkpoint
from xmr_core.errors import CheckpointError
from xmr_core.hub.address import HubAddress
from xmr_core.hub.listing import SAFE_ENDINGS
from xmr_core.publish.readme import checkpoint_readme
from xmr_core.publish.upload import upload

_LEFT_OUT = frozenset({"gallery", "README.md"})  # embeddings made on the way; ours is generated


def publish_checkpoint(folder: Path, repo: str, *, private: bool = False) -> HubAddress:
    """Uploads a checkpoint whose weights are those that its card describes.

    Args:
        folder: With `card.toml` and what its method reads. Files of other kinds than those are left
            out, as are hidden ones.
        repo: `owner/name`.
        private: A new repository is private.

    Returns:
        Its address, with the revision to pin.

    Raises:
        CheckpointError: The folder is no checkpoint, is damaged, or holds no weights of its own.
        HubError: The Hub does not take it.
    """
    address = HubAddress("model", repo)
    card = verify_checkpoint(folder)
    if not card.weights or PurePosixPath(card.weights).suffix != ".safetensors":
        raise CheckpointError(
            f"{card.id} has no weights of its own in safetensors; there is nothing to publish"
        )
    files: dict[str, Path | bytes] = {name: folder / name for name in published_files(folder)}
    files["README.md"] = checkpoint_readme(card, address).encode("utf-8")
    return upload(address, files, f"Checkpoint {card.id}", private=private)


def published_files(folder: Path) -> list[str]:
    """The files of a checkpoint's folder that are published, by their names in the repository."""
    found = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [
        path.as_posix()
        for path in found
        if path.suffix.lower() in SAFE_ENDINGS
        and path.parts[0] not in _LEFT_OUT
        and not any(part.startswith(".") for part in path.parts)
    ]
