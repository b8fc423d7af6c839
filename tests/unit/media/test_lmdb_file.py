"""The LMDB reader against the LMDB library, and on files that would crash the library."""

import random
import struct

import lmdb
import pytest

from xmr_core.errors import DataError
from xmr_core.media.lmdb_file import LmdbFile


def write(folder, items):
    with lmdb.open(str(folder), map_size=1 << 26) as environment:
        for part in (items[::2], items[1::2]):  # two transactions: pages are written twice
            with environment.begin(write=True) as transaction:
                for key, value in part:
                    transaction.put(key, value)
    return folder / "data.mdb"


def some_items(seed, count):
    rng = random.Random(seed)
    keys = {rng.randbytes(rng.choice((1, 3, 20, 300, 511))) for _ in range(count)}
    sizes = (0, 1, 30, 2000, 2040, 4096, 70_000)
    items = [(key, rng.randbytes(rng.choice(sizes))) for key in sorted(keys)]
    rng.shuffle(items)
    return items


@pytest.mark.parametrize("count", [1, 7, 900])
def test_finds_what_the_library_wrote(tmp_path, count):
    items = some_items(count, count)
    with LmdbFile(write(tmp_path, items)) as file:
        assert file.num_entries == len(items)
        assert list(file.keys()) == sorted(key for key, _ in items)
        for key, value in items:
            assert file.get(key) == value
            assert file.get(key + b"\x00") is None
        assert file.get(b"") is None


def test_deleted_keys_and_an_empty_file(tmp_path):
    items = some_items(5, 300)
    path = write(tmp_path, items)
    for kept in (items[:40], []):
        with lmdb.open(str(tmp_path)) as environment, environment.begin(write=True) as transaction:
            for key, _ in items[len(kept) :]:
                transaction.delete(key)
        with LmdbFile(path) as file:
            assert list(file.keys()) == sorted(key for key, _ in kept)
            assert file.get(items[-1][0]) is None


def test_a_file_that_was_cut_off_is_refused_at_once(tmp_path):
    path = write(tmp_path, some_items(1, 50))
    whole = path.read_bytes()
    for size in (0, 10, 4096, 8191, 8192, len(whole) - 4096):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError):
            LmdbFile(path)


def test_no_change_of_bytes_gives_anything_but_values_or_one_sentence(tmp_path):
    items = some_items(2, 120)
    whole = bytearray(write(tmp_path, items).read_bytes())
    rng = random.Random(0)
    path = tmp_path / "changed.mdb"
    refused = 0
    for _ in range(120):
        changed = bytearray(whole)
        for _ in range(rng.choice((1, 8, 200))):
            place = rng.randrange(len(changed) // 4096) * 4096 + rng.randrange(64)
            changed[place] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        path.write_bytes(changed)
        try:
            with LmdbFile(path, max_value_bytes=100_000) as file:
                assert sum(1 for _ in file.keys()) < 1_000_000
                for key, _ in items[::7]:
                    value = file.get(key)
                    assert value is None or len(value) <= 100_000
        except DataError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 20


def test_other_options_and_other_files_are_named(tmp_path):
    with (
        lmdb.open(str(tmp_path), max_dbs=2) as environment,
        environment.begin(write=True) as transaction,
    ):
        transaction.put(b"k", b"v", db=environment.open_db(b"inner", transaction))
    with LmdbFile(tmp_path / "data.mdb") as file, pytest.raises(DataError, match="options"):
        file.get(b"inner")
    other = tmp_path / "other.mdb"
    other.write_bytes(b"SQLite format 3\x00" + bytes(9000))
    with pytest.raises(DataError, match="not an LMDB file"):
        LmdbFile(other)
    newer = bytearray((tmp_path / "data.mdb").read_bytes())
    struct.pack_into("<I", newer, 20, 2)
    other.write_bytes(newer)
    with pytest.raises(DataError, match="version 1"):
        LmdbFile(other)
    with pytest.raises(DataError):
        LmdbFile(tmp_path / "missing.mdb")


def test_a_tree_that_bites_its_own_tail_ends(tmp_path):
    path = write(tmp_path, some_items(3, 900))
    content = bytearray(path.read_bytes())
    with LmdbFile(path) as file:
        root, page = file._root, file._page_bytes
    start = root * page
    assert struct.unpack_from("<H", content, start + 10)[0] == 1  # a branch
    for place in range((struct.unpack_from("<H", content, start + 12)[0] - 16) // 2):
        (offset,) = struct.unpack_from("<H", content, start + 16 + 2 * place)
        struct.pack_into("<HHH", content, start + offset, root & 0xFFFF, root >> 16, 0)
    path.write_bytes(content)
    with LmdbFile(path) as file:
        with pytest.raises(DataError, match="does not end"):
            file.get(b"abc")
        with pytest.raises(DataError, match="does not end"):
            list(file.keys())


def test_a_long_value_is_refused(tmp_path):
    path = write(tmp_path, [(b"a", bytes(5000)), (b"b", b"x")])
    with LmdbFile(path, max_value_bytes=4999) as file:
        assert file.get(b"b") == b"x"
        with pytest.raises(DataError, match="5,000 bytes"):
            file.get(b"a")
