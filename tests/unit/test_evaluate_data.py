"""Measuring on a part of a data set: what was there is said, and only the part counts."""

import json

import numpy as np
import pytest
from test_index_published import COLOURS, annotate, features_of
from toy_encoder import ToyEncoder

from xmr_core.datasets.catalogue import Part, part_of
from xmr_core.errors import GalleryError
from xmr_core.evaluate_data import evaluate_part
from xmr_core.indexing.published import Material, index_published

TEST = part_of("msrvtt", "full")


@pytest.fixture
def root(tmp_path):
    return annotate(tmp_path / "root")


def gallery_of(root, part, names=tuple(COLOURS)):
    folder = root.parent / "features"
    folder.mkdir()
    for name in names:
        np.save(folder / f"{name}.npy", features_of(ToyEncoder(), COLOURS.get(name, (9, 9, 9))))
    return index_published(
        part, root, ToyEncoder(), root.parent / "g", Material(features=(folder,))
    )


def test_clips_outside_of_the_part_take_no_part(root):
    whole = gallery_of(root, part_of("msrvtt", "all"))
    report = evaluate_part(ToyEncoder(), whole, TEST, items=TEST.read(root))
    assert [result.captions for result in report.results] == ["first", "all"]
    assert report.results[1].t2v.metrics.num_queries == 4
    assert report.results[0].t2v.protocol.gallery_size == 2  # video0 and video2 of three
    assert report.lines()[0] == (
        "msrvtt full test: 2 of 3 clips available; not comparable with published numbers; "
        "features of the checkpoint that the user stated"
    )
    protocol = json.loads(json.dumps(report.as_dict()))["protocol"]
    assert protocol["part"] == protocol["split"] == "msrvtt full test"
    assert (protocol["available"], protocol["wanted"]) == (2, 3)
    assert (protocol["seen"], protocol["comparable"]) == ("features", False)
    assert report.as_dict()["more"][0]["protocol"]["available"] == 2
    with pytest.raises(GalleryError, match="not just of msrvtt full test; give the annotation"):
        evaluate_part(ToyEncoder(), whole, TEST)


def test_a_gallery_of_the_part_needs_no_annotation(root):
    gallery = gallery_of(root, TEST, ("video0", "video2", "video4"))
    report = evaluate_part(ToyEncoder(), gallery, TEST)
    again = evaluate_part(ToyEncoder(), gallery, TEST, items=TEST.read(root))
    assert report == again and report.coverage.is_complete
    assert "not comparable" not in report.lines()[0]


def test_sentences_are_those_of_the_annotation(root):
    gallery = gallery_of(root, part_of("msrvtt", "all"))
    annotation = json.loads((root / "MSRVTT_data.json").read_text())
    for sentence in annotation["sentences"]:
        n = int(sentence["video_id"][5:])
        sentence["caption"] = ["red", "green", "blue", "x", "y"][n]
    (root / "MSRVTT_data.json").write_text(json.dumps(annotation))
    report = evaluate_part(ToyEncoder(), gallery, TEST, items=TEST.read(root))
    assert report.results[0].t2v.metrics.recall_at_1 == 100
    assert report.results[1].v2t.metrics.recall_at_1 == 100
    with pytest.raises(GalleryError, match="no captions in zh"):
        evaluate_part(ToyEncoder(), gallery, TEST, items=TEST.read(root), languages=["zh"])


def test_what_cannot_be_measured_is_said(root):
    gallery = gallery_of(root, part_of("msrvtt", "all"), ("video1",))
    with pytest.raises(GalleryError, match="none of the 3 clips of msrvtt full test"):
        evaluate_part(ToyEncoder(), gallery, TEST, items=TEST.read(root))
    with pytest.raises(GalleryError, match="same person"):
        evaluate_part(ToyEncoder(), gallery, Part("cuhk-pedes", "", "test"), items=())

    class Silent:
        id = "silent"

    with pytest.raises(GalleryError, match="'silent' reads no text"):
        evaluate_part(Silent(), gallery, TEST)
