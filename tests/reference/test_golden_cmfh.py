"""CMFH against numbers from the authors' and a public code."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from xmr_core.methods.cmfh.codes import packed_codes
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.features import Features, open_views
from xmr_core.methods.cmfh.graph import solve_graph
from xmr_core.methods.cmfh.model import CmfhModel, Projections
from xmr_core.methods.cmfh.moments import moments_of
from xmr_core.methods.cmfh.published import load_published
from xmr_core.methods.cmfh.solver import Factors, Updates, solve
from xmr_core.similarity import hamming_distance, unpack_bits

PROBLEMS = ("small", "softmax")


def load(shared, name):
    with np.load(shared(f"fixtures/cmfh/{name}.npz")) as stored:
        return dict(stored)


def close(golden, relative=1e-7):
    """Relative to the largest entry, as the fixtures' README states its tolerance."""
    return pytest.approx(golden, rel=relative, abs=relative * np.abs(golden).max())


def problem(shared, name):
    """Data, moments, settings and start of a small problem."""
    data = load(shared, name)
    moments = moments_of([open_views((data["X1"], data["X2"]), "columns")])
    weight, mu, gamma = data["params"]
    config = CmfhConfig(
        bits=len(data["P1_init"]),
        view_weight=weight,
        mu=mu,
        gamma=gamma,
        tolerance=0.0,
        max_iterations=len(data["F"]),
    )
    start = Factors((data["U1_init"], data["U2_init"]), (data["P1_init"], data["P2_init"]))
    return data, moments, config, start


def centred(data):
    return data["X1"] - data["mean1"], data["X2"] - data["mean2"]


def check_factors(solution, data, prefix=""):
    for t in (0, 1):
        assert solution.factors.projections[t] == close(data[f"{prefix}P{t + 1}"])
        assert solution.factors.bases[t] == close(data[f"{prefix}U{t + 1}"])
    latents = sum(m @ x for m, x in zip(solution.maps, centred(data), strict=True))
    assert latents == close(data[f"{prefix}V"])


@pytest.mark.parametrize("name", PROBLEMS)
def test_correct_updates(shared, name):
    data, moments, config, start = problem(shared, name)
    for t in (0, 1):
        assert moments.mean_of(t) == close(data[f"mean{t + 1}"].ravel())
    solution = solve(moments, config, start)
    assert solution.objectives == pytest.approx(data["F"], rel=1e-9)
    check_factors(solution, data)
    first = solve(moments, replace(config, max_iterations=1), start)
    assert first.factors.projections[0] == close(data["P1_first"])
    assert first.factors.bases[0] == close(data["U1_first"])
    latents = sum(m @ x for m, x in zip(first.maps, centred(data), strict=True))
    assert latents == close(data["V_first"])


@pytest.mark.parametrize("name", PROBLEMS)
def test_objective_after_each_block(shared, name):
    data, moments, config, start = problem(shared, name)
    updates = Updates(moments, config)
    factors = updates.to_eigenbasis(start)
    for golden in data["F_blocks"]:
        latents = updates.latents(factors)
        values = [updates.objective(factors, latents)]
        factors = Factors(factors.bases, updates.projections(latents))
        values.append(updates.objective(factors, latents))
        factors = Factors(updates.bases(latents), factors.projections)
        values.append(updates.objective(factors, latents))
        assert values == pytest.approx(golden, rel=1e-9)


@pytest.mark.parametrize("name", PROBLEMS)
def test_optimum(shared, name):
    data, moments, config, _ = problem(shared, name)
    solution = solve(moments, replace(config, max_iterations=8000))
    assert solution.objectives[-1] == pytest.approx(data["optimum_F"], rel=1e-9)
    first, second = solution.factors.projections
    assert first.T @ first == close(data["optimum_P1tP1"])
    assert second.T @ second == close(data["optimum_P2tP2"])
    assert first.T @ second == close(data["optimum_P1tP2"])
    latents = sum(m @ x for m, x in zip(solution.maps, centred(data), strict=True))
    values = np.linalg.svd(latents, compute_uv=False)
    assert values == close(data["optimum_V_singular_values"])


