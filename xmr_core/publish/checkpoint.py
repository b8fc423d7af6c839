"""A checkpoint's folder becomes a model repository."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from xmr_core.checkpoints import bundled_checkpoints, load_trunk, verify_checkpoint
from xmr_core.errors import CheckpointError, XmrError
from xmr_core.hub.address import HubAddress, is_address
from xmr_core.hub.listing import SAFE_ENDINGS
from xmr_core.methods import loader
from xmr_core.progress import Progress, no_progress
from xmr_core.publish.readme import checkpoint_readme
from xmr_core.publish.upload import upload
from xmr_core.types import CheckpointCard

_LEFT_OUT = frozenset({"gallery", "README.md"})  # embeddings made on the way; ours is generated


def publish_checkpoint(
    folder: Path, repo: str, *, private: bool = False, progress: Progress = no_progress
) -> HubAddress:
    """Uploads a checkpoint that is what its card describes and that loads from its own files.

    Args:
        folder: With `card.toml` and what its method reads. Files of other kinds than those are left
            out, as are hidden ones.
        repo: `owner/name`.
        private: A new repository is private.
        progress: Told the steps of the upload.

    Returns:
        Its address, with the revision to pin.

    Raises:
        CheckpointError: The folder is no checkpoint, is damaged, or nobody else could load it.
        HubError: The Hub does not take it.
    """
    address = HubAddress("model", repo)
    card = verify_checkpoint(folder)
    if not card.weights or PurePosixPath(card.weights).suffix != ".safetensors":
        raise CheckpointError(
            f"{card.id} has no weights of its own in safetensors; there is nothing to publish"
        )
    names = published_files(folder)
    _check_alone(card, folder, names)
    files: dict[str, Path | bytes] = {name: folder / name for name in names}
    files["README.md"] = checkpoint_readme(card, address).encode("utf-8")
    message = f"Checkpoint {card.id}"
    return upload(address, files, message, private=private, progress=progress)


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


def _check_alone(card: CheckpointCard, folder: Path, names: Iterable[str]) -> None:
    """Loads the checkpoint from exactly the files that are published."""
    bundled = {other.id for other in bundled_checkpoints()}
    if card.trunk and card.trunk not in bundled and not is_address(card.trunk):
        raise CheckpointError(
            f"{card.id} takes frame features of {card.trunk!r}, which others do not have: publish"
            " that first and write its address hf://owner/name@REVISION into the card"
        )
    with TemporaryDirectory() as temporary:
        alone = Path(temporary) / card.id
        for name in names:
            (alone / name).parent.mkdir(parents=True, exist_ok=True)
            (alone / name).symlink_to((folder / name).resolve())
        try:
            loader(card.method)(alone, card, trunk=load_trunk(card), device="cpu")
        except (XmrError, OSError, ValueError, RuntimeError, KeyError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise CheckpointError(
                f"{card.id} does not load from its own files alone, so others could not use it:"
                f" {reason.replace(str(alone.parent), '')}"
            ) from error
