"""The VisualSearch layout: joins by id, frames in order, and files that do not fit together."""

import numpy as np
import pytest

from xmr_core.datasets.bigfile import BigFile
from xmr_core.datasets.visual_search import (
    VisualSearch,
    captions_by_id,
    partners,
    read_captions,
)
from xmr_core.errors import DataError
from xmr_core.types import Caption


def write_captions(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_features(folder, names=("b_10", "a_0", "b_2"), width=4, frames=None):
    folder.mkdir(parents=True, exist_ok=True)
    features = np.arange(len(names) * width, dtype="<f4").reshape(-1, width)
    features.tofile(folder / "feature.bin")
    (folder / "id.txt").write_text(" ".join(names))
    (folder / "shape.txt").write_text(f"{len(names)} {width}\n")
    if frames is not None:
        (folder / "video2frames.txt").write_text(frames)
    return features


def test_captions_are_joined_by_id_and_number(tmp_path):
    english = read_captions(
        write_captions(tmp_path / "a.txt", "v1#enc#1 second  one", "v1#enc#0 first", "v2#enc#0 x")
    )
    chinese = read_captions(
        write_captions(tmp_path / "b.txt", "v2#enc2zh#0 二", "", "v1#enc2zh#0\t一 一\r")
    )
    assert [c.text for c in english] == ["second  one", "first", "x"]
    assert [partner and partner.text for partner in partners(english, chinese)] == [
        None,
        "一 一",
        "二",
    ]
    assert captions_by_id(english)["v1"] == (Caption("first", "en"), Caption("second  one", "en"))


@pytest.mark.parametrize(
    ("tag", "language", "translated"),
    [
        ("enc", "en", False),
        ("zh", "zh", False),
        ("zhm", "zh", False),
        ("enc2zh", "zh", True),
        ("zhc2en", "en", True),
        ("zh2enc", "en", True),
        ("enc2zh2enc", "en", True),
        ("enc2de", "de", True),
        ("ja", "ja", False),
    ],
)
def test_tags_say_language_and_origin(tmp_path, tag, language, translated):
    (caption,) = read_captions(write_captions(tmp_path / "a.txt", f"v#{tag}#0 text"))
    assert (caption.language, caption.is_translated) == (language, translated)


@pytest.mark.parametrize(
    "line",
    ["v1 no tags", "v1#enc text", "v1#enc#x text", "v1#enc#3", "#enc#0 text", "v1#enc#0#1 a"],
)
def test_a_wrong_line_is_named(tmp_path, line):
    path = write_captions(tmp_path / "a.txt", "v1#enc#0 right", "", line)
    with pytest.raises(DataError, match=r"a.txt, line 3: expected '<id>#<language>#<number>"):
        read_captions(path)


def test_contradictions_and_empty_files_are_named(tmp_path):
    path = write_captions(tmp_path / "a.txt", "v1#enc#0 one", "v1#enc#0 one")
    assert len(read_captions(path)) == 1
    path = write_captions(tmp_path / "a.txt", "v1#enc#0 one", "v1#enc#0 two")
    with pytest.raises(DataError, match="line 2: 'v1#enc#0' is there twice"):
        read_captions(path)
    with pytest.raises(DataError, match="no captions"):
        read_captions(write_captions(tmp_path / "a.txt", ""))


@pytest.mark.parametrize(
    "frames",
    [
        None,
        "{'a': ['a_0'], 'b': ['b_2', 'b_10']}",
        "{u'a': [u'a_0'], u'b': ('b_2', 'b_10',),}",
        '{"a": ["a_0"], "b": ["b_2", "b_10"]}\n',
    ],
)
def test_frames_of_a_video_are_in_order(tmp_path, frames):
    features = write_features(tmp_path, frames=frames)
    file = BigFile(tmp_path)
    assert isinstance(file.features, np.memmap) and file.features.dtype == np.float32
    assert np.array_equal(file.video("b"), features[[2, 0]])
    assert np.array_equal(file.video("b", max_frames=1), features[[2]])
    assert np.array_equal(file[["a_0", "b_10"]], features[[1, 0]])
    assert "a_0" in file and "a_1" not in file
    with pytest.raises(DataError, match="no video 'c'"):
        file.video("c")
    with pytest.raises(DataError, match="no row 'a_7'"):
        file[["a_7"]]


@pytest.mark.parametrize(
    "frames",
    [
        "__import__('os').system('false')",
        "{'a': ['a_0'], 'b': ['b_3']}",
        "{'a': []}",
        "{'a': 'a_0'}",
        "{'a': [1]}",
        "['a']",
        "{'a': ['a_0']",
        "[" * 5000,
        "{'a': \"" + "(" * 5000,
    ],
)
def test_hostile_frame_lists_are_one_sentence(tmp_path, frames):
    write_features(tmp_path, frames=frames)
    with pytest.raises(DataError, match="video2frames") as caught:
        BigFile(tmp_path).video("a")
    assert "\n" not in str(caught.value)


def test_files_that_do_not_fit_together_are_named(tmp_path):
    write_features(tmp_path)
    good = {name: (tmp_path / name).read_bytes() for name in ("feature.bin", "id.txt", "shape.txt")}
    for name, content, message in (
        ("feature.bin", b"\0" * 44, "44 bytes; 3 rows of 4 numbers need 48"),
        ("id.txt", b"a_0 b_2", "2 names for 3 rows"),
        ("id.txt", b"a_0 b_2 a_0", "name twice"),
        ("shape.txt", b"3", "two numbers"),
        ("shape.txt", b"3 -4", "two numbers"),
        ("shape.txt", b"3 " + b"9" * 500, "two numbers"),
        ("shape.txt", b"3 99999999999", "bytes"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=message):
            BigFile(tmp_path)
        (tmp_path / name).write_bytes(good[name])
    (tmp_path / "id.txt").write_text("a0 b_2 b_10")
    with pytest.raises(DataError, match="'a0' is not named"):
        BigFile(tmp_path).video("b")
    (tmp_path / "feature.bin").unlink()
    with pytest.raises(DataError, match=r"feature.bin has 0 bytes"):
        BigFile(tmp_path)


def test_a_collection_knows_its_parts(tmp_path):
    write_captions(tmp_path / "vatex/TextData/vatextest_zh.caption.txt", "v#zh#0 猫")
    write_features(tmp_path / "vatex/FeatureData/i3d")
    (tmp_path / "vatex/FeatureData/train_id.txt").write_text("1.jpg\n2.jpg\n")
    collection = VisualSearch(tmp_path, "vatex")
    assert collection.caption_names() == ("test_zh",)
    assert collection.captions("test_zh")[0].text == "猫"
    assert collection.feature_names() == ("i3d",)
    assert collection.features("i3d").features.shape == (3, 4)
    assert collection.ids("train_id") == ("1.jpg", "2.jpg")
    with pytest.raises(DataError, match="There are: i3d"):
        collection.features("clip")
    with pytest.raises(DataError, match="no collection"):
        VisualSearch(tmp_path, "msrvtt")
