"""Reads LMDB files without trusting them.

The LMDB library maps a file and follows every number in it: a file that was cut off ends the
process with SIGBUS, and a hostile one can do more. This reader looks up keys in the same B-tree,
checks every offset against the file, and has a sentence for what does not fit. It holds no lock and
no state beyond the map, so a store may be open many times, and in processes that were forked.

Read are files of data version 1 (LMDB 0.9, py-lmdb) with 8-byte page numbers in little-endian
order, and of those the main database without duplicate keys.
"""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from xmr_core.errors import DataError

_MAGIC, _VERSION = 0xBEEFC0DE, 1
_PAGE_HEADER = struct.Struct("<QHHHH")  # number, padding, kind, end of pointers, start of nodes
_META = struct.Struct("<IIQQ48s48sQQ")  # magic, version, address, map size, free, main, last, txn
_TREE = struct.Struct(
    "<IHHQQQQQ"
)  # page size or padding, flags, depth, three counts, entries, root
_NODE = struct.Struct("<HHHH")  # low and high half of size or page, flags, length of the key
_BRANCH, _LEAF, _OVERFLOW = 1, 2, 4
_VALUE_ELSEWHERE, _NOT_PLAIN = 1, 6
_NO_ROOT = 2**64 - 1
_DEEPEST = 32


