import logging
import tracemalloc

import numpy as np
import pytest

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.features import Features, open_views, read_labels
from xmr_core.methods.cmfh.moments import moments_of
from xmr_core.methods.cmfh.published import load_published


@pytest.mark.parametrize("first", ["columns", "rows"])
@pytest.mark.parametrize("second", ["columns", "rows"])
def test_orientation_is_told_by_the_common_number_of_items(tmp_path, first, second):
    arrays = [np.arange(30.0).reshape(10, 3), np.arange(40.0).reshape(10, 4)]
    paths = []
    for i, (array, way) in enumerate(zip(arrays, (first, second), strict=True)):
        paths.append(tmp_path / f"X{i}.npy")
        np.save(paths[-1], array.T if way == "columns" else array)
    views = open_views(paths)
    assert [view.orientation for view in views] == [first, second]
    for view, array in zip(views, arrays, strict=True):
        assert (view.count, view.width) == array.shape
        assert np.array_equal(view.items(slice(2, 7)), array[2:7])
        assert np.array_equal(view.items(np.array([8, 1])), array[[8, 1]])


def test_both_ways_possible_needs_an_answer():
    same = np.ones((4, 9)), np.ones((4, 9))
    with pytest.raises(ConfigError, match=r'4x9 and 4x9 .* "columns" .* or "rows"'):
        open_views(same)
    assert [v.count for v in open_views(same, "columns")] == [9, 9]
    assert [v.count for v in open_views(same, "rows")] == [4, 4]
    assert [v.count for v in open_views(same, count=9)] == [9, 9]
    assert [v.count for v in open_views(same, widths=(9, 9))] == [4, 4]


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({}, "3x5 and 4x6 cannot be views of the same number of items"),
        ({"count": 7}, "of 7 items"),
        ({"orientation": "columns"}, "with items in columns"),
        ({"widths": (3, 4)}, r"of widths \(3, 4\)"),
    ],
)
def test_matrices_that_do_not_fit(known, message):
    with pytest.raises(ConfigError, match=message):
        open_views((np.ones((3, 5)), np.ones((4, 6))), **known)


def test_files_that_cannot_be_read(tmp_path):
    good = np.ones((3, 5))
    np.save(tmp_path / "objects.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "several.npz", a=good)
    np.save(tmp_path / "line.npy", np.ones(5))
    np.save(tmp_path / "words.npy", np.array([["a"]]))
    (tmp_path / "text.npy").write_text("hello")
    for name, message in {
        "objects.npy": "cannot be read",
        "missing.npy": "cannot be read",
        "text.npy": "cannot be read",
        "several.npz": "several arrays",
        "line.npy": "not a matrix of numbers",
        "words.npy": "not a matrix of numbers",
    }.items():
        with pytest.raises(ConfigError, match=message):
            open_views((tmp_path / name, good))


def test_labels():
    assert read_labels(np.array([1, 0, 2])).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert read_labels(np.array([1, 0]), classes=4).shape == (2, 4)
    several = np.array([[1, 1, 0], [0, 0, 1]])
    assert np.array_equal(read_labels(several), several)
    for wrong in (np.array([-1, 0]), np.array([0.5]), np.array([[2, 0]]), np.array([])):
        with pytest.raises(ConfigError, match="labels"):
            read_labels(wrong)


def test_memory_does_not_grow_with_the_items(tmp_path):
    peaks = []
    for count in (20_000, 80_000):
        path = tmp_path / f"{count}.npy"
        stored = np.lib.format.open_memmap(path, "w+", np.float32, (16, count))
        stored[:] = np.random.default_rng(0).random((16, count), dtype=np.float32)
        del stored
        views = open_views((path, path), "columns")
        tracemalloc.start()
        moments_of([views])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    assert peaks[1] < 80_000 * 16 * 4


def test_published_projections_say_where_their_means_come_from(caplog):
    draw = np.random.default_rng(0)
    matrices = draw.random((2, 5)), draw.random((2, 6))
    items = draw.random((40, 5)), draw.random((40, 6))
    means = [view.mean(axis=0) for view in items]
    views = open_views(items)
    given = load_published(matrices, means=[mean[:, None] for mean in means])
    computed = load_published(matrices, training=views)
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        estimated = load_published(matrices, sample=(views[0], Features(items[1][:30])))
    assert "estimated from 40 and 30 items" in caplog.text
    sources = [p.means_source for p in (given, computed, estimated)]
    assert sources == ["given", "computed", "estimated"]
    for projections in (given, computed):
        for t in (0, 1):
            expected = (items[t] - means[t]) @ matrices[t].T
            assert projections.latents(items[t], t) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("shapes", "known", "message"),
    [
        (((2, 5), (3, 6)), {"means": [np.ones(5), np.ones(6)]}, "are not"),
        (((5, 2), (6, 2)), {"means": [np.ones(5), np.ones(6)]}, "are not"),
        (((2, 5), (2, 6)), {}, "come without means"),
        (((2, 5), (2, 6)), {"means": [np.ones(5), np.ones(5)]}, "do not fit"),
        (((2, 5), (2, 6)), {"sample": [Features(np.ones((3, 5)))] * 2}, "do not fit"),
    ],
)
def test_published_projections_that_do_not_fit(shapes, known, message):
    with pytest.raises(ConfigError, match=message):
        load_published([np.ones(shape) for shape in shapes], **known)
