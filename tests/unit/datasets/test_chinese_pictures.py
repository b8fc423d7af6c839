"""COCO-CN and Flickr30k-CN in their published forms, and lines that are none."""

import json

import pytest

from xmr_core.datasets.annotations import find_clips
from xmr_core.datasets.checking import check_data
from xmr_core.datasets.chinese_pictures import read_coco_cn, read_flickr30k_cn
from xmr_core.errors import DataError

ONE, TWO = "COCO_train2014_000000000101", "COCO_val2014_000000000042"


def write(folder, name, *lines):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def karpathy(folder, name, *files):
    images = [
        {"imgid": n, "filename": file, "split": "train", "sentences": [{"raw": f"Picture {n}."}]}
        for n, file in enumerate(files)
    ]
    write(folder, name, json.dumps({"images": images}))


def test_coco_cn(tmp_path):
    folder = tmp_path / "coco-cn-version1805v1.1"
    lines = (f"{TWO}#0\t一只猫坐在沙发上", f"{ONE}#0\t两个人", f"{TWO}#1 猫", "COCO_9#0\t没有")
    write(folder, "imageid.human-written-caption.txt", *lines)
    write(folder, "coco-cn_train.txt", ONE)
    write(folder, "coco-cn_test.txt", TWO)
    first, second = read_coco_cn(tmp_path)
    assert (first.id, first.split, first.texts("zh")) == (ONE, "train", ("两个人",))
    assert second.texts("zh") == ("一只猫坐在沙发上", "猫") and second.texts("en") == ()
    (tmp_path / "val2014").mkdir()
    (tmp_path / f"val2014/{TWO}.jpg").write_bytes(b"x")
    assert find_clips([first, second], tmp_path).missing == (ONE,)
    assert "  test: 1 of 1 media files are there" in check_data("coco-cn", tmp_path).lines()
    karpathy(tmp_path, "dataset_coco.json", f"{TWO}.jpg", "COCO_8.jpg")
    assert read_coco_cn(tmp_path)[1].texts("en") == ("Picture 0.",)
    write(folder, "imageid.human-written-caption.txt", f"{TWO}\t猫")
    with pytest.raises(DataError, match=r"caption\.txt, line 1: expected a picture"):
        read_coco_cn(tmp_path)


def test_coco_cn_without_lists(tmp_path):
    write(tmp_path, "imageid.human-written-caption.txt", f"{TWO}#0\t猫")
    with pytest.raises(DataError, match="coco-cn_test"):
        read_coco_cn(tmp_path)


def test_flickr30k_cn_as_chinese_clip_publishes_it(tmp_path):
    lines = [
        {"text_id": 1, "text": "一个小男孩", "image_ids": [1000092795]},
        {"text_id": 2, "text": "两只狗", "image_ids": [10002456, 1000092795]},
    ]
    write(tmp_path, "test_texts.jsonl", *(json.dumps(line) for line in lines))
    write(tmp_path, "train_texts.jsonl", json.dumps({"text": "人", "image_ids": [7]}))
    train, first, second = read_flickr30k_cn(tmp_path)
    assert (train.id, train.split) == ("7", "train")
    assert (first.id, first.file, first.split) == ("1000092795", "1000092795.jpg", "test")
    assert first.texts("zh") == ("一个小男孩", "两只狗") and second.texts("zh") == ("两只狗",)
    karpathy(tmp_path, "dataset_flickr30k.json", "10002456.jpg")
    assert read_flickr30k_cn(tmp_path)[2].texts("en") == ("Picture 0.",)
    write(tmp_path, "train_texts.jsonl", json.dumps({"text": "人", "image_ids": [10002456]}))
    with pytest.raises(DataError, match="'10002456' is also in train"):
        read_flickr30k_cn(tmp_path)
    for wrong in ({"text": "人"}, {"text": "人", "image_ids": ["7"]}, {"image_ids": [7]}, [1]):
        write(tmp_path, "train_texts.jsonl", json.dumps(wrong))
        with pytest.raises(DataError, match=r"train_texts\.jsonl, line 1"):
            read_flickr30k_cn(tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        ("36979#zhm#0\t一个小男孩", "36979#zhm#1\t男孩, 狗"),
        ("36979\t一个小男孩", "36979\t男孩, 狗"),
        ("image,caption", "36979.jpg,一个小男孩", "36979.jpg,男孩, 狗"),
    ],
)
def test_flickr30k_cn_as_text(tmp_path, lines):
    write(tmp_path, "flickr30k_cn_test.txt", *lines)
    (item,) = read_flickr30k_cn(tmp_path)
    assert (item.id, item.split, item.texts("zh")) == ("36979", "test", ("一个小男孩", "男孩, 狗"))
    write(tmp_path, "flickr30k_cn_test.txt", *lines, "nothing")
    with pytest.raises(DataError, match=f"line {len(lines) + 1}"):
        read_flickr30k_cn(tmp_path)
