"""The VisualSearch trees that go with the golden numbers, and the published caption files."""

import ast

import numpy as np
import pytest

from xmr_core.datasets.visual_search import VisualSearch, captions_by_id, partners, read_captions


@pytest.mark.parametrize("method", ["nrccr", "mlcmr"])
def test_feature_trees(shared, method):
    root = shared(f"fixtures/{method}/VisualSearch")
    features = VisualSearch(root, "vatex").features("i3d_kinetics")
    folder = features.folder
    names = (folder / "id.txt").read_text().split()
    plain = np.fromfile(folder / "feature.bin", "<f4").reshape(len(names), -1)
    lists = ast.literal_eval((folder / "video2frames.txt").read_text())
    assert lists.keys() == features.frames.keys()
    for video_id, frames in lists.items():
        assert np.array_equal(features.video(video_id), plain[[names.index(f) for f in frames]])
        assert features.video(video_id, max_frames=64).shape[0] == min(64, len(frames))


@pytest.mark.parametrize("method", ["nrccr", "mlcmr"])
def test_caption_trees(shared, method):
    collection = VisualSearch(shared(f"fixtures/{method}/VisualSearch"), "vatex")
    known = collection.features("i3d_kinetics").frames.keys()
    for part in collection.caption_names():
        assert {caption.video_id for caption in collection.captions(part)} <= known, part


def test_vatex_files_agree_by_id_and_not_by_line(shared):
    english = read_captions(shared("data/vatex/vatextest.caption.txt"))
    chinese = read_captions(shared("data/vatex/vatextest_zh.caption.txt"))
    machine = read_captions(shared("data/vatex/vatextest_google_enc2zh.caption.txt"))
    assert len(english) == len(chinese) == len(machine) == 15_000
    assert [c.video_id for c in english] != [c.video_id for c in chinese]
    by_id = captions_by_id(english)
    assert by_id.keys() == captions_by_id(chinese).keys()
    assert len(by_id) == 1500 and {len(own) for own in by_id.values()} == {10}
    assert None not in partners(english, machine) and None not in partners(english, chinese)
    assert {c.language for c in machine} == {"zh"} and all(c.is_translated for c in machine)
