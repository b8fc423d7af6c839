from dataclasses import replace

import numpy as np
import pytest

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.features import Features
from xmr_core.methods.cmfh.moments import CHUNK_ITEMS, moments_of
from xmr_core.methods.cmfh.solver import Factors, Updates, random_start, solve

WIDTHS = (11, 7)
CONFIG = CmfhConfig(bits=4)


def pairs(count=90, seed=0, offset=3.0):
    """Two views of one hidden cause, with noise and a mean: shape (count, width) each."""
    draw = np.random.default_rng(seed)
    cause = draw.standard_normal((count, 4))
    return tuple(
        cause @ draw.standard_normal((4, width))
        + 0.3 * draw.standard_normal((count, width))
        + offset
        for width in WIDTHS
    )


def shard(views):
    return tuple(Features(view) for view in views)


def naive(views, start, weights, config, iterations):
    """The updates as the paper writes them, columns are items, every product anew."""
    X, U, P = [(v - v.mean(axis=0)).T for v in views], list(start.bases), list(start.projections)
    mu, gamma, eye = config.mu, config.gamma, np.eye(config.bits)
    twice = 2 if config.legacy_double_identity else 1
    course = []
    for _ in range(iterations):
        A = twice * (2 * mu + gamma) * eye
        B = mu * (P[0] @ X[0] + P[1] @ X[1])
        for w, x, u in zip(weights, X, U, strict=True):
            A, B = A + w * u.T @ u, B + w * u.T @ x
        V = np.linalg.inv(A) @ B
        value = (gamma + (twice - 1) * (2 * mu + gamma)) * np.sum(V**2)
        for t in (0, 1):
            P[t] = V @ X[t].T @ np.linalg.inv(X[t] @ X[t].T + gamma / mu * np.eye(len(X[t])))
            value += mu * np.sum((V - P[t] @ X[t]) ** 2) + gamma * np.sum(P[t] ** 2)
        for t, w in enumerate(weights):
            U[t] = X[t] @ V.T @ np.linalg.inv(V @ V.T + gamma / w * eye)
            value += w * np.sum((X[t] - U[t] @ V) ** 2) + gamma * np.sum(U[t] ** 2)
        course.append(value)
    return U, P, V, course


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("legacy", [False, True])
def test_gram_solver_equals_the_plain_loop(labels, legacy):
    views = pairs()
    if labels:
        views = (*views, np.eye(3)[np.arange(90) % 3])
    config = replace(CONFIG, tolerance=0.0, max_iterations=12, legacy_double_identity=legacy)
    moments = moments_of([shard(views)])
    start = random_start(moments.widths, config, np.random.default_rng(5))
    solution = solve(moments, config, start)
    X = [(view - view.mean(axis=0)).T for view in views]
    weights = (0.5, 0.5, config.label_weight)[: len(views)]
    U, P, V, course = naive(views, start, weights, config, 12)
    for ours, theirs in zip(
        [*solution.factors.bases, *solution.factors.projections], [*U, *P], strict=True
    ):
        assert ours == pytest.approx(theirs, rel=1e-8, abs=1e-8 * np.abs(theirs).max())
    assert sum(m @ x for m, x in zip(solution.maps, X, strict=True)) == pytest.approx(V, abs=1e-9)
    assert solution.objectives == pytest.approx(course, rel=1e-10)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("labels", [False, True])
def test_no_block_update_raises_the_objective(labels, legacy):
    views = pairs(seed=1)
    views = (*views, np.eye(2)[np.arange(90) % 2]) if labels else views
    config = replace(CONFIG, start_scale=1.0, legacy_double_identity=legacy)
    moments = moments_of([shard(views)])
    updates = Updates(moments, config)
    factors = random_start(moments.widths, config, np.random.default_rng(0))
    latents = updates.latents(factors)
    last = updates.objective(factors, latents)
    for _ in range(200):
        for block in ("latents", "projections", "bases"):
            if block == "latents":
                latents = updates.latents(factors)
            elif block == "projections":
                factors = Factors(factors.bases, updates.projections(latents))
            else:
                factors = Factors(updates.bases(latents), factors.projections)
            value = updates.objective(factors, latents)
            assert value <= last * (1 + 1e-12), block
            last = value


