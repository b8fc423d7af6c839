"""Ranks and precision against naive enumeration of every order of the tied items."""

import itertools

import numpy as np
import pytest

from xmr_core.precision import average_precision, precision_at
from xmr_core.ranking import first_relevant, same_group, top_k


def orders(scores, relevant):
    """Relevance of the ranked list for every order that the scores allow."""
    for order in itertools.permutations(range(len(scores))):
        ranked = [scores[i] for i in order]
        if ranked == sorted(scores, reverse=True):
            yield [bool(relevant[i]) for i in order]


def naive_ap(ranked, total, cutoff, normalisation):
    hits, summed = 0, 0.0
    for place, is_right in enumerate(ranked[:cutoff], start=1):
        hits += is_right
        summed += is_right * hits / place
    bound = {"hits": hits, "min": min(cutoff, total), "all": total}[normalisation]
    return summed / bound if bound else 0.0


def cases():
    generator = np.random.default_rng(5)
    for size in (1, 2, 4, 6):
        for levels in (1, 2, 3):
            scores = generator.integers(0, levels, size).astype(float)
            relevant = generator.random(size) < 0.5
            relevant[generator.integers(size)] = True
            yield scores, relevant


@pytest.mark.parametrize(("scores", "relevant"), list(cases()))
def test_expected_values_are_means_over_all_orders(scores, relevant):
    lists = list(orders(list(scores), relevant))
    ranks = [ranked.index(True) + 1 for ranked in lists]
    row, wanted = scores[None], relevant[None]
    first = first_relevant(row, wanted)
    assert first.rank()[0] == pytest.approx(np.mean(ranks), abs=1e-12)
    assert first.rank("optimistic")[0] == min(ranks)
    assert first.rank("pessimistic")[0] == max(ranks)
    for k in range(1, len(scores) + 2):
        share = np.mean([rank <= k for rank in ranks])
        assert first.within(k)[0] == pytest.approx(share, abs=1e-12)
        precision = np.mean([np.mean(ranked[:k]) for ranked in lists])
        if k <= len(scores):
            assert precision_at(row, wanted, k)[0] == pytest.approx(precision, abs=1e-12)
        for normalisation in ("hits", "min", "all"):
            values = [naive_ap(r, relevant.sum(), k, normalisation) for r in lists]
            for ties, value in (
                ("expected", np.mean(values)),
                ("stable", naive_ap(stable(scores, relevant), relevant.sum(), k, normalisation)),
            ):
                ours = average_precision(row, wanted, ties, cutoff=k, normalisation=normalisation)
                assert ours[0] == pytest.approx(value, abs=1e-12)
            best = average_precision(row, wanted, "optimistic", cutoff=k)
            worst = average_precision(row, wanted, "pessimistic", cutoff=k)
            full = [naive_ap(r, relevant.sum(), k, "all") for r in lists]
            assert best[0] == pytest.approx(max(full), abs=1e-12)
            assert worst[0] == pytest.approx(min(full), abs=1e-12)


def stable(scores, relevant):
    return [bool(relevant[i]) for i in sorted(range(len(scores)), key=lambda i: (-scores[i], i))]


def test_constant_scores_give_what_guessing_gives():
    first = first_relevant(np.zeros((3, 40)), np.eye(3, 40, dtype=bool))
    assert first.rank() == pytest.approx(20.5)
    assert first.within(10) == pytest.approx(0.25)


def test_stable_rank_follows_the_order_of_the_items():
    scores = np.array([[1.0, 3.0, 3.0, 3.0, 0.0]])
    relevant = np.array([[True, False, False, True, False]])
    assert first_relevant(scores, relevant).rank("stable")[0] == 3


def test_integer_and_unsigned_scores_rank_like_floats():
    generator = np.random.default_rng(1)
    scores = generator.integers(0, 256, (6, 50)).astype(np.uint8)
    relevant = generator.random((6, 50)) < 0.2
    relevant[:, 0] = True
    for ties in ("expected", "optimistic", "pessimistic", "stable"):
        as_float = scores.astype(float)
        assert np.array_equal(
            first_relevant(scores, relevant).rank(ties),
            first_relevant(as_float, relevant).rank(ties),
        )
        assert np.allclose(
            average_precision(scores, relevant, ties), average_precision(as_float, relevant, ties)
        )


def test_infinite_scores_are_ranked():
    scores = np.array([[-np.inf, 0.0, -np.inf]])
    assert first_relevant(scores, np.array([[True, False, False]])).rank()[0] == 2.5


def test_chunks_do_not_change_the_result(monkeypatch):
    generator = np.random.default_rng(2)
    scores = generator.integers(0, 5, (7, 9)).astype(float)
    relevant = same_group(generator.integers(0, 3, 7), np.arange(9) % 3)
    whole = average_precision(scores, relevant), first_relevant(scores, relevant).rank()
    monkeypatch.setattr("xmr_core.ranking._CHUNK_PAIRS", 20)
    assert np.array_equal(average_precision(scores, relevant), whole[0])
    assert np.array_equal(first_relevant(scores, relevant).rank(), whole[1])


@pytest.mark.parametrize("values", [3, 1000])
def test_top_k_keeps_equal_scores_in_order(values):
    scores = np.random.default_rng(3).integers(0, values, (5, 60)).astype(np.float32)
    for k in (1, 7, 59, 60, 99):
        found, positions = top_k(scores, k)
        for row, items in enumerate(positions):
            right = sorted(range(60), key=lambda i, row=row: (-scores[row, i], i))[:k]
            assert items.tolist() == right
            assert np.array_equal(found[row], scores[row, right])


def test_mistakes_are_named():
    right = np.eye(2, dtype=bool)
    with pytest.raises(ValueError, match="NaN"):
        first_relevant(np.array([[0.0, np.nan], [0, 0]]), right)
    with pytest.raises(ValueError, match="query 1 has no relevant item"):
        first_relevant(np.zeros((2, 2)), np.array([[True, False], [False, False]]))
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 2\)"):
        average_precision(np.zeros((2, 3)), right)
    with pytest.raises(ValueError, match="tie rule 'lucky'"):
        first_relevant(np.zeros((2, 2)), right).rank("lucky")
