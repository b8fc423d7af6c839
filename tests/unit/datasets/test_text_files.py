"""Untrusted text: bounded, and errors that name the line."""

import gzip
import zipfile

import pytest

from xmr_core.datasets.text_files import (
    numbered_lines,
    read_json,
    read_text,
    read_words,
    read_zip_member,
)
from xmr_core.errors import DataError


def test_text_with_marks_and_packed(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf\xe7\x8c\xab one")
    assert read_text(tmp_path / "a.txt") == "猫 one"
    (tmp_path / "a.gz").write_bytes(gzip.compress("猫".encode()))
    assert read_text(tmp_path / "a.gz") == "猫"
    assert read_words(tmp_path / "a.txt") == ["猫", "one"]


def test_only_line_feeds_end_lines():
    text = "a\u2028b\r\n\n \nc\x0bd\x85e\n"
    assert list(numbered_lines(text)) == [(1, "a\u2028b"), (4, "c\x0bd\x85e")]


def test_errors_name_the_line(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a":\n"\xff"}')
    with pytest.raises(DataError, match=r"a.json, line 2: this is not UTF-8"):
        read_json(path)
    path.write_text('{"a":\n1,}')
    with pytest.raises(DataError, match=r"a.json, line 2: this is not JSON"):
        read_json(path)
    for hostile in ("[" * 100_000, "[" + "9" * 10_000 + "]"):
        path.write_text(hostile)
        with pytest.raises(DataError, match=r"a\.json"):
            read_json(path)
    with pytest.raises(DataError, match="no such file"):
        read_text(tmp_path / "b.json")
    with pytest.raises(DataError, match="not a file"):
        read_text(tmp_path)


def test_size_limits_hold_for_what_is_unpacked_too(tmp_path):
    (tmp_path / "a.txt").write_bytes(bytes(101))
    with pytest.raises(DataError, match="the limit is 100"):
        read_text(tmp_path / "a.txt", max_bytes=100)
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(1_000_000)))
    with pytest.raises(DataError, match="more than 10,000"):
        read_text(tmp_path / "a.gz", max_bytes=10_000)
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"text " * 999)[:40])
    with pytest.raises(DataError, match="cannot be read"):
        read_text(tmp_path / "b.gz")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/a.txt", "x" * 1_000_000)
        archive.writestr("__MACOSX/in/a.txt", "other")
        archive.writestr("../b.txt", "fine")
        archive.writestr("one/c.txt", "1")
        archive.writestr("two/c.txt", "2")
    with pytest.raises(DataError, match="more than 10,000"):
        read_zip_member(tmp_path / "a.zip", "a.txt", max_bytes=10_000)
    assert read_zip_member(tmp_path / "a.zip", "b.txt") == "fine"
    for name in ("c.txt", "d.txt"):
        with pytest.raises(DataError, match="one is needed"):
            read_zip_member(tmp_path / "a.zip", name)
    with pytest.raises(DataError, match="zip file"):
        read_zip_member(tmp_path / "a.gz", "a.txt")