@pytest.mark.parametrize("name", PROBLEMS)
def test_iterations_until_the_tolerance(shared, name):
    golden = json.loads(shared("fixtures/cmfh/summary.json").read_text())[name]
    data, moments, config, start = problem(shared, name)
    config = replace(config, tolerance=1e-6, max_iterations=2000)
    small = Factors(
        tuple(0.01 * b for b in start.bases), tuple(0.01 * p for p in start.projections)
    )
    expected = golden["iterations_to_relative_1e6"]
    for begin, count in ((start, expected["given_start"]), (small, expected["start_times_001"])):
        # Counted from the first decrease there, from the first value here.
        assert len(solve(moments, config, begin).objectives) == pytest.approx(count, abs=1)
    solution = solve(moments, replace(config, tolerance=0.0, max_iterations=len(data["F"])), start)
    assert solution.objectives[0] == pytest.approx(golden["F_first"], rel=1e-9)
    assert solution.objectives[-1] == pytest.approx(golden["F_last"], rel=1e-9)
    norm = np.linalg.norm(solution.factors.projections[0])
    assert norm == pytest.approx(golden["P1_norm"], rel=1e-7)


@pytest.mark.parametrize("name", PROBLEMS)
def test_doubled_identity(shared, name):
    golden = json.loads(shared("fixtures/cmfh/summary.json").read_text())[name]
    data, moments, config, start = problem(shared, name)
    legacy = replace(config, legacy_double_identity=True)
    solution = solve(moments, legacy, start)
    assert solution.objectives == pytest.approx(data["seed_F_penalised"], rel=1e-9)
    check_factors(solution, data, "seed_")
    # The true objective along the way, which this update does not lower in every iteration.
    honest, updates = Updates(moments, config), Updates(moments, legacy)
    factors, course = updates.to_eigenbasis(start), []
    for _ in data["seed_F"]:
        latents = updates.latents(factors)
        factors = Factors(updates.bases(latents), updates.projections(latents))
        course.append(honest.objective(factors, latents))
    assert course == pytest.approx(data["seed_F"], rel=1e-9)
    assert (course[0], course[-1]) == pytest.approx((golden["seed_F_first"], golden["seed_F_last"]))
    assert bool(np.all(np.diff(course) <= 0)) == golden["seed_monotone"]
    norm = np.linalg.norm(solution.factors.projections[0])
    assert norm == pytest.approx(golden["seed_P1_norm"], rel=1e-7)


def test_public_script_at_its_full_shape(shared):
    golden = json.loads(shared("fixtures/cmfh/summary.json").read_text())["seed_full_shape"]
    data = load(shared, "seed_full_shape")
    draw = np.random.RandomState(9005)  # the script's own generator
    shapes = ((48, 400), (48, 512), (400, 48), (512, 48))
    p1, p2, u1, u2 = (draw.randn(*shape) for shape in shapes)
    config = CmfhConfig(bits=48, tolerance=0.0, max_iterations=100, legacy_double_identity=True)
    views = open_views((data["X1"], data["X2"]))
    assert [view.orientation for view in views] == ["columns", "columns"]
    solution = solve(moments_of([views]), config, Factors((u1, u2), (p1, p2)))
    for t, ours in enumerate(solution.factors.projections, start=1):
        assert ours == close(data[f"P{t}"], 1e-5)
        assert np.linalg.norm(ours) == pytest.approx(golden[f"P{t}_norm"], rel=1e-5)
    values = np.linalg.svd(solution.factors.projections[0], compute_uv=False)
    assert np.count_nonzero(values > 1e-6 * values[0]) == golden["rank_P1"]
    # What it logs is no objective: lengths, not squares, and of features that are not centred.
    latents = sum(
        m @ (x - x.mean(axis=1, keepdims=True))
        for m, x in zip(solution.maps, (data["X1"], data["X2"]), strict=True)
    )
    logged = 0.0
    for x, u, p in zip(
        (data["X1"], data["X2"]), solution.factors.bases, solution.factors.projections, strict=True
    ):
        logged += 0.5 * np.linalg.norm(x - u @ latents) + 100 * np.linalg.norm(latents - p @ x)
    assert logged == pytest.approx(data["loss"][-1], rel=1e-5)


@pytest.mark.parametrize("name", PROBLEMS)
def test_codes_of_the_authors(shared, name):
    """Their 2015 state: our signs, packing, distances and unified latents give their codes."""
    data, golden = load(shared, name), load(shared, f"{name}_matlab")
    bits = golden["v2015_Y"].shape[1]
    # Their weights multiply mu as well, so that 100 acts as 50.
    config = CmfhConfig(bits=bits, mu=50.0)
    means = (data["mean1"].ravel(), data["mean2"].ravel())
    matrices = (golden["v2015_W1"].T, golden["v2015_W2"].T)
    bases = (golden["v2015_U1"].T, golden["v2015_U2"].T)
    model = CmfhModel(config, Projections(matrices, means, "given"), bases)
    items = (data["X1"].T, data["X2"].T)
    codes = [packed_codes(model.latents(items[t], t)) for t in (0, 1)]
    for t in (0, 1):
        assert np.array_equal(codes[t], golden[f"v2015_packed{t + 1}"])
        assert np.array_equal(unpack_bits(codes[t], bits), golden[f"v2015_code{t + 1}"])
    assert np.array_equal(hamming_distance(*codes, bits), golden["hamming_correct"])
    assert np.array_equal(golden["v2015_hamming"], golden["hamming_correct"])
    unified = packed_codes(model.unified_latents(*items))
    assert np.array_equal(unpack_bits(unified, bits), golden["v2015_unified"])


