"""What of a folder a gallery already knows, and what is new."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xmr_core.gallery import BadFile
from xmr_core.indexing.fingerprint import fingerprint
from xmr_core.indexing.folder import FoundFiles
from xmr_core.indexing.known import UNSURE_NS, Known, Version
from xmr_core.indexing.videos import IndexingStoppedError
from xmr_core.progress import Progress

_COARSE_NS = 2_000_000_000
"""Some file systems count time in steps of two seconds: a file that changed so shortly before it
was listed may change again without its time showing it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A folder beside what is known of it.

    Attributes:
        root: The folder.
        known: What the gallery that is there knows.
        files: Version and fingerprint of every file that can be read, by path, sorted.
        new: Contents that must be read, with the first file that has each.
        changes: Number of files added, changed, moved, removed and unchanged.
        bad: What cannot even be opened.
        unsure: Files whose time proves nothing: they changed just now, or in the future.
    """

    root: Path
    known: Known
    files: Mapping[str, tuple[Version, str]]
    new: Mapping[str, str]
    changes: Mapping[str, int]
    bad: tuple[BadFile, ...]
    unsure: frozenset[str]

    @property
    def is_same(self) -> bool:
        """Whether the gallery would come out as it is."""
        gallery = self.known.gallery
        if gallery is None or self.changes["unchanged"] != len(self.known.files) or self.new:
            return False
        remembered = {
            path: (*version, digest)
            for path, (version, digest) in self.files.items()
            if path not in self.unsure
        }
        if any(self.known.files.get(path) != state for path, state in remembered.items()):
            return False
        bad = self.all_bad(self.known.reasons, self.known.gaps)
        return len(self.files) == len(self.known.files) and bad == gallery.card.bad_files

    def all_bad(
        self,
        reasons: Mapping[str, str],
        gaps: Mapping[str, tuple[tuple[float, float, str], ...]],
    ) -> tuple[BadFile, ...]:
        """Everything that cannot be read, by path; arguments as of `Known`."""
        bad = list(self.bad)
        for path, (_, digest) in self.files.items():
            if digest in reasons:
                bad.append(BadFile(path, reasons[digest]))
            for start_s, end_s, reason in gaps.get(digest, ()):
                bad.append(BadFile(path, f"from {start_s:.1f} s to {end_s:.1f} s: {reason}"))
        return tuple(sorted(bad, key=lambda file: file.path))


def compare(
    root: Path,
    found: FoundFiles,
    known: Known,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> Plan:
    """Opens only files whose size or time is not the known one, to take their fingerprints.

    Args:
        root: The folder.
        found: What it holds.
        known: What the gallery that is there knows.
        progress: Counts the files that are opened.
        should_stop: Asked after every one.

    Raises:
        IndexingStoppedError: `should_stop` said so.
    """
    started_ns = time.time_ns()
    is_same_place = known.root == str(root)
    files: dict[str, tuple[Version, str]] = {}
    fresh: list[tuple[str, Version]] = []
    for path, version in zip(found.paths, found.versions, strict=True):
        before = known.files.get(path)
        if is_same_place and before is not None and before[:2] == version:
            files[path] = (version, before[2])
        else:
            fresh.append((path, version))
    files |= _out_of_sight(known, found.closed) if is_same_place else {}
    num_sure = len(files)
    bad = list(found.bad)
    opened = progress(fresh, desc="Comparing", total=len(fresh)) if fresh else ()
    for path, version in opened:
        if should_stop():
            raise IndexingStoppedError("Indexing stopped before it began; start it again.")
        try:
            files[path] = (version, fingerprint(root / path, version[0]))
        except OSError as error:
            bad.append(BadFile(path, f"it cannot be opened ({error.strerror})"))
    changes = _changes(files, [path for path, _ in fresh], num_sure, known)
    ordered = {path: files[path] for path in sorted(files)}
    rows, new = known.rows() if fresh else {}, {}
    for path, (_, digest) in ordered.items() if fresh else ():
        if digest not in rows and digest not in known.reasons:
            new.setdefault(digest, path)
    unsure = frozenset(path for path, v in fresh if v[1] > started_ns - _COARSE_NS)
    return Plan(root, known, ordered, new, changes, tuple(bad), unsure)


def _out_of_sight(known: Known, closed: tuple[str, ...]) -> dict[str, tuple[Version, str]]:
    """Known files in folders that cannot be listed now: nobody can say that they are gone."""
    return {
        path: ((size, time_ns), digest)
        for path, (size, time_ns, digest) in known.files.items()
        if any(not folder or path.startswith(f"{folder}/") for folder in closed)
    }


def _changes(
    files: Mapping[str, tuple[Version, str]], fresh: list[str], num_sure: int, known: Known
) -> dict[str, int]:
    changes = dict.fromkeys(("added", "changed", "moved", "removed"), 0) | {"unchanged": num_sure}
    gone = Counter(digest for path, (_, _, digest) in known.files.items() if path not in files)
    num_gone = gone.total()
    for path in fresh:
        if path not in files:
            continue
        digest, before = files[path][1], known.files.get(path)
        if before is not None:
            changes["unchanged" if before[2] == digest else "changed"] += 1
        elif gone[digest]:
            gone[digest] -= 1
            changes["moved"] += 1
        else:
            changes["added"] += 1
    return changes | {"removed": num_gone - changes["moved"]}


def remembered(plan: Plan, path: str) -> tuple[int, int, str]:
    """What the next run shall know of a file."""
    (size, time_ns), digest = plan.files[path]
    return size, UNSURE_NS if path in plan.unsure else time_ns, digest
