"""Metrics: the protocols, and their behaviour on matrices small enough to count by hand."""

import time

import numpy as np
import pytest

from xmr_core.metrics import (
    ProtocolLine,
    best_of_groups,
    mean_average_precision,
    precision_recall_by_radius,
    precision_within_radius,
    t2v_metrics,
    v2t_metrics,
)
from xmr_core.ranking import same_group


def test_t2v_by_hand():
    scores = np.array([[0.9, 0.1, 0.2], [0.8, 0.5, 0.9], [0.1, 0.4, 0.4]])
    metrics = t2v_metrics(scores).as_dict()
    # ranks: 1; 3; 1.5 (tied with one other)
    assert metrics == {
        "R@1": pytest.approx(50.0),
        "R@5": 100.0,
        "R@10": 100.0,
        "MedR": 1.5,
        "MeanR": pytest.approx(5.5 / 3),
        "n": 3,
    }


def test_v2t_protocols_differ_where_another_video_has_many_good_captions():
    owners = np.array([0, 0, 0, 1])
    scores = np.array([[0.9, 0.8], [0.9, 0.7], [0.9, 0.6], [0.1, 0.5]])
    # For video 1 three captions of video 0 are better, but they are one group.
    assert v2t_metrics(scores, owners).mean_rank == 2.5
    assert v2t_metrics(scores, owners, text_gallery="groups").mean_rank == 1.5


def test_captions_may_come_in_any_order():
    generator = np.random.default_rng(0)
    owners = generator.permutation(np.repeat(np.arange(8), 3))
    scores = generator.standard_normal((24, 8))
    order = np.argsort(owners, kind="stable")
    assert t2v_metrics(scores, owners) == t2v_metrics(scores[order], owners[order])
    for gallery in ("captions", "groups"):
        mixed = v2t_metrics(scores, owners, text_gallery=gallery)
        assert mixed == v2t_metrics(scores[order], owners[order], text_gallery=gallery)
    for video in range(8):
        assert np.array_equal(
            best_of_groups(scores, owners)[video], scores[owners == video].max(axis=0)
        )


def test_a_perfect_and_a_collapsed_model():
    assert t2v_metrics(np.eye(50)).as_dict()["R@1"] == 100
    collapsed = t2v_metrics(np.zeros((50, 50)))
    assert (collapsed.recall_at_1, collapsed.recall_at_10) == (pytest.approx(2), pytest.approx(20))
    assert collapsed.median_rank == 25.5


def test_map_skips_queries_without_relevant_items():
    relevant = np.array([[True, False], [False, False]])
    assert mean_average_precision(np.array([[0.0, 1.0], [1.0, 0.0]]), relevant) == 0.5
    with pytest.raises(ValueError, match="no query"):
        mean_average_precision(np.zeros((2, 2)), np.zeros((2, 2), dtype=bool))


def test_balls_and_curves_by_hand():
    scores = np.array([[4, 3, 0], [1, 1, 1]])  # agreeing bits of 4
    relevant = np.array([[True, False, False], [True, True, True]])
    ball = precision_within_radius(scores, relevant, bits=4, radius=1)
    assert (ball.precision, ball.empty_balls) == (0.25, 1)
    precision, recall = precision_recall_by_radius(scores, relevant, bits=4)
    assert precision == pytest.approx([1, 1 / 2, 1 / 2, 4 / 5, 4 / 6])
    assert recall == pytest.approx([1 / 4, 1 / 4, 1 / 4, 1, 1])


def test_wrong_owners_are_refused():
    with pytest.raises(ValueError, match="belong to the videos 0 to 2"):
        t2v_metrics(np.zeros((3, 3)), np.array([0, 1, 3]))
    with pytest.raises(ValueError, match="only 2 of 3 videos"):
        v2t_metrics(np.zeros((3, 3)), np.array([0, 1, 1]))
    with pytest.raises(ValueError, match="3 texts"):
        t2v_metrics(np.zeros((3, 3)), np.array([0, 1]))
    with pytest.raises(ValueError, match="no queries"):
        t2v_metrics(np.zeros((0, 0)))


def test_the_protocol_reads_as_one_line():
    line = ProtocolLine("scenes test", "v2t", "all en", 10, 10_000, "expected", "captions")
    assert str(line) == (
        "scenes test, v2t, all en captions, 10 per video, 10,000 captions ranked, ties expected"
    )
    assert line.as_dict()["gallery_size"] == 10_000


def test_it_is_fast_enough():
    generator = np.random.default_rng(0)
    scores = generator.standard_normal((15_000, 1_500), dtype=np.float32)
    owners = np.repeat(np.arange(1_500), 10)
    start = time.process_time()
    t2v_metrics(scores, owners)
    v2t_metrics(scores, owners)
    assert time.process_time() - start < 5
    start = time.process_time()
    small = scores[:1000, :1000]
    t2v_metrics(small)
    mean_average_precision(small, same_group(np.arange(1000), np.arange(1000)))
    assert time.process_time() - start < 1
