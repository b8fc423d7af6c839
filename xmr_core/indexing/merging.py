"""What is known and what is new, together as one gallery."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.encoder import VideoEncoder
from xmr_core.errors import GalleryError
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.indexing.comparing import Plan, remembered
from xmr_core.indexing.folder import clip_ids, path_hash
from xmr_core.indexing.journal import Journal
from xmr_core.indexing.known import FILES, Gap, known_text
from xmr_core.indexing.videos import journal_stills
from xmr_core.media.cuts import Stretch
from xmr_core.types import Clip

_CHANGED_MEANWHILE = "it changed or went away while it was being read; index again"

Place = int | str
"""Where an embedding is: a row of the gallery that is there, or a key of the journal."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a content with its embedding; `clip` is what an older gallery says of it."""

    start_s: float
    end_s: float
    place: Place
    clip: Clip | None = None


def stretch_key(digest: str, stretch: Stretch | None) -> str:
    """Key in the journal of a stretch of a content; None is all of it."""
    return digest if stretch is None else f"{digest}-{stretch[0]:.3f}-{stretch[1]:.3f}"


@dataclass
class _Contents:
    """The contents of all files, by fingerprint.

    Attributes:
        pieces: Those that can be read.
        reasons: Why others cannot, for this gallery's card.
        gaps: Stretches that cannot be read of those that can.
        fleeting: Failures that the next run shall not trust, because the file was changing.
    """

    pieces: dict[str, list[Piece]]
    reasons: dict[str, str]
    gaps: dict[str, tuple[Gap, ...]]
    fleeting: set[str]


def merge(
    plan: Plan,
    stretches: Mapping[str, Sequence[Stretch]],
    failed: Mapping[str, str],
    journal: Journal,
    out: Path,
    encoder: VideoEncoder,
    identity: Mapping[str, Any],
) -> Gallery:
    """Writes the gallery of a plan whose new contents are finished.

    Args:
        plan: Files and contents.
        stretches: How new contents are cut, by fingerprint; empty for whole ones.
        failed: New contents that could not even be looked at, with reasons.
        journal: Where the embeddings of new contents are.
        out: Folder of the gallery.
        encoder: What embedded them.
        identity: What the next run must have in common with this one to go on from here.

    Raises:
        GalleryError: No file could be read.
    """
    contents = _contents(plan, stretches, failed, journal)
    bad = plan.all_bad(contents.reasons, contents.gaps)
    clips, places = _clips(plan, contents)
    if not clips:
        first = f" The first: {bad[0].path}: {bad[0].reason}" if bad else ""
        raise GalleryError(f"None of the {len(plan.files)} files could be read.{first}")
    lasting = {d: r for d, r in contents.reasons.items() if d not in contents.fleeting}
    lasting_gaps = {d: g for d, g in contents.gaps.items() if d not in contents.fleeting}
    files = {
        path: remembered(plan, path)
        for path in plan.files
        if plan.files[path][1] not in contents.fleeting
    }
    text = known_text(identity, str(plan.root), files, lasting, lasting_gaps)
    parts = _parts(places, plan.known.gallery, journal)
    card = GalleryCard(
        name=out.name,
        checkpoint_id=encoder.id,
        checkpoint_sha256=identity["sha256"],
        width=parts["global" if "global" in parts else "code"].shape[1],
        num_frames=encoder.num_frames,
        num_items=len(clips),
        media_root=str(plan.root),
        bad_files=bad,
        changes={
            **plan.changes,
            "duplicates": sum(clip.duplicate_of is not None for clip in clips),
        },
        note=f"All files were read again: {plan.known.why_not}." if plan.known.why_not else "",
    )
    posters: dict[str, Path] = {}
    stills: dict[str, Sequence[Path]] = {}
    for clip, place in zip(clips, places, strict=True):
        poster, small = _pictures(place, plan.known.gallery, journal)
        posters |= {clip.id: poster} if poster else {}
        stills |= {clip.id: small} if small else {}
    return Gallery(card, clips, parts).save(out, posters, stills, texts={FILES: text})