@pytest.mark.parametrize("name", PROBLEMS)
def test_objectives_of_the_authors(shared, name):
    """Both MATLAB versions: what they value their results at, and ours ends no higher."""
    data, moments, config, _ = problem(shared, name)
    golden = load(shared, f"{name}_matlab")
    views = centred(data)
    converged = replace(config, tolerance=1e-9, max_iterations=20_000)
    states = {
        year: [golden[f"v{year}_{factor}"] for factor in factors]
        for year, factors in (
            (2013, ("Y", "U1", "U2", "P1", "P2")),
            (2015, ("Y", "U1", "U2", "W1", "W2")),
        )
    }
    states[2015] = [matrix.T for matrix in states[2015]]
    # The 2015 version halves all regularisers, and those of the second view once more.
    valued = {
        2013: terms(views, states[2013]) @ [0.5, 0.5, 100, 100, *[0.01] * 5],
        2015: terms(views, states[2015]) @ [0.5, 0.5, 100, 100, 5e-3, 5e-3, 2.5e-3, 5e-3, 2.5e-3],
    }
    for year, value in valued.items():
        assert value == pytest.approx(golden[f"v{year}_F"][-1], rel=1e-9)
        honest = terms(views, states[year]) @ [0.5, 0.5, 100, 100, *[0.01] * 5]
        assert solve(moments, converged).objectives[-1] <= honest
    # What the 2013 version prints has lengths where F has squares.
    printed = np.sqrt(terms(views, states[2013])) @ [0.5, 0.5, 100, 100, *[0.01] * 5]
    assert printed == pytest.approx(golden["v2013_logged"][-1], abs=1e-4)


def terms(views, state):
    """The squared norms that F is made of: fits, agreements, then Y, U1, U2, P1, P2."""
    latents, u1, u2, p1, p2 = state
    fits = [np.sum((x - u @ latents) ** 2) for x, u in zip(views, (u1, u2), strict=True)]
    agreements = [np.sum((latents - p @ x) ** 2) for x, p in zip(views, (p1, p2), strict=True)]
    return np.array([*fits, *agreements, *(np.sum(matrix**2) for matrix in state)])


@pytest.mark.parametrize("name", PROBLEMS)
def test_graph(shared, name):
    data, _, config, _ = problem(shared, name)
    golden = load(shared, f"{name}_graph")
    start = golden["S_init"].T, (golden["P1_init"], golden["P2_init"])
    first, second = (view.T for view in centred(data))
    config = replace(config, max_iterations=1000)
    solution = solve_graph((first, second), golden["laplacian"], config, start)
    assert solution.objectives == pytest.approx(golden["F"], rel=1e-9)
    assert solution.latents.T == close(golden["V"])
    for t in (0, 1):
        assert solution.factors.bases[t] == close(golden[f"U{t + 1}"])
        assert solution.factors.projections[t] == close(golden[f"P{t + 1}"])


def test_published_projections(shared):
    golden = json.loads(shared("fixtures/cmfh/shipped_projections.json").read_text())
    paths = [shared(f"data/cmfh/P{t}.npy") for t in (1, 2)]
    draw = np.random.default_rng(0)
    sample = [Features(draw.random((30, width))) for width in (400, 512)]
    projections = load_published(paths, means=[view.array.mean(axis=0) for view in sample])
    for name, path, matrix in zip(("P1", "P2"), paths, projections.matrices, strict=True):
        facts = golden[name]
        assert list(matrix.shape) == facts["shape"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == facts["file_sha256"]
        assert hashlib.sha256(matrix.tobytes()).hexdigest() == facts["data_sha256"]
        assert np.linalg.norm(matrix) == pytest.approx(facts["frobenius"], rel=1e-12)
        values = np.linalg.svd(matrix, compute_uv=False)
        assert values == pytest.approx(facts["singular_values"], rel=1e-9)
    assert projections.latents(sample[0].array, 0).mean(axis=0) == pytest.approx(0, abs=1e-12)
    # Made for features that sum to 1: they hardly see the direction in which all grow together.
    ones = np.ones(400) / 20
    share = np.sum((projections.matrices[0] @ ones) ** 2) / golden["P1"]["frobenius"] ** 2
    assert share == pytest.approx(1.3e-4, rel=0.05)
