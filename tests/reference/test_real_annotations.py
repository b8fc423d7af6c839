"""The published annotation of MSR-VTT, MSR-VTT-CN and VATEX, as it is."""

from collections import Counter

import pytest

from xmr_core.datasets.annotations import find_clips, in_split
from xmr_core.datasets.msrvtt import read_msrvtt, read_msrvtt_cn
from xmr_core.datasets.vatex import read_vatex


@pytest.fixture(scope="module")
def msrvtt(shared):
    return shared("data/msrvtt")


def test_msrvtt_full(msrvtt):
    items = read_msrvtt(msrvtt, "full")
    assert Counter(item.split for item in items) == {"train": 6513, "val": 497, "test": 2990}
    assert {len(item.captions) for item in items} == {20}
    first = items[0]
    assert (first.id, first.category, first.start_s, first.end_s) == (
        "video0",
        "vehicles/autos",
        137.72,
        149.44,
    )
    assert first.url == "https://www.youtube.com/watch?v=9lZi22qLlEo"


def test_msrvtt_1ka_with_the_clips_that_are_there(msrvtt, shared):
    items = read_msrvtt(msrvtt, "1k-A")
    assert Counter(item.split for item in items) == {"train": 9000, "test": 1000}
    test = in_split(items, "test")
    assert {len(item.captions) for item in test} == {1}
    assert len({item.captions[0].text for item in test}) == 995
    assert test[0].texts("en") == ("a person is connecting something to system",)
    there = find_clips(test, msrvtt / "clips")
    assert {clip.id for clip in there.clips} >= {"video9770", "video9771", "video7202"}
    assert str(there) == f"{len(there.clips)} of 1,000 media files are there"
    assert len(find_clips(items, msrvtt / "clips").clips) == 15
    chinese = read_msrvtt_cn(shared("data/msrvtt_cn"))
    assert {item.id for item in chinese} == {item.id for item in test}
    assert all((len(i.texts("en")), len(i.texts("zh"))) == (1, 1) for i in chinese)
    english = {item.id: item.texts("en") for item in test}
    assert all(item.texts("en") == english[item.id] for item in chinese)


def test_msrvtt_7k(msrvtt):
    items = read_msrvtt(msrvtt, "1k-A-7k")
    assert Counter(item.split for item in items) == {"train": 7010, "test": 1000}


def test_vatex(shared):
    items = read_vatex(shared("data/vatex"))
    assert Counter(item.split for item in items) == {"val": 1500, "test": 1500}
    assert {(len(item.texts("en")), len(item.texts("zh"))) for item in items} == {(10, 10)}
    item = next(item for item in items if item.id == "sf2PPeXQrUA_000000_000010")
    assert (item.url, item.start_s, item.end_s) == (
        "https://www.youtube.com/watch?v=sf2PPeXQrUA",
        0.0,
        10.0,
    )
    assert item.texts("en")[0].startswith("a boy kicks a soccer ball")