class LmdbFile:
    """The main database of one `data.mdb`, for reading.

    Args:
        path: The file.
        max_value_bytes: Longest value that is read.

    Attributes:
        num_entries: How many keys the file says it has.

    Raises:
        DataError: It is missing, cut off, or no LMDB file of this kind.
    """

    def __init__(self, path: Path, max_value_bytes: int = 1 << 26) -> None:
        self._name = f"{path.parent.name}/{path.name}"
        self._max_value_bytes = max_value_bytes
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # ValueError: an empty file
            raise DataError(f"{path} cannot be opened as an LMDB file: {error}.") from error
        if hasattr(mmap, "MADV_RANDOM"):  # values are read here and there
            self._map.madvise(mmap.MADV_RANDOM)
        try:
            self._read_meta()
        except DataError:
            self.close()
            raise

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, None if there is none.

        Raises:
            DataError: The file is damaged on the way to it, or the value too long.
        """
        number = self._root
        for _ in range(_DEEPEST):
            if number == _NO_ROOT:
                return None
            start, kind, count = self._tree_page(number)
            if kind == _LEAF:
                place = self._first_not_below(start, count, key, 0)
                node = self._node(start, place) if place < count else None
                return self._value(*node[1:]) if node and node[0] == key else None
            # Node i leads to the keys from its own up to the next one's; the first has no key.
            place = self._first_not_below(start, count, key, 1)
            if place == count or self._node(start, place)[0] != key:
                place -= 1
            number = self._child(start, place)
        raise self._damaged("its tree does not end")

    def keys(self) -> Iterator[bytes]:
        """All keys in rising order.

        Raises:
            DataError: The file is damaged.
        """
        waiting = [(self._root, 0)]
        visited = 0
        while waiting:
            number, depth = waiting.pop()
            if number == _NO_ROOT:
                continue
            visited += 1
            if depth >= _DEEPEST or visited > self._num_pages:
                raise self._damaged("its tree does not end")
            start, kind, count = self._tree_page(number)
            if kind == _LEAF:
                yield from (self._node(start, place)[0] for place in range(count))
            else:
                places = reversed(range(count))
                waiting.extend((self._child(start, place), depth + 1) for place in places)

    def close(self) -> None:
        """Lets the file go."""
        self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_meta(self) -> None:
        """Finds the newer of the two root pages and checks that the file holds all its pages."""
        first = self._meta_at(0)
        self._page_bytes = first[4][0]
        if not 256 <= self._page_bytes <= 65536 or self._page_bytes % 256:
            raise self._damaged(f"a page size of {self._page_bytes} bytes")
        second = self._meta_at(self._page_bytes)
        newest = max(first, second, key=lambda meta: meta[7])
        _, flags, _, _, _, _, self.num_entries, self._root = newest[5]
        if flags:
            raise DataError(f"{self._name} is an LMDB file with options that are not read here.")
        self._num_pages = newest[6] + 1
        if self._num_pages * self._page_bytes > len(self._map):
            raise self._damaged(
                f"it has {len(self._map):,} bytes of {self._num_pages * self._page_bytes:,}"
            )

    def _meta_at(self, start: int) -> tuple[Any, ...]:
        """Fields of a root page, the two trees unpacked."""
        begin = start + _PAGE_HEADER.size
        if begin + _META.size > len(self._map):
            raise DataError(f"{self._name} is not an LMDB file, or cut off.")
        fields = _META.unpack_from(self._map, begin)
        if fields[:2] != (_MAGIC, _VERSION):
            raise DataError(f"{self._name} is not an LMDB file of data version {_VERSION}.")
        return (*fields[:4], _TREE.unpack(fields[4]), _TREE.unpack(fields[5]), *fields[6:])

    def _tree_page(self, number: int) -> tuple[int, int, int]:
        """Where a page begins, whether it is a branch or a leaf, and how many nodes it has."""
        start = self._page_start(number)
        _, _, kind, end, _ = _PAGE_HEADER.unpack_from(self._map, start)
        count, odd = divmod(end - _PAGE_HEADER.size, 2)
        kind &= ~0x10  # "written to": left over from the transaction that made it
        if kind not in (_BRANCH, _LEAF) or odd or count < 1 or end > self._page_bytes:
            raise self._damaged(f"page {number} is no page of its tree")
        return start, kind, count

    def _page_start(self, number: int) -> int:
        if not 2 <= number < self._num_pages:
            raise self._damaged(f"there is no page {number}")
        return number * self._page_bytes

    def _first_not_below(self, start: int, count: int, key: bytes, low: int) -> int:
        """First of the nodes from `low` on whose key is not smaller than `key`, or `count`."""
        high = count
        while low < high:
            middle = (low + high) // 2
            if self._node(start, middle)[0] < key:
                low = middle + 1
            else:
                high = middle
        return low

    def _node(self, start: int, place: int) -> tuple[bytes, int, int, int]:
        """Key of a node, its flags, the size of its value and where that begins."""
        (offset,) = struct.unpack_from("<H", self._map, start + _PAGE_HEADER.size + 2 * place)
        if not _PAGE_HEADER.size <= offset <= self._page_bytes - _NODE.size:
            raise self._damaged("a node lies outside of its page")
        low, high, flags, key_bytes = _NODE.unpack_from(self._map, start + offset)
        begin = start + offset + _NODE.size
        if begin + key_bytes > start + self._page_bytes:
            raise self._damaged("a key lies outside of its page")
        end = begin + key_bytes
        return self._map[begin:end], flags, low | high << 16, end

    def _child(self, start: int, place: int) -> int:
        _, flags, size, _ = self._node(start, place)
        return size | flags << 32

    def _value(self, flags: int, size: int, begin: int) -> bytes:
        if flags & _NOT_PLAIN:
            raise DataError(f"{self._name} is an LMDB file with options that are not read here.")
        if size > self._max_value_bytes:
            raise DataError(
                f"{self._name} holds a value of {size:,} bytes; the limit is "
                f"{self._max_value_bytes:,}."
            )
        if flags & _VALUE_ELSEWHERE:
            if begin + 8 > len(self._map):
                raise self._damaged("a value lies outside")
            (number,) = struct.unpack_from("<Q", self._map, begin)
            start = self._page_start(number)
            if not _PAGE_HEADER.unpack_from(self._map, start)[2] & _OVERFLOW:
                raise self._damaged(f"page {number} holds no value")
            begin = start + _PAGE_HEADER.size
        if begin + size > len(self._map):
            raise self._damaged("a value lies outside")
        return self._map[begin : begin + size]

    def _damaged(self, reason: str) -> DataError:
        return DataError(f"{self._name} is cut off or damaged: {reason}.")
