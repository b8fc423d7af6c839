"""Published data sets: what is there, and frames of videos in a published layout."""

from dataclasses import asdict
from pathlib import Path
from typing import Literal

import tyro

from xmr_core.commands.output import print_json
from xmr_core.errors import XmrError, plain


def data(
    action: tyro.conf.Positional[Literal["list", "check", "sources"]] = "list",
    name: tyro.conf.Positional[str] = "",
    *,
    root: Path | None = None,
    media: Path | None = None,
    out: Path | None = None,
    split: str = "all",
    json: bool = False,
) -> None:
    """Lists the published data sets that can be read; checks what of one is there.

    "sources" asks YouTube which videos have disappeared, one question a second; it can be stopped
    and goes on where it was. What it writes is for `xmr index --gone`.

    Args:
        action: What to do.
        name: With check and sources: which data set.
        root: With check and sources: folder of its annotation; subfolders are searched.
        media: With check: folder of its videos or pictures, if that is another one.
        out: With sources: file for the ids of what has disappeared.
        split: With sources: which part, such as "test" or "1k-A".
        json: One JSON object.
    """
    from xmr_core.datasets.catalogue import DATASETS
    from xmr_core.datasets.checking import check_data

    if action == "list":
        if json:
            print_json({key: dataset.title for key, dataset in DATASETS.items()})
            return
        for key, dataset in DATASETS.items():
            print(f"{key:<12} {dataset.title}")
        return
    if not name or root is None:
        raise XmrError(f"give the name and its folder: xmr data {action} NAME --root DIR")
    if action == "sources":
        _sources(name, split, root, out)
        return
    check = check_data(name, root, media)
    if json:
        record = asdict(check) | {"found": [str(path) for path in check.found]}
        print_json(record | {"complete": check.is_complete})
        return
    print("\n".join(check.lines()))


def _sources(name: str, split: str, root: Path, out: Path | None) -> None:
    from tqdm import tqdm

    from xmr_core.datasets.catalogue import part_of
    from xmr_core.youtube.still_there import check_sources

    if out is None:
        raise XmrError("give the file for the ids with --out gone.txt")
    part = part_of(name, split, otherwise="all")
    journal = out.with_name(f"{out.name}.answers")
    found = check_sources(part.read(root), journal, progress=tqdm)
    draft = out.with_name(f".{out.name}.writing")
    draft.write_text("".join(f"{item_id}\n" for item_id in found.gone), encoding="utf-8")
    draft.replace(out)
    print(f"{part}: {found}; the gone ones are in {out}")


def import_frames(
    folder: tyro.conf.Positional[Path],
    *,
    out: Path,
    frames: int = 30,
    max_side: int | None = None,
    quality: int = 95,
) -> None:
    """Keeps frames of all videos below a folder in an LMDB store as HMMC reads it; resumes.

    Args:
        folder: Where the videos are; the name of a video without its ending is its id.
        out: Folder of the new store.
        frames: Frames of every video, at equal distances.
        max_side: Longer side of the frames in pixels, at most; by default as in the video.
        quality: Of the JPEG files, 1 to 95.
    """
    from tqdm import tqdm

    from xmr_core import indexing

    if frames < 1 or not 1 <= quality <= 95 or (max_side is not None and max_side < 1):
        raise XmrError("--frames and --max-side must be at least 1 and --quality 1 to 95")
    made = indexing.import_frames(
        folder, out, frames=frames, max_side=max_side, quality=quality, progress=tqdm
    )
    bad = len(made.bad_files)
    print(f"{made.num_videos:,} videos of {frames} frames in {out}; {bad} files could not be read")
    for file in made.bad_files:
        print(f"  {plain(file.path)}: {plain(file.reason)}")
