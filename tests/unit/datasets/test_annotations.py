"""Items of data sets: joins, labels, and which media are there."""

import re

import pytest

from xmr_core.datasets.annotations import (
    AnnotatedItem,
    class_labels,
    find_clips,
    safe_id,
    with_captions,
)
from xmr_core.errors import DataError
from xmr_core.types import Caption

ZH = Caption("猫", "zh")


def test_captions_join_by_id():
    items = (AnnotatedItem("a", (Caption("cat", "en"),)), AnnotatedItem("b"))
    a, b = with_captions(items, {"a": (ZH,), "c": (ZH,)})
    assert a.texts("zh") == ("猫",) and a.texts("en") == ("cat",) and b.captions == ()


def test_labels_count_identities_from_zero():
    items = [AnnotatedItem(str(n), identity=n) for n in (12, 3, 12, 900)]
    assert class_labels(items).tolist() == [1, 0, 1, 2]
    with pytest.raises(DataError, match="'x' has no identity"):
        class_labels([AnnotatedItem("x")])


def test_missing_media_are_counted(tmp_path):
    for name in ("sub/video1.mp4", "walk/a.avi", "run/a.avi", "video2.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "video3.mp4").symlink_to(tmp_path / "sub/video1.mp4")
    items = [
        AnnotatedItem("video1", (ZH,), url="u", start_s=3.5, end_s=10.0, category="c"),
        AnnotatedItem("video2"),
        AnnotatedItem("video3"),
        AnnotatedItem("walk/a", file="walk/a.avi"),
        AnnotatedItem("jump/a", file="jump/a.avi"),
        AnnotatedItem("up/a", file="../a.avi"),
    ]
    there = find_clips(items, tmp_path)
    assert there.missing == ("video2", "video3", "jump/a", "up/a")
    assert str(there) == "2 of 6 media files are there"
    first, second = there.clips
    assert (first.video, first.start_s, first.end_s) == ("sub/video1.mp4", 0.0, 6.5)
    assert (first.captions, first.url, first.category, first.action) == ((ZH,), "u", "c", None)
    assert (first.source_start_s, first.gone, second.source_start_s) == (3.5, False, None)
    assert [c.gone for c in find_clips(items, tmp_path, gone={"walk/a", "x"}).clips] == [0, 1]
    assert (second.id, second.video) == ("walk_a", "walk/a.avi")
    with pytest.raises(DataError, match="no folder"):
        find_clips(items, tmp_path / "nowhere")


def test_ids_become_safe_and_stay_apart():
    ids = ["a/b", "#20 (1)", "-20-", "猫", "a:b", "x_1-2.3"]
    safe = [safe_id(text) for text in ids]
    assert len(set(safe)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", text) for text in safe)
    assert safe[0] == "a_b" and safe[-1] == "x_1-2.3"
