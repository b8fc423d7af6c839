"""Readers of MSR-VTT, VATEX and MSVD on tiny copies of their layouts."""

import json
import zipfile

import pytest

from xmr_core.datasets.msrvtt import read_msrvtt, read_msrvtt_cn
from xmr_core.datasets.msvd import read_msvd
from xmr_core.datasets.vatex import read_vatex
from xmr_core.datasets.youtube import stretch_of
from xmr_core.errors import ConfigError, DataError


def video(number, split, category=0):
    return {
        "video_id": f"video{number}",
        "category": category,
        "url": "https://www.youtube.com/watch?v=abc",
        "start time": number,
        "end time": number + 2.5,
        "split": split,
        "id": number,
    }


def annotation(*videos, captions=2):
    sentences = [
        {"caption": f" {v['video_id']} says {k} ", "video_id": v["video_id"], "sen_id": 10 - k}
        for k in range(captions)
        for v in videos
    ]
    return {"info": {}, "videos": list(videos), "sentences": sentences}


@pytest.fixture
def msrvtt(tmp_path):
    with zipfile.ZipFile(tmp_path / "train_val_annotation.zip", "w") as archive:
        content = annotation(video(0, "train"), video(1, "validate", 99), captions=3)
        archive.writestr("train_val_videodatainfo.json", json.dumps(content))
        archive.writestr("readme.txt", "hello")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/test_videodatainfo.json").write_text(
        json.dumps(annotation(video(2, "test", 3), video(3, "test")))
    )
    (tmp_path / "MSRVTT_train.9k.csv").write_text("video_id\nvideo3\nvideo0\n")
    (tmp_path / "MSRVTT_JSFUSION_test.csv").write_text(
        'key,vid_key,video_id,sentence\nret0,msr2,video2,"a, b"\n'
    )
    return tmp_path


def test_msrvtt_protocols(msrvtt):
    full = read_msrvtt(msrvtt, "full")
    assert [(item.id, item.split) for item in full] == [
        ("video0", "train"),
        ("video1", "val"),
        ("video2", "test"),
        ("video3", "test"),
    ]
    assert full[0].texts("en") == ("video0 says 2", "video0 says 1", "video0 says 0")
    assert [item.category for item in full] == ["music", None, "sports/actions", "music"]
    assert (full[1].start_s, full[1].end_s) == (1.0, 3.5)
    usual = read_msrvtt(msrvtt)
    assert [(item.id, item.split, len(item.captions)) for item in usual] == [
        ("video3", "train", 2),
        ("video0", "train", 3),
        ("video2", "test", 1),
    ]
    assert usual[2].texts("en") == ("a, b",) and usual[2].category == "sports/actions"
    with pytest.raises(DataError, match=r"holds no MSRVTT_train\.7k\.csv"):
        read_msrvtt(msrvtt, "1k-A-7k")
    with pytest.raises(ConfigError, match="1k-B"):
        read_msrvtt(msrvtt, "1k-B")


def test_msrvtt_merged_file_comes_first(msrvtt):
    (msrvtt / "MSRVTT_data.json").write_text(json.dumps(annotation(video(7, "train"))))
    assert [item.id for item in read_msrvtt(msrvtt, "full")] == ["video7"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("MSRVTT_train.9k.csv", "video_id\nvideo8\n", "lists 'video8', which is not annotated"),
        ("MSRVTT_train.9k.csv", "id\nvideo0\n", "a row lacks video_id"),
        ("MSRVTT_JSFUSION_test.csv", "video_id,sentence\nvideo2,\n", "lacks video_id or sentence"),
        ("MSRVTT_JSFUSION_test.csv", 'video_id,sentence\n"video2" x,y\n', "not a CSV file"),
        ("MSRVTT_JSFUSION_test.csv", "video_id,sentence\nvideo0,y\n", "names 'video0' twice"),
        ("deep/test_videodatainfo.json", "{}", "'sentences' is missing"),
        ("deep/test_videodatainfo.json", '{"videos": [1], "sentences": []}', "video 0 is not an"),
        ("train_val_annotation.zip", "no zip", "zip file"),
    ],
)
def test_damage_to_msrvtt_is_named(msrvtt, name, content, message):
    (msrvtt / name).write_text(content)
    with pytest.raises(DataError, match=message):
        read_msrvtt(msrvtt)


def test_msrvtt_cn(tmp_path):
    (tmp_path / "msrvtt10kyutest.caption.txt").write_text("video1#enc#0 one\nvideo2#enc#0 two\n")
    with pytest.raises(DataError, match="msrvtt10kyutest_zh"):
        read_msrvtt_cn(tmp_path)
    (tmp_path / "msrvtt10kyutest_zh.caption.txt").write_text("video2#zh#0 二\nvideo1#zh#0 一\n")
    first, second = read_msrvtt_cn(tmp_path)
    assert (first.id, first.texts("zh"), second.texts("en")) == ("video1", ("一",), ("two",))


