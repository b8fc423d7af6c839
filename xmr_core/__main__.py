"""The command line: `xmr`, or `python -m xmr_core`.

Exit status: 0 done, 2 the user's mistake (one line on stderr), 1 ours. No traceback without
`--debug`.
"""

import json
import logging
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from xmr_core.errors import XmrError
from xmr_core.types import CheckpointCard, Explanation, Match, SearchResult

Text = tyro.conf.Positional[str]


def search(
    query: Text,
    *,
    gallery: str = "scenes",
    checkpoint: str = "scenes-clip",
    top: int = 10,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Finds the clips that fit a sentence.

    Args:
        query: A sentence in English or Chinese.
        gallery: "scenes", or a folder written by `xmr index`.
        checkpoint: Which model; see `xmr checkpoints list`.
        top: How many matches.
        as_json: Print one JSON object.
    """
    from xmr_core.engine import Engine

    _show_result(Engine(checkpoint, gallery).search(query, _positive(top)), as_json)


def similar(
    video: Text,
    *,
    gallery: str = "scenes",
    checkpoint: str = "scenes-clip",
    top: int = 10,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Finds the clips most like a video file or a clip of the gallery.

    Args:
        video: A video file, or the id of a clip.
        gallery: "scenes", or a folder written by `xmr index`.
        checkpoint: Which model.
        top: How many matches.
        as_json: Print one JSON object.
    """
    from xmr_core.engine import Engine

    _show_result(Engine(checkpoint, gallery).similar(video, _positive(top)), as_json)


def describe(
    video: Text,
    *,
    gallery: str = "scenes",
    checkpoint: str = "scenes-clip",
    top: int = 10,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Finds the gallery's sentences that fit a video file or a clip of the gallery.

    Args:
        video: A video file, or the id of a clip.
        gallery: "scenes", or a folder written by `xmr index`.
        checkpoint: Which model.
        top: How many sentences.
        as_json: Print one JSON object.
    """
    from xmr_core.engine import Engine

    found = Engine(checkpoint, gallery).describe(video, _positive(top))
    if as_json:
        _print_json(asdict(found))
        return
    for row in found.captions:
        print(f"{row.rank:>3}  {row.score:.3f}  {row.caption.text}  ({row.clip_id})")


def explain(
    query: Text,
    clip: Text,
    *,
    gallery: str = "scenes",
    checkpoint: str = "scenes-clip",
    out: Path | None = None,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Tells why a clip got its score for a sentence.

    Args:
        query: A sentence.
        clip: Id of a clip of the gallery.
        gallery: "scenes", or a folder written by `xmr index`.
        checkpoint: Which model.
        out: Also write a figure, as PNG.
        as_json: Print one JSON object.
    """
    from xmr_core.engine import Engine

    engine = Engine(checkpoint, gallery)
    found = engine.explain(query, clip)
    if out is not None:
        from xmr_core.explain.figure import write_figure

        write_figure(found, engine.frames(clip), out)
    if as_json:
        _print_json(_explanation(found))
        return
    print(f"{clip}  score {found.score:.3f}")
    for word, known, effect in zip(found.words, found.word_known, found.word_effects, strict=True):
        print(f"  {word:<16} {effect:+.3f}{'' if known else '  (unknown to this model)'}")
    best = int(found.frame_scores.argmax())
    print(f"  best frame at {found.frame_times_s[best]:.1f} s ({found.frame_scores[best]:.3f})")
    if out is not None:
        print(f"  figure: {out}")


def index(
    folder: tyro.conf.Positional[Path | None] = None,
    *,
    out: Path,
    data: Literal["scenes"] | None = None,
    checkpoint: str = "scenes-clip",
) -> None:
    """Makes a searchable gallery of all videos and images below a folder; resumes if stopped.

    Args:
        folder: Where the videos are; not needed with --data.
        out: Folder of the new gallery.
        data: A data set instead of a folder.
        checkpoint: Which model embeds them.
    """
    from tqdm import tqdm

    from xmr_core.checkpoints import load_checkpoint
    from xmr_core.indexing import index_folder
    from xmr_core.indexing.scenes import index_scenes

    if (folder is None) == (data is None):
        raise XmrError("give either a folder or --data scenes")
    encoder, sha256 = load_checkpoint(checkpoint)
    if folder is None:
        gallery = index_scenes(encoder, out, sha256, progress=tqdm)
    else:
        gallery = index_folder(folder, encoder, out, checkpoint_sha256=sha256, progress=tqdm)
    print(f"{len(gallery):,} clips in {out}; {len(gallery.card.bad_files)} files could not be read")
    for bad in gallery.card.bad_files:
        print(f"  {bad.path}: {bad.reason}")


def train(
    method: tyro.conf.Positional[Literal["clip"]],
    *,
    out: Path,
    data: Literal["scenes"] = "scenes",
    steps: int | None = None,
    batch_size: int | None = None,
    lr: float | None = None,
    seed: int | None = None,
    threads: int | None = None,
) -> None:
    """Trains a method; a stopped run goes on where it was.

    Args:
        method: What to train.
        out: Folder of the run; becomes a checkpoint folder.
        data: What to train on.
        steps: Optimiser steps; the default is that of the shipped checkpoint, as for all below.
        batch_size: Clips per step.
        lr: Peak learning rate.
        seed: Of all randomness.
        threads: CPU threads; all cores by default.
    """
    from xmr_core.checkpoints import write_card
    from xmr_core.gallery.files import checksum
    from xmr_core.methods.clip.config import ClipTrainConfig
    from xmr_core.methods.clip.train import train_clip
    from xmr_core.training.provenance import provenance

    given = {"steps": steps, "batch_size": batch_size, "lr": lr, "seed": seed}
    config = ClipTrainConfig(**{k: v for k, v in given.items() if v is not None})
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    from tqdm import tqdm

    encoder, seconds = train_clip(config, out, tqdm)
    weights = out / "open_clip_model.safetensors"
    card = CheckpointCard(
        id=out.resolve().name,
        method=method,
        title="Small CLIP trained on scenes, mean pooling, English and Chinese",
        languages=encoder.languages,
        width=config.model.embed_dim,
        num_frames=encoder.num_frames,
        weights=weights.name,
        sha256=checksum(weights),
        licence="MIT",
        closed_vocabulary=True,
        trained=provenance(shlex.join(["xmr", *sys.argv[1:]]), data, config.seed, seconds),
    )
    write_card(card, out)
    print(f"checkpoint in {out}; measure it with: xmr evaluate {out} --data {data} --split test")


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
        _print_json(record)
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


def checkpoints(
    action: tyro.conf.Positional[Literal["list", "show", "verify"]] = "list",
    checkpoint: tyro.conf.Positional[str] = "",
) -> None:
    """Lists the bundled checkpoints, shows one card, or verifies checksums.

    Args:
        action: What to do.
        checkpoint: Which one; all by default.
    """
    from xmr_core.checkpoints import (
        bundled_checkpoints,
        checkpoint_folder,
        read_card,
        verify_checkpoint,
    )

    names = [checkpoint] if checkpoint else [card.id for card in bundled_checkpoints()]
    for name in names:
        folder = checkpoint_folder(name)
        if folder is None:
            raise XmrError(f"no checkpoint {name!r}; see: xmr checkpoints list")
        card = verify_checkpoint(folder) if action == "verify" else read_card(folder)
        if action == "show":
            _print_json(asdict(card))
        else:
            verified = f"  sha256 {card.sha256[:12]}... verified" if action == "verify" else ""
            print(f"{card.id:<16} {card.method:<8} {card.title}{verified}")


def doctor() -> None:
    """Tells what is installed, what works, and what to do about what does not."""
    from xmr_core.doctor import findings

    broken = False
    for finding in findings():
        print(f"{'!' if finding.advice else ' '} {finding.name:<24} {finding.value}")
        if finding.advice:
            print(f"    {finding.advice}")
        broken |= bool(finding.advice) and finding.needed
    if broken:
        raise XmrError("something that the app needs is missing; see the lines marked with '!'")


def serve() -> None:
    """Opens the app, as `python app.py` does."""
    import runpy

    runpy.run_path(str(Path(__file__).resolve().parents[1] / "app.py"), run_name="__main__")


COMMANDS: dict[str, Callable[..., None]] = {
    "search": search,
    "similar": similar,
    "describe": describe,
    "explain": explain,
    "index": index,
    "train": train,
    "evaluate": evaluate,
    "checkpoints": checkpoints,
    "doctor": doctor,
    "serve": serve,
}


def main() -> None:
    """Runs one command and turns errors into one line and an exit status."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR)
    if not debug:  # libraries' own bars and advice are noise beside ours
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        tyro.extras.subcommand_cli_from_dict(
            COMMANDS,
            prog="xmr",
            description="Search videos with sentences and see why they match.",
            args=arguments,
        )
    except XmrError as error:
        if debug:
            raise
        sys.exit(_fail(str(error), 2))
    except KeyboardInterrupt:
        sys.exit(_fail("stopped; the same command goes on from here where it can", 130))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing to report
    except Exception as error:
        if debug:
            raise
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        sys.exit(_fail(f"a fault of this program: {reason} (--debug shows where)", 1))


def _fail(message: str, status: int) -> int:
    print(f"xmr: {message}", file=sys.stderr)
    return status


def _positive(top: int) -> int:
    if top < 1:
        raise XmrError(f"--top is {top}; ask for at least one match")
    return top


def _show_result(result: SearchResult, as_json: bool) -> None:
    if as_json:
        _print_json(search_record(result))
        return
    for word in result.unknown_words:
        print(f"'{word}' is not a word this small model knows", file=sys.stderr)
    for match in result.matches:
        clip = match.clip
        print(f"{match.rank:>3}  {match.score:.3f}  {clip.id}  {_caption(match)}")


def search_record(result: SearchResult) -> dict[str, Any]:
    """The object that `xmr search --json` prints."""
    return {
        "query": result.query,
        "checkpoint": result.checkpoint,
        "gallery": result.gallery,
        "matches": [
            {
                "rank": match.rank,
                "id": match.clip.id,
                "score": match.score,
                "caption": _caption(match),
                "start_s": match.clip.start_s,
                "end_s": match.clip.end_s,
                "url": match.clip.url,
            }
            for match in result.matches
        ],
        "unknown_words": list(result.unknown_words),
        "elapsed_ms": asdict(result.elapsed_ms),
    }


def _caption(match: Match) -> str:
    return match.clip.caption("en")


def _explanation(found: Explanation) -> dict[str, Any]:
    record = {name: getattr(found, name) for name in Explanation.__slots__}
    record["clip"] = found.clip.id
    return {k: v.tolist() if hasattr(v, "tolist") else v for k, v in record.items()}


def _print_json(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()