def _contents(
    plan: Plan,
    stretches: Mapping[str, Sequence[Stretch]],
    failed: Mapping[str, str],
    journal: Journal,
) -> _Contents:
    contents = _Contents({}, dict(plan.known.reasons), dict(plan.known.gaps), set())
    old = plan.known.gallery
    for digest, rows in plan.known.rows().items():
        clips = [old.clips[row] for row in rows] if old else []
        contents.pieces[digest] = [
            Piece(clip.start_s, clip.end_s, row, clip)
            for clip, row in zip(clips, rows, strict=True)
        ]
    for digest, path in plan.new.items():
        if digest in failed:
            contents.reasons[digest] = _clause(failed[digest])
        else:
            _add_new(contents, digest, stretches[digest], journal)
        is_damaged = digest in contents.reasons or digest in contents.gaps
        if is_damaged and _version(plan.root / path) != plan.files[path][0]:
            contents.fleeting.add(digest)
            if digest in contents.reasons:
                contents.reasons[digest] = _CHANGED_MEANWHILE
    present = {digest for _, digest in plan.files.values()}
    contents.reasons = {d: r for d, r in contents.reasons.items() if d in present}
    contents.gaps = {d: g for d, g in contents.gaps.items() if d in present}
    return contents


def _add_new(
    contents: _Contents, digest: str, stretches: Sequence[Stretch], journal: Journal
) -> None:
    pieces, gaps = [], []
    for stretch in stretches or (None,):
        key = stretch_key(digest, stretch)
        start_s, end_s = stretch or (0.0, journal.durations_s.get(key, 0.0))
        if key in journal.durations_s:
            pieces.append(Piece(start_s, end_s, key))
        else:
            gaps.append((start_s, end_s, _clause(journal.reasons[key])))
    if not pieces:
        contents.reasons[digest] = gaps[0][2]
        return
    contents.pieces[digest] = pieces
    if gaps:
        contents.gaps[digest] = tuple(gaps)


def _clips(plan: Plan, contents: _Contents) -> tuple[tuple[Clip, ...], list[Place]]:
    """The clips of all files in order, and where the embedding of each is."""
    good = [path for path, (_, digest) in plan.files.items() if digest in contents.pieces]
    names = _names(plan, {path: len(contents.pieces[plan.files[path][1]]) for path in good})
    clips: list[Clip] = []
    places: list[Place] = []
    originals: dict[str, str] = {}
    for path in good:
        (_, time_ns), digest = plan.files[path]
        original = originals.setdefault(digest, path)
        for number, piece in enumerate(contents.pieces[digest]):
            plain = piece.clip or Clip("", path, piece.start_s, piece.end_s)
            clips.append(
                replace(
                    plain,
                    id=names[path][number],
                    video=path,
                    modified=time_ns / 1e9 if time_ns >= 0 else plain.modified,
                    duplicate_of=None if original == path else names[original][number],
                )
            )
            places.append(piece.place)
    return tuple(clips), places


def _names(plan: Plan, counts: Mapping[str, int]) -> dict[str, list[str]]:
    """Ids of the clips of every file: that of the file, with ".0001" and so on if it was cut."""
    base = clip_ids(plan.files)

    def numbered(path: str, name: str) -> list[str]:
        count = counts[path]
        return [name] if count == 1 else [f"{name}.{n:04d}" for n in range(1, count + 1)]

    names = {path: numbered(path, base[path]) for path in counts}
    uses = Counter(name.lower() for some in names.values() for name in some)
    for path, some in names.items():
        # A file may really be called "film.0001.mp4".
        if len(some) > 1 and any(uses[name.lower()] > 1 for name in some):
            names[path] = numbered(path, f"{base[path]}-{path_hash(path)}")
    return names


def _parts(
    places: Sequence[Place], old: Gallery | None, journal: Journal
) -> dict[str, NDArray[Any]]:
    """The embeddings at some places, each part as one array."""
    new_rows = {row: place for row, place in enumerate(places) if isinstance(place, str)}
    old_rows = {row: place for row, place in enumerate(places) if isinstance(place, int)}
    new = journal.collect(list(new_rows.values())) if new_rows else {}
    if old is None or not old_rows:
        return new
    parts: dict[str, NDArray[Any]] = {}
    for name, stored in old.parts.items():
        parts[name] = np.empty((len(places), *stored.shape[1:]), stored.dtype)
        parts[name][list(old_rows)] = stored[list(old_rows.values())]
        if new_rows:
            parts[name][list(new_rows)] = new[name]
    return parts


def _pictures(
    place: Place, old: Gallery | None, journal: Journal
) -> tuple[Path | None, Sequence[Path]]:
    """Poster and stills that belong to an embedding."""
    if isinstance(place, str):
        return journal.posters / f"{place}.webp", journal_stills(journal, place)
    assert old is not None, "a row is one of an older gallery"
    clip_id = old.clips[place].id
    return old.poster_path(clip_id), old.still_paths(clip_id)


def _clause(sentence: str) -> str:
    """Why a file cannot be read, without its name: others may have the same content."""
    return sentence.partition(" cannot be read: ")[2] or sentence


def _version(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