ID = "Ptf_2VRj-V0_000122_000132"


def test_vatex_from_caption_files(tmp_path):
    folder = tmp_path / "VisualSearch/vatex/TextData"
    folder.mkdir(parents=True)
    (folder / "vatextest.caption.txt").write_text(f"{ID}#enc#0 one\n{ID}#enc#1 two\n")
    (folder / "vatextest_zh.caption.txt").write_text(f"{ID}#zh#0 一\n")
    (folder / "vatexval.caption.txt").write_text("other#enc#0 three\n")
    (item, test) = read_vatex(tmp_path)
    assert (item.id, item.split, item.url) == ("other", "val", None)
    assert (test.texts("en"), test.texts("zh")) == (("one", "two"), ("一",))
    assert (test.url, test.start_s, test.end_s) == (
        "https://www.youtube.com/watch?v=Ptf_2VRj-V0",
        122.0,
        132.0,
    )


def test_vatex_from_json(tmp_path):
    path = tmp_path / "vatex_validation_v1.0.json"
    path.write_text(json.dumps([{"videoID": ID, "enCap": ["one"], "chCap": ["一", " "]}]))
    test = tmp_path / "vatex_public_test_english_v1.1.json"
    test.write_text(json.dumps([{"videoID": "b", "enCap": ["two"]}]))
    items = read_vatex(tmp_path)
    assert [(item.id, item.split, len(item.captions)) for item in items] == [
        (ID, "val", 2),
        ("b", "test", 1),
    ]
    (tmp_path / "vatex_data.json").write_text(json.dumps({ID: {"enCap": ["one"], "chCap": []}}))
    (tmp_path / "test_list.txt").write_text(f"{ID}\n")
    assert [(item.id, item.split) for item in read_vatex(tmp_path)] == [(ID, "test")]
    for content in ("[]", f'{{"{ID}": 1}}', f'{{"{ID}": {{"enCap": 1}}}}'):
        (tmp_path / "vatex_data.json").write_text(content)
        with pytest.raises(DataError, match=r"vatex_data\.json"):
            read_vatex(tmp_path)


def test_an_empty_folder_is_one_sentence(tmp_path):
    for reader in (read_vatex, read_msvd, read_msrvtt):
        with pytest.raises(DataError, match="holds no"):
            reader(tmp_path)
        with pytest.raises(DataError, match="no folder"):
            reader(tmp_path / "nowhere")


def test_msvd(tmp_path):
    (tmp_path / "AllVideoDescriptions.txt").write_text(
        "# comment\n-4wsuPCjDBc_5_15 a squirrel eats\n\nmv89psg6zh4_33_46 a bird\n"
        "-4wsuPCjDBc_5_15 it chews\n"
    )
    (tmp_path / "test_list.txt").write_text("mv89psg6zh4_33_46\n")
    squirrel, bird = read_msvd(tmp_path)
    assert squirrel.texts("en") == ("a squirrel eats", "it chews") and squirrel.split == ""
    assert (bird.split, bird.start_s, bird.end_s) == ("test", 33.0, 46.0)
    (tmp_path / "msvd_cn_captions_release_utf8.tsv").write_text(
        "id\tvideo_id\tsentence\n28\tvid1.mp4\t鸟\n30\tvid9.mp4\t狗\n31\tvid1.mp4\t一只鸟\n"
    )
    with pytest.raises(DataError, match=r"youtube_mapping\.txt"):
        read_msvd(tmp_path)
    (tmp_path / "youtube_mapping.txt").write_text("mv89psg6zh4_33_46 vid1\n")
    assert read_msvd(tmp_path)[1].texts("zh") == ("鸟", "一只鸟")
    for name, content, line in (
        ("msvd_cn_captions_release_utf8.tsv", "id\n28 vid1 鸟\n", 2),
        ("youtube_mapping.txt", "a vid1\nb 2\n", 2),
        ("AllVideoDescriptions.txt", "no clip\n", 1),
    ):
        good = (tmp_path / name).read_bytes()
        (tmp_path / name).write_text(content)
        with pytest.raises(DataError, match=f"{name}, line {line}: expected"):
            read_msvd(tmp_path)
        (tmp_path / name).write_bytes(good)


@pytest.mark.parametrize("text", ["", "video12", "abc_1_2", "-4wsuPCjDBc_15_5", "-4wsuPCjDBc_5"])
def test_other_ids_name_no_stretch(text):
    assert stretch_of(text) is None
