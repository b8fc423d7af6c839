"""Videos of actions with their official splits: UCF101 and HMDB-51.

UCF101 (Soomro et al., 2012) has `classInd.txt`, `trainlist0k.txt` and `testlist0k.txt`; HMDB-51
(Kuehne et al., ICCV 2011) one file `<action>_test_split<k>.txt` per action. The three official
splits keep clips that were cut from one source video on the same side; a random split does not,
and its numbers mean nothing.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from xmr_core.datasets.annotations import AnnotatedItem, Items, unique
from xmr_core.datasets.text_files import need_file, numbered_lines, read_text
from xmr_core.errors import ConfigError, DataError

_HMDB_SPLITS = {"0": "", "1": "train", "2": "test"}


def read_ucf101(folder: Path, split: int = 1) -> Items:
    """Clips of an official split of UCF101: training clips, then test clips.

    The identity is the action's number in `classInd.txt` minus 1; the category is its name.

    Args:
        folder: `ucfTrainTestlist` as published.
        split: 1, 2 or 3.

    Raises:
        DataError: A file is missing, or a line has another form; the message names it.
        ConfigError: There is no such split.
    """
    _check_split(split)
    numbers = _ucf101_classes(folder / "classInd.txt")
    items = [
        item
        for part in ("train", "test")
        for item in _ucf101_list(folder / f"{part}list{split:02d}.txt", part, numbers)
    ]
    return unique(items, str(folder))


def read_hmdb51(folder: Path, split: int = 1, *, unused: bool = False) -> Items:
    """Clips of an official split of HMDB-51: per action 70 to train with and 30 to test.

    The identity is the place of the action in alphabetical order from 0; the category is its name.

    Args:
        folder: `testTrainMulti_7030_splits` as published.
        split: 1, 2 or 3.
        unused: Also returns the clips that the split leaves out, with split "".

    Raises:
        DataError: There are no such files, or a line has another form; the message names it.
        ConfigError: There is no such split.
    """
    _check_split(split)
    ending = f"_test_split{split}.txt"
    files = sorted(folder.glob(f"*{ending}"), key=lambda path: path.name[: -len(ending)])
    if not files:
        raise DataError(f"There are no files *{ending} in {folder}.")
    items = [
        item
        for number, path in enumerate(files)
        for item in _hmdb51_list(path, path.name[: -len(ending)], number)
        if item.split or unused
    ]
    return unique(items, str(folder))


def read_ucf101_folder(root: Path, split: int = 1) -> Items:
    """A split of UCF101, its lists somewhere in a folder; see `read_ucf101`."""
    return read_ucf101(need_file(root, "classInd.txt").parent, split)


def read_hmdb51_folder(root: Path, split: int = 1) -> Items:
    """A split of HMDB-51, its lists somewhere in a folder; see `read_hmdb51`."""
    return read_hmdb51(need_file(root, "wave_test_split1.txt").parent, split)


def _check_split(split: int) -> None:
    if split not in (1, 2, 3):
        raise ConfigError(f"There is no split {split}; the official ones are 1, 2 and 3.")


def _ucf101_classes(path: Path) -> dict[str, int]:
    """Numbers of the actions from 0 on, by name."""
    numbers: dict[str, int] = {}
    for line_number, line in numbered_lines(read_text(path)):
        found = re.fullmatch(r"(\d{1,4}) (\S+)", line.strip())
        if found is None or int(found[1]) != len(numbers) + 1 or found[2] in numbers:
            raise DataError(f"{path}, line {line_number}: expected the next number and an action.")
        numbers[found[2]] = len(numbers)
    return numbers


def _ucf101_list(path: Path, split: str, numbers: dict[str, int]) -> Iterator[AnnotatedItem]:
    for line_number, line in numbered_lines(read_text(path)):
        # Test lists end with the file; training lists repeat the action's number.
        found = re.fullmatch(r"([^/\s]+)/([^/\s]+\.avi)(?: (\d{1,4}))?", line.strip())
        if found is None or found[1] not in numbers:
            raise DataError(
                f"{path}, line {line_number}: expected '<action>/<file>.avi', found '{line[:60]}'."
            )
        number = numbers[found[1]]
        if found[3] is not None and int(found[3]) != number + 1:
            raise DataError(
                f"{path}, line {line_number}: {found[1]} has the number {number + 1}, "
                f"not {found[3]}."
            )
        yield _action_item(found[1], found[2], split, number)


def _hmdb51_list(path: Path, action: str, number: int) -> Iterator[AnnotatedItem]:
    for line_number, line in numbered_lines(read_text(path)):
        file, _, flag = line.strip().rpartition(" ")
        file = file.strip()
        if flag not in _HMDB_SPLITS or not file.endswith(".avi") or "/" in file:
            raise DataError(
                f"{path}, line {line_number}: expected '<file>.avi' and 0, 1 or 2, "
                f"found '{line[:60]}'."
            )
        yield _action_item(action, file, _HMDB_SPLITS[flag], number)


def _action_item(action: str, file: str, split: str, number: int) -> AnnotatedItem:
    path = PurePosixPath(action, file)
    return AnnotatedItem(
        id=str(path.with_suffix("")), split=split, file=str(path), category=action, identity=number
    )
