"""Measuring checkpoints."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from xmr_core.commands.output import print_json
from xmr_core.commands.published import DataOptions, measure_data
from xmr_core.commands.query import Text
from xmr_core.errors import XmrError

if TYPE_CHECKING:
    from xmr_core.encoder import VideoEncoder
    from xmr_core.gallery import Gallery

_NO_DATA = DataOptions()


def evaluate(
    checkpoint: Text,
    *,
    data: str = "scenes",
    gallery: str | None = None,
    language: str | None = None,
    options: tyro.conf.OmitArgPrefixes[DataOptions] = _NO_DATA,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
    card: bool = False,
    labels: Path | None = None,
    database: tuple[Path, Path] | None = None,
    database_labels: Path | None = None,
) -> None:
    """Measures retrieval and prints every number with its protocol.

    Args:
        checkpoint: A bundled checkpoint or a folder.
        data: "scenes", or a published data set of `xmr data list`.
        gallery: With a published data set: what `xmr index --data` wrote.
        language: Of the sentences, such as "en"; by default all that the model reads.
        options: With a published data set; --features without one takes two matrices of paired
            items (CMFH).
        as_json: Print one JSON object.
        card: Also write the numbers into the checkpoint's card.
        labels: With two matrices: classes of their items.
        database: Two matrices to search in; by default the features themselves.
        database_labels: Classes of the database.
    """
    if data != "scenes":
        report = measure_data(checkpoint, data, gallery, options, language)
        if card and not (report.coverage and report.coverage.is_complete):
            raise XmrError(f"{report.coverage}: this does not go into a card")
        kind, record, lines = report.results[0].t2v.protocol.split, report.as_dict(), report.lines()
    elif options.features:
        if len(options.features) != 2:
            raise XmrError(f"--features takes two matrices of pairs, not {len(options.features)}")
        pair = (options.features[0], options.features[1])
        _evaluate_matrices(checkpoint, (pair, labels), (database, database_labels), as_json)
        return
    else:
        if options.split not in ("", "test") or gallery or language:
            raise XmrError("the bundled scenes are measured whole: leave out the other options")
        kind, record, lines = _evaluate_scenes(checkpoint, f"{data} test")
    if as_json:
        print_json(record)
    else:
        print("\n".join(lines))
    if card:
        split = options.split or "test"
        _into_card(checkpoint, kind, f"--data {data} --split {split}", record)


def _evaluate_scenes(checkpoint: str, split: str) -> tuple[str, dict[str, Any], list[str]]:
    """What was measured on the bundled clips: its name in the card, the record, the lines."""
    from tqdm import tqdm

    from xmr_core.checkpoints import find_card
    from xmr_core.encoder import DualEncoder
    from xmr_core.evaluate import evaluate as measure
    from xmr_core.indexing.scenes import scenes_for

    encoder, gallery = scenes_for(checkpoint, progress=tqdm)
    if not isinstance(encoder, DualEncoder):
        card = find_card(checkpoint)
        return "hashing", *_by_action(encoder, gallery, split, card.bits if card else 0)
    report = measure(encoder, gallery, split=split, progress=tqdm)
    record = {**report.as_dict(), "ceiling": _ceilings()}
    lines = report.lines() + [
        f"ceiling set by ambiguous captions, t2v, {name}: {recall}"
        for name, recall in record["ceiling"].items()
    ]
    return "retrieval", record, lines


def _by_action(
    encoder: "VideoEncoder", gallery: "Gallery", split: str, bits: int
) -> tuple[dict[str, Any], list[str]]:
    """Clip to clip, for a method without text: the same action shown by others."""
    from xmr_core.datasets.scenes.dataset import load_scripts
    from xmr_core.methods.triplet.protocol import PROTOCOL, other_cast_map
    from xmr_core.search import score_all

    scripts = list(load_scripts().values())
    value = other_cast_map(
        score_all(gallery.embeddings(), gallery, encoder),
        [script.event for script in scripts],
        [frozenset(actor.subject for actor in script.actors) for script in scripts],
    )
    record = {"protocol": f"{split}, {PROTOCOL}", "bits": bits, "mAP": round(100 * value, 2)}
    return record, [f"{record['protocol']}: mAP {record['mAP']} % at {bits} bits"]


def _into_card(checkpoint: str, kind: str, options: str, record: dict[str, Any]) -> None:
    from xmr_core.checkpoints import checkpoint_folder, read_card, write_card
    from xmr_core.hub import is_address

    folder = None if is_address(checkpoint) else checkpoint_folder(checkpoint)
    if folder is None:
        raise XmrError(f"{checkpoint} has no folder here whose card could be written")
    old = read_card(folder)
    measured = {"command": f"xmr evaluate {old.id} {options} --json", **record}
    if "checkpoint" in record:  # a folder's name may be another
        measured["checkpoint"] = old.id
    write_card(replace(old, metrics={**old.metrics, kind: measured}), folder)


def _evaluate_matrices(
    checkpoint: str,
    queries: tuple[tuple[Path, Path], Path | None],
    database: tuple[tuple[Path, Path] | None, Path | None],
    as_json: bool,
) -> None:
    from xmr_core.checkpoints import checkpoint_folder
    from xmr_core.methods.cmfh.evaluate import Side, evaluate_matrices
    from xmr_core.methods.cmfh.model import CmfhModel

    folder = checkpoint_folder(checkpoint)
    if folder is None:
        raise XmrError(f"no checkpoint {checkpoint!r}; give a folder that `xmr train cmfh` wrote")
    searched = None if database[0] is None else Side(database[0], database[1])
    report = evaluate_matrices(CmfhModel.load(folder), Side(*queries), searched)
    if as_json:
        print_json(report)
        return
    protocol = report.pop("protocol")
    print("  ".join(f"{name} {value}" for name, value in protocol.items()))
    for scoring, directions in report.items():
        for direction, numbers in directions.items():
            shown = "  ".join(f"{name} {value:g}" for name, value in numbers.items())
            print(f"{scoring:<10} {direction}  {shown}")


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
