"""Karpathy files and CUHK-PEDES: sentences, splits, identities, and records that lack them."""

import json

import pytest

from xmr_core.datasets.annotations import class_labels, in_split
from xmr_core.datasets.image_text import read_cuhk_pedes, read_karpathy
from xmr_core.errors import DataError
from xmr_core.types import Caption


def sentence(raw, tokens, number=0):
    return {"raw": raw, "tokens": tokens, "imgid": number, "sentid": 5 * number}


FLICKR = {
    "dataset": "flickr30k",
    "images": [
        {
            "sentids": [0, 1],
            "imgid": 7,
            "sentences": [
                sentence("Two men, outside. ", ["two", "men", "outside"]),
                sentence(" ", []),
            ],
            "split": "train",
            "filename": "1000092795.jpg",
        },
        {"imgid": 3, "sentences": [], "split": "test", "filename": "10002456.jpg"},
    ],
}
COCO = {
    "images": [
        {
            "filepath": "val2014",
            "filename": "COCO_val2014_000000522418.jpg",
            "imgid": 0,
            "cocoid": 522418,
            "split": "restval",
            "sentences": [sentence("A cake.", ["a", "cake"])],
        }
    ]
}
PEDES = [
    {
        "split": "train",
        "captions": ["A man.", "He walks."],
        "file_path": "CUHK01/0363004.png",
        "processed_tokens": [["a", "man"], ["he", "walks"]],
        "id": 1,
    },
    {"split": "test", "captions": [], "file_path": "cam_a/0363004.png", "id": 12},
    {"split": "train", "captions": [], "file_path": "cam_b/1.png", "id": 1},
]


def write(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_flickr(tmp_path):
    path = write(tmp_path / "dataset_flickr30k.json", FLICKR)
    first, second = read_karpathy(path)
    assert first.captions == (Caption("Two men, outside.", "en"),)
    assert (first.id, first.file, first.split, first.identity) == (
        "1000092795",
        "1000092795.jpg",
        "train",
        7,
    )
    assert second.captions == ()
    assert read_karpathy(path, "tokens")[0].texts("en") == ("two men outside",)


def test_coco_knows_the_folder(tmp_path):
    (item,) = read_karpathy(write(tmp_path / "dataset_coco.json", COCO))
    assert item.file == "val2014/COCO_val2014_000000522418.jpg"
    assert (item.split, item.identity) == ("restval", 0)


def test_pedes_counts_people_not_pictures(tmp_path):
    items = read_cuhk_pedes(write(tmp_path / "reid_raw.json", PEDES))
    assert [item.id for item in items] == ["CUHK01/0363004", "cam_a/0363004", "cam_b/1"]
    assert items[0].texts("en") == ("A man.", "He walks.")
    assert class_labels(items).tolist() == [0, 1, 0]
    assert [item.file for item in in_split(items, "train")] == ["CUHK01/0363004.png", "cam_b/1.png"]
    with pytest.raises(DataError, match="There are: test, train"):
        in_split(items, "val")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "not an object"),
        ({}, "'images' is missing"),
        ({"images": [1]}, "image 0 is not an object"),
        ({"images": [{"filename": "a.jpg"}]}, "image 0: 'sentences' is missing"),
        ({"images": [{**FLICKR["images"][1], "imgid": "3"}]}, "image 0: 'imgid'"),
        ({"images": [{**FLICKR["images"][1], "imgid": True}]}, "image 0: 'imgid'"),
        ({"images": [{**FLICKR["images"][1], "sentences": [{}]}]}, "image 0 sentence 0: 'raw'"),
        ({"images": [FLICKR["images"][0]] * 2}, "names '1000092795' twice"),
    ],
)
def test_other_content_is_named(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read_karpathy(write(tmp_path / "d.json", content))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "not a list"),
        ([{**PEDES[0], "captions": [1]}], "image 0: 'captions' holds"),
        ([{**PEDES[0], "captions": "text"}], "image 0: 'captions'"),
        ([PEDES[0], {**PEDES[1], "id": None}], "image 1: 'id'"),
    ],
)
def test_other_pedes_content_is_named(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read_cuhk_pedes(write(tmp_path / "d.json", content))
