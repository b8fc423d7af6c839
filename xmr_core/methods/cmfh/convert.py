"""Published projection matrices into a checkpoint folder."""

from pathlib import Path
from typing import Literal

from xmr_core.errors import CheckpointError
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.features import Orientation, open_views
from xmr_core.methods.cmfh.model import CmfhModel
from xmr_core.methods.cmfh.published import load_published
from xmr_core.nn.untrusted import Conversion

Means = Literal["means", "training", "sample"]


def convert_cmfh(
    folder: Path,
    out: Path,
    *,
    means: tuple[Path, Path] | None = None,
    training: tuple[Path, Path] | None = None,
    sample: tuple[Path, Path] | None = None,
    orientation: Orientation | None = None,
) -> Conversion:
    """Reads `P1.npy` and `P2.npy` of a folder; exactly one source of means must be given.

    Args:
        folder: Where the matrices lie.
        out: Folder of the new checkpoint.
        means: Two `.npy` files with the means of the training features.
        training: The two training feature matrices, from which the means are computed.
        sample: Two matrices of other features of the same kind: the means are only estimated.
        orientation: Of `training` or `sample`, where their shapes leave it open.

    Raises:
        CheckpointError: The matrices are not there.
        ConfigError: The means come from no place or several, or something does not fit.
    """
    paths = [folder / name for name in ("P1.npy", "P2.npy")]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise CheckpointError(f"{folder} lacks {' and '.join(missing)}")
    views = {
        name: None if given is None else open_views(given, orientation)
        for name, given in (("training", training), ("sample", sample))
    }
    projections = load_published(paths, means=means, **views)
    bits = len(projections.matrices[0])
    config = CmfhConfig(bits=bits, legacy_double_identity=True)
    CmfhModel(config, projections).save(out)
    missing = (
        "U1, U2: not published, so no codes from both views at once",
        f"means: {projections.means_source}",
    )
    return Conversion(("P1.npy", "P2.npy"), {}, missing, width=bits, bits=bits)
