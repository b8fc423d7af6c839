"""What of a published data set is on this machine."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from xmr_core.datasets.annotations import find_clips
from xmr_core.datasets.catalogue import DATASETS, NeededFile, dataset
from xmr_core.datasets.text_files import find_file
from xmr_core.errors import DataError


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What of a data set is there.

    Attributes:
        name: Key in `DATASETS`.
        found: Annotation files that are there.
        missing: Annotation files that are not.
        problem: Why the annotation cannot be read; "" if it can.
        splits: Number of items by split.
        sentences: Number of sentences by language.
        media: Media files by split, as (there, wanted).
    """

    name: str
    found: tuple[Path, ...]
    missing: tuple[NeededFile, ...]
    problem: str
    splits: dict[str, int]
    sentences: dict[str, int]
    media: dict[str, tuple[int, int]]

    @property
    def is_complete(self) -> bool:
        """Whether the annotation can be read and every media file is there."""
        return not self.problem and all(there == wanted for there, wanted in self.media.values())

    def lines(self) -> list[str]:
        """What a person wants to know, one fact a line."""
        data = DATASETS[self.name]
        lines = [data.title]
        lines += [f"  there: {path}" for path in self.found]
        for file in self.missing:
            need = "missing (optional)" if file.optional else "missing"
            lines.append(f"  {need}: {' or '.join(file.names)}, {file.what}")
        if self.problem:
            lines.append(f"  {self.problem}")
        for split, (there, wanted) in self.media.items():
            lines.append(f"  {split or 'no split'}: {there:,} of {wanted:,} media files are there")
        if self.sentences:
            counts = (f"{count:,} {language}" for language, count in self.sentences.items())
            lines.append(f"  sentences: {', '.join(counts)}")
        if self.problem or any(not file.optional for file in self.missing):
            lines.append(f"  get it from: {data.source}")
        return lines


def check_data(name: str, root: Path, media: Path | None = None) -> DataCheck:
    """Looks at what is in a folder; missing files are counted, never an error.

    Args:
        name: Key in `DATASETS`.
        root: Where the annotation is.
        media: Where the videos or pictures are; `root` if None.

    Raises:
        ConfigError: There is no such data set.
        DataError: There is no such folder.
    """
    data = dataset(name)
    if not root.is_dir():
        raise DataError(f"There is no folder {root}.")
    places = {file: find_file(root, *file.names) for file in data.files}
    found = tuple(dict.fromkeys(path for path in places.values() if path is not None))
    missing = tuple(file for file, path in places.items() if path is None)
    problem, items = "", ()
    try:
        items = data.read(root)
    except DataError as error:
        problem = str(error)
    gone = set(find_clips(items, media or root).missing)
    splits = Counter(item.split for item in items)
    there = Counter(item.split for item in items if item.id not in gone)
    return DataCheck(
        name=name,
        found=found,
        missing=missing,
        problem=problem,
        splits=dict(splits),
        sentences=dict(Counter(c.language for item in items for c in item.captions)),
        media={split: (there[split], count) for split, count in splits.items()},
    )