def test_every_start_reaches_the_same_optimum():
    views = pairs()
    moments = moments_of([shard(views)])
    solution = solve(moments, replace(CONFIG, tolerance=1e-12, max_iterations=20_000))
    other = solve(moments, replace(CONFIG, tolerance=1e-12, max_iterations=20_000, seed=9))
    assert solution.converged
    assert solution.objectives[-1] == pytest.approx(other.objectives[-1], rel=1e-7)
    # The optimum is unique up to a rotation, which P1'P2 does not see.
    ours, theirs = (
        s.factors.projections[0].T @ s.factors.projections[1] for s in (solution, other)
    )
    assert ours == pytest.approx(theirs, abs=1e-4 * np.abs(theirs).max())


def test_shards_equal_the_whole():
    views = pairs(count=CHUNK_ITEMS + 77, offset=1000.0)
    whole = moments_of([shard(views)])
    parts = moments_of(
        [shard([v[a:b] for v in views]) for a, b in ((0, 5), (5, 2000), (2000, len(views[0])))]
    )
    added = moments_of([shard([v[:300] for v in views])]) + moments_of(
        [shard([v[300:] for v in views])]
    )
    X = np.concatenate(views, axis=1)
    X = X - X.mean(axis=0)
    for moments in (whole, parts, added):
        assert moments.count == len(X)
        assert moments.scatter == pytest.approx(X.T @ X, rel=1e-9, abs=1e-7)
    ours, theirs = (solve(moments, CONFIG) for moments in (whole, parts))
    assert ours.objectives == pytest.approx(theirs.objectives, rel=1e-9)


def test_stopping():
    moments = moments_of([shard(pairs())])
    solution = solve(moments, CONFIG)
    before, after = solution.objectives[-2:]
    assert solution.converged and 0 <= before - after < 1e-6 * before
    assert np.all(-np.diff(solution.objectives[:-1]) >= 1e-6 * np.array(solution.objectives[:-2]))
    short = solve(moments, replace(CONFIG, max_iterations=3))
    assert len(short.objectives) == 3 and not short.converged


def test_the_seed_decides_everything():
    moments = moments_of([shard(pairs())])
    once, again, other = (solve(moments, replace(CONFIG, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(once.factors.projections[0], again.factors.projections[0])
    assert not np.allclose(once.factors.projections[0], other.factors.projections[0])


@pytest.mark.parametrize(
    ("views", "message"),
    [
        ((np.ones((5, 3)), np.ones((6, 2))), r"\[5, 6\] items"),
        ((np.ones((0, 3)), np.ones((0, 2))), "no items"),
        ((np.ones((5, 3)), np.ones((5, 2))), "all the same"),
        ((np.ones((5, 3)),), "takes two views"),
        ((np.full((5, 3), np.nan), np.ones((5, 2))), "not finite"),
    ],
)
def test_data_that_cannot_be_learnt_from(views, message):
    with pytest.raises(ConfigError, match=message):
        solve(moments_of([shard(views)]), CONFIG)


def test_shards_of_other_widths():
    with pytest.raises(ConfigError, match=r"widths \(3, 2\) and \(3, 4\)"):
        moments_of([shard((np.eye(5, 3), np.eye(5, w))) for w in (2, 4)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"bits": 0},
        {"view_weight": 1.0},
        {"mu": 0.0},
        {"gamma": float("nan")},
        {"tolerance": -1.0},
        {"start": "zeros"},
    ],
)
def test_settings_that_cannot_work(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        CmfhConfig(**wrong)
