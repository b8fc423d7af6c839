import pytest

from xmr_core.types import Clip, Filter

CLIP = Clip(
    "a", "holiday/sea/a.mp4", 10.0, 25.0, category="travel", modified=1000.0, duplicate_of=None
)
STILL = Clip("b", "b.jpg", 0.0, 0.0)


def test_the_folder_is_that_of_the_file():
    assert CLIP.folder == "holiday/sea"
    assert STILL.folder == ""


@pytest.mark.parametrize(
    ("asked", "admitted"),
    [
        (Filter(), True),
        (Filter(folder="holiday"), True),
        (Filter(folder="holiday/sea/"), True),
        (Filter(folder="holi"), False),
        (Filter(longer_s=15, shorter_s=15), True),
        (Filter(longer_s=15.1), False),
        (Filter(shorter_s=14.9), False),
        (Filter(since=1000.0, until=1000.1), True),
        (Filter(until=1000.0), False),
        (Filter(since=1000.1), False),
        (Filter(category="travel"), True),
        (Filter(category="music"), False),
    ],
)
def test_a_filter_admits_what_fits(asked: Filter, admitted: bool):
    assert asked.admits(CLIP) is admitted


@pytest.mark.parametrize(
    "asked", [Filter(since=0.0), Filter(until=1e12), Filter(category="x"), Filter(shorter_s=5.0)]
)
def test_what_is_not_known_passes_no_filter_that_asks_for_it(asked: Filter):
    assert Filter().admits(STILL)
    assert not asked.admits(STILL)


def test_duplicates_are_hidden_until_asked_for():
    again = Clip("c", "c.mp4", 0.0, 5.0, duplicate_of="a")
    assert not Filter().admits(again)
    assert Filter(duplicates=True).admits(again)
