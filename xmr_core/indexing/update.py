"""A folder of one's own videos into a gallery, and again when the folder has changed.

What has the size and time that the gallery remembers is not opened. Of the rest the content is
compared by its fingerprint, so touched, renamed and repeated files keep their embeddings, and only
new content is decoded. The gallery that is there stays until the new one takes its place.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import VideoUnavailableError, XmrError
from xmr_core.gallery import Gallery, check_writable, recover_folder
from xmr_core.indexing.comparing import Plan, compare
from xmr_core.indexing.folder import IMAGE_SUFFIXES, VIDEO_SUFFIXES, find_media
from xmr_core.indexing.journal import Journal
from xmr_core.indexing.known import read_known
from xmr_core.indexing.lock import only_writer
from xmr_core.indexing.merging import merge, stretch_key
from xmr_core.indexing.stretches import Cutter, FolderReader
from xmr_core.indexing.videos import IndexingStoppedError, Source, fill_journal
from xmr_core.media.cuts import Cutting, Stretch
from xmr_core.media.limits import MAX_SIDE
from xmr_core.media.worker import MediaReader
from xmr_core.progress import Progress, no_progress
from xmr_core.types import Clip


def index_folder(
    folder: str | Path,
    encoder: VideoEncoder,
    out: str | Path,
    checkpoint_sha256: str = "",
    *,
    cutting: Cutting = Cutting(),  # noqa: B008  it is frozen
    workers: int | None = None,
    reader: FolderReader | None = None,
    progress: Progress = no_progress,
    should_stop: Callable[[], bool] = lambda: False,
) -> Gallery:
    """Writes a gallery of all videos and images below a folder, or brings one up to date.

    Killed at any moment, the same call goes on where it was; every file is in the result once. The
    card says what changed and, where everything had to be read again, why.

    Args:
        folder: Searched with its subfolders.
        encoder: What embeds the frames.
        out: Folder of the gallery.
        checkpoint_sha256: Of the encoder's weights.
        cutting: How long videos become several clips.
        workers: Processes that decode; by default one for every two cores, at most four.
        reader: What decodes instead of `workers` new processes.
        progress: Counts the files.
        should_stop: Asked after every file; True ends the run in a resumable state.

    Raises:
        XmrError: The folder is missing or holds no readable video, another process writes the
            same gallery, or `IndexingStoppedError`.
    """
    folder, out = Path(folder), Path(out).absolute()
    check_writable(out)
    if not folder.is_dir():
        raise XmrError(f"There is no folder {folder}.")
    identity = {
        "checkpoint": encoder.id,
        "sha256": checkpoint_sha256,
        "num_frames": encoder.num_frames,
        "max_side": MAX_SIDE,
    }
    partial = out.parent / f".{out.name}.partial"
    with only_writer(out), ExitStack() as stack:
        recover_folder(out)
        known = read_known(out, identity | {"cutting": asdict(cutting)})
        found = find_media(folder, skip=[out])
        plan = compare(folder.resolve(), found, known, progress=progress, should_stop=should_stop)
        if known.gallery is not None and plan.is_same:
            shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed at its very end
            card = replace(known.gallery.card, changes=dict(plan.changes), note="")
            return replace(known.gallery, card=card)
        if not plan.files and not plan.bad:
            kinds = " ".join(sorted(suffix[1:] for suffix in VIDEO_SUFFIXES | IMAGE_SUFFIXES))
            raise XmrError(f"There are no videos or images in {folder}. Looked for: {kinds}.")
        journal = Journal(partial, identity)
        stretches: dict[str, Sequence[Stretch]] = {}
        failed: dict[str, str] = {}
        if plan.new:
            reader = reader or stack.enter_context(MediaReader(workers or default_workers()))
            cutter = Cutter(cutting, reader, journal.folder / "cuts.jsonl")
            stretches, failed = _cut(plan, cutter, progress, should_stop)
            sources = _sources(plan, stretches)
            finished = journal.durations_s.keys() | journal.reasons.keys()
            fill_journal(
                journal,
                {key: source for key, source in sources.items() if key not in finished},
                encoder,
                reader,
                total=len(sources),
                progress=progress,
                should_stop=should_stop,
            )
        merged = merge(
            plan, stretches, failed, journal, out, encoder, identity | {"cutting": asdict(cutting)}
        )
        journal.remove()
    return merged


def default_workers() -> int:
    """One for every two cores, at most four: the encoder needs the others."""
    return min(4, max(1, (os.cpu_count() or 1) // 2))


def _cut(
    plan: Plan, cutter: Cutter, progress: Progress, should_stop: Callable[[], bool]
) -> tuple[dict[str, Sequence[Stretch]], dict[str, str]]:
    """How each new content is cut, and those that cannot be looked at, with reasons."""
    stretches: dict[str, Sequence[Stretch]] = dict(cutter.remembered())
    failed: dict[str, str] = {}
    todo = [(digest, path) for digest, path in plan.new.items() if digest not in stretches]
    for digest, path in progress(todo, desc="Measuring", total=len(todo)):
        if should_stop():
            raise IndexingStoppedError(
                "Indexing stopped while lengths were measured; start it again to go on from there."
            )
        try:
            stretches[digest] = cutter.stretches(plan.root / path, digest)
        except VideoUnavailableError as error:
            failed[digest] = str(error)
    return stretches, failed


def _sources(plan: Plan, stretches: Mapping[str, Sequence[Stretch]]) -> dict[str, Source]:
    """What is to be read, by its key in the journal."""
    sources = {}
    for digest, path in plan.new.items():
        if digest not in stretches:
            continue
        for stretch in stretches[digest] or (None,):
            start_s, end_s = stretch or (0.0, 0.0)
            clip = Clip(digest, path, start_s, end_s)
            source = Source(plan.root / path, clip, whole_file=stretch is None)
            sources[stretch_key(digest, stretch)] = source
    return sources
