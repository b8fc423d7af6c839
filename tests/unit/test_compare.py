import pytest

from xmr_core.compare import compare, overlap
from xmr_core.types import Clip, Elapsed, Match, SearchResult


def result(*ids: str) -> SearchResult:
    matches = tuple(
        Match(rank, Clip(clip_id, f"{clip_id}.mp4", 0.0, 1.0), 1.0 / rank, 0.0)
        for rank, clip_id in enumerate(ids, start=1)
    )
    return SearchResult("q", "x", "scenes", 9, matches, (), Elapsed(1.0, 1.0, 2.0))


def test_overlap_counts_shared_clips_among_the_first():
    one, other = result("a", "b", "c", "d"), result("d", "b", "e", "a")
    assert overlap(one, other, 2) == 1  # b
    assert overlap(one, other, 3) == 1
    assert overlap(one, other, 4) == 3
    assert overlap(one, one, 3) == 3


def test_overlaps_are_symmetric_with_the_length_of_each_list_on_the_diagonal():
    lists = [result("a", "b", "c"), result("c", "b"), result()]
    assert compare(lists, 10).overlaps == ((3, 2, 0), (2, 2, 0), (0, 0, 0))


def test_only_here_is_what_no_other_list_shows():
    found = compare([result("a", "b", "c"), result("b", "d", "a")], 2)
    assert found.only_here == (frozenset({"a"}), frozenset({"d"}))


def test_a_single_list_is_alone_and_marks_nothing():
    assert compare([result("a", "b")]).only_here == (frozenset(),)


def test_ranks_reach_beyond_the_clips_shown():
    found = compare([result("a", "b", "c"), result("c", "x", "a")], 1)
    assert found.clips == ("a", "c")
    assert found.ranks == ({"a": 1, "c": 3}, {"c": 1, "a": 3})


def test_a_clip_that_a_list_does_not_hold_has_no_rank():
    assert compare([result("a"), result("b")]).ranks[1].get("a") is None


def test_clips_come_list_by_list_and_only_once():
    assert compare([result("b", "a"), result("c", "a", "d")]).clips == ("b", "a", "c", "d")


def test_nothing_to_compare():
    assert compare([]).overlaps == ()
    with pytest.raises(ValueError, match="0 matches"):
        compare([result("a")], 0)
