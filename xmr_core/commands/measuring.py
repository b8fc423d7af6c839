"""Measuring checkpoints."""

from dataclasses import replace
from typing import Annotated, Literal

import tyro

from xmr_core.commands.output import print_json
from xmr_core.commands.query import Text


def evaluate(
    checkpoint: Text,
    *,
    data: Literal["scenes"] = "scenes",
    split: Literal["test"] = "test",
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
    card: bool = False,
) -> None:
    """Measures retrieval and prints every number with its protocol.

    Args:
        checkpoint: A bundled checkpoint or a folder.
        data: Which data set.
        split: Which part of it.
        as_json: Print one JSON object.
        card: Also write the numbers into the checkpoint's card.
    """
    from tqdm import tqdm

    from xmr_core.checkpoints import checkpoint_folder, load_checkpoint, read_card, write_card
    from xmr_core.engine import SCENES
    from xmr_core.evaluate import evaluate as measure
    from xmr_core.indexing.scenes import scenes_gallery

    encoder, sha256 = load_checkpoint(checkpoint)
    folder = checkpoint_folder(checkpoint)
    bundled = SCENES / "galleries" / checkpoint
    out = bundled if bundled.is_dir() or folder is None else folder / "gallery"
    gallery = scenes_gallery(encoder, out, sha256, progress=tqdm)
    report = measure(encoder, gallery, split=f"{data} {split}", progress=tqdm)
    record = {**report.as_dict(), "ceiling": _ceilings()}
    if as_json:
        print_json(record)
    else:
        print("\n".join(report.lines()))
        for name, recall in record["ceiling"].items():
            print(f"ceiling set by ambiguous captions, t2v, {name}: {recall}")
    if card and folder is not None:
        old = read_card(folder)
        command = f"xmr evaluate {checkpoint} --data {data} --split {split} --json"
        measured = {"command": command, **record}
        write_card(replace(old, metrics={**old.metrics, "retrieval": measured}), folder)


def _ceilings() -> dict[str, dict[str, float]]:
    """What the captions' ambiguity allows, for the first caption of both languages."""
    from xmr_core.datasets.scenes.ambiguity import ceiling
    from xmr_core.datasets.scenes.dataset import load_captions, load_scripts

    captions, scripts = load_captions(), load_scripts()
    ids = list(scripts)
    found = {}
    for language in ("en", "zh"):
        first = [next(c for c in captions[i] if c.language == language) for i in ids]
        for ignore_order in (False, True):
            best = ceiling(
                first, list(scripts.values()), range(len(ids)), ignore_order=ignore_order
            )
            name = f"first {language}" + (", blind to the order of frames" if ignore_order else "")
            found[name] = {
                "R@1": round(best.recall_at_1, 2),
                "R@5": round(best.recall_at_5, 2),
                "R@10": round(best.recall_at_10, 2),
            }
    return found
