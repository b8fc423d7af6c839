"""Files of a gallery: written so that they appear whole, and read without copying."""

import ctypes
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xmr_core.files import checksum

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BOOL": "?"} | {
    f"{sign}{8 * size}": f"<{sign.lower()}{size}" for sign in "IU" for size in (1, 2, 4, 8)
}

_LARGEST_HEADER = 100_000_000  # bytes, as of the library


def map_parts(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a safetensors file, memory-mapped; writing to them never reaches the file.

    Raises:
        ValueError: The file is not what its header says.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = 8 + int.from_bytes(file.read(8), "little")
        if not 8 < start <= min(size, _LARGEST_HEADER):
            raise ValueError(f"{path.name} is not a safetensors file")
        header = json.loads(file.read(start - 8))
    parts = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        dtype, shape = np.dtype(_DTYPES[entry["dtype"]]), tuple(entry["shape"])
        if any(type(side) is not int or side < 0 for side in (*shape, begin, end)):
            raise ValueError(f"the part '{name}' of {path.name} has a shape or place that is none")
        if end - begin != dtype.itemsize * math.prod(shape) or start + end > size:
            raise ValueError(f"the part '{name}' of {path.name} is cut off")
        # Copy on write ("c"): torch refuses to wrap read-only memory without a warning.
        mapped = np.memmap(path, dtype=dtype, mode="c", offset=start + begin, shape=shape)
        parts[name] = np.asarray(mapped)
    return parts


def write_folder(
    folder: Path,
    *,
    texts: Mapping[str, str],
    tensors: Mapping[str, Mapping[str, NDArray[Any]]],
    pictures: Mapping[str, Path],
    seal: tuple[str, Callable[[dict[str, str]], str]],
) -> None:
    """Writes a folder under another name, on disk to the last byte, and renames it.

    Args:
        folder: Where it shall be; a folder that is there is replaced.
        texts: UTF-8 files by name.
        tensors: Safetensors files by name.
        pictures: Files to copy, by their relative path in the folder.
        seal: Name of the last text and a function from the checksums of texts and tensors to it.
    """
    draft = _draft_name(folder)
    shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed
    draft.mkdir(parents=True)
    for name, text in texts.items():
        write_synced(draft / name, text.encode("utf-8"))
    for name, parts in tensors.items():
        write_tensors(draft / name, parts)
    for name, source in pictures.items():
        (draft / name).parent.mkdir(exist_ok=True)
        _take(source, draft / name, folder)
    checksums = {name: checksum(draft / name) for name in (*texts, *tensors)}
    write_synced(draft / seal[0], seal[1](checksums).encode("utf-8"))
    _sync(draft)
    _put_in_place(draft, folder)


def write_synced(path: Path, content: bytes) -> None:
    """Writes a file and waits until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_tensors(
    path: Path, parts: Mapping[str, NDArray[Any]], metadata: dict[str, str] | None = None
) -> None:
    """Writes a safetensors file and waits until the disk has it."""
    from safetensors.numpy import save_file

    # safetensors writes the memory as it lies, so views must become arrays of their own.
    save_file({name: np.ascontiguousarray(part) for name, part in parts.items()}, path, metadata)
    _sync(path)


def recover_folder(folder: Path) -> None:
    """Ends what a kill left half done: brings a folder back to its name, clears what is over.

    Only for the one who has the right to write the folder.
    """
    old = _old_name(folder)
    if old.is_dir() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(_draft_name(folder), ignore_errors=True)


def _take(source: Path, target: Path, folder: Path) -> None:
    """Copies a picture; one of the folder that is about to go keeps its bytes where they are."""
    if folder in source.parents:
        try:
            return os.link(source, target)
        except OSError:  # a file system without links
            pass
    shutil.copyfile(source, target)


def _draft_name(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.writing"


def _old_name(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.old"


def _put_in_place(draft: Path, folder: Path) -> None:
    """Renames `draft` to `folder`; what was there goes away only after that."""
    old = _old_name(folder)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists() and _exchange(draft, folder):
        draft.rename(old)
    else:
        if folder.exists():
            folder.rename(old)
        try:
            draft.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two names in one step, so that there is a folder at every moment; Linux can."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename is not None and (
        rename(here, os.fsencode(one.absolute()), here, os.fsencode(other.absolute()), swap) == 0
    )


def _sync(path: Path) -> None:
    """Waits until the disk has a file, or the names in a folder (where the system can tell)."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
