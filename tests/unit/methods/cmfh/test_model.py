import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.cmfh.cca import cca
from xmr_core.methods.cmfh.codes import (
    itq_rotation,
    packed_codes,
    quantisation_error,
    score_latents,
)
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.features import Features
from xmr_core.methods.cmfh.graph import laplacian, neighbour_graph, solve_graph
from xmr_core.methods.cmfh.model import CmfhModel
from xmr_core.methods.cmfh.moments import moments_of
from xmr_core.methods.cmfh.train import fit, train_matrices
from xmr_core.metrics import t2v_metrics
from xmr_core.similarity import unpack_bits

BITS = 12
CONFIG = CmfhConfig(bits=BITS)


def pairs(count=300, seed=0, noise=0.2):
    draw = np.random.default_rng(seed)
    cause = draw.standard_normal((count, 16))
    return tuple(
        cause @ draw.standard_normal((16, width)) + noise * draw.standard_normal((count, width)) + 2
        for width in (24, 20)
    )


def shard(views):
    return tuple(Features(view) for view in views)


@pytest.fixture(scope="module")
def fitted():
    return fit([shard(pairs())], CONFIG)


@pytest.mark.parametrize("bases", [True, False])
def test_save_and_load_are_bit_equal(fitted, tmp_path, bases):
    model = fitted.model if bases else replace(fitted.model, bases=None)
    model.save(tmp_path / "run")
    loaded = CmfhModel.load(tmp_path / "run")
    first, second = pairs(seed=3)
    assert np.array_equal(loaded.latents(first, 0), model.latents(first, 0))
    assert np.array_equal(loaded.latents(second, 1), model.latents(second, 1))
    if bases:
        assert np.array_equal(
            loaded.unified_latents(first, second), model.unified_latents(first, second)
        )
    assert loaded.config == model.config
    assert loaded.projections.means_source == "training"
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "config.json",
        "model.safetensors",
    ]


def test_damaged_models(fitted, tmp_path):
    with pytest.raises(CheckpointError, match="not a CMFH model"):
        CmfhModel.load(tmp_path)
    fitted.model.save(tmp_path)
    weights = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(weights[:100])
    with pytest.raises(CheckpointError, match="not a CMFH model"):
        CmfhModel.load(tmp_path)
    save_file({"projection_1": np.eye(2)}, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match="projection_2"):
        CmfhModel.load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"bits": 3}))
    with pytest.raises(CheckpointError, match="not a CMFH model"):
        CmfhModel.load(tmp_path)


def test_train_writes_what_it_returns(tmp_path):
    first, second = pairs()
    np.save(tmp_path / "X1.npy", first.T)
    np.save(tmp_path / "X2.npy", second.T)
    np.save(tmp_path / "L.npy", np.arange(300) % 3)
    paths = [tmp_path / "X1.npy", tmp_path / "X2.npy"]
    result = train_matrices(paths, tmp_path / "run", CONFIG)
    expected = fit([shard((first, second))], CONFIG)
    loaded = CmfhModel.load(tmp_path / "run")
    assert np.array_equal(loaded.latents(first, 0), result.model.latents(first, 0))
    assert loaded.latents(first, 0) == pytest.approx(expected.model.latents(first, 0), abs=1e-7)
    labelled = train_matrices(paths, tmp_path / "run2", CONFIG, labels=tmp_path / "L.npy")
    assert labelled.moments.widths == (24, 20, 3)
    with pytest.raises(ConfigError, match="two views, got 1"):
        train_matrices(paths[:1], tmp_path / "run3", CONFIG)


def test_held_out_pairs_are_found(fitted):
    first, second = pairs(count=400)
    result = fit([shard((first[:300], second[:300]))], CONFIG).model
    queries, items = result.latents(second[300:], 1), result.latents(first[300:], 0)
    real, asymmetric, codes = (
        t2v_metrics(score_latents(queries, items, scoring)).recall_at_1
        for scoring in ("real", "asymmetric", "hamming")
    )
    assert real > 90 and real > asymmetric > codes > 20


def test_labels_pull_classes_together():
    """Views that hardly know the class: the label view makes latents of one class more alike."""
    draw = np.random.default_rng(4)
    classes = np.arange(400) % 4
    hot = np.eye(4)[classes]
    views = tuple(
        np.concatenate([3 * draw.standard_normal((400, 20)), hot + 0.3 * draw.random((400, 4))], 1)
        for _ in range(2)
    )
    config = CmfhConfig(bits=3, label_weight=50.0)
    plain = fit([shard(views)], config).model
    labelled = fit([(*shard(views), Features(hot))], config).model

    def alike(model):
        scores = score_latents(model.latents(views[0], 0), model.latents(views[1], 1), "real")
        same = classes[:, None] == classes
        return scores[same].mean() - scores[~same].mean()

    assert alike(labelled) > alike(plain) + 0.3


def test_unified_latents_are_the_best_for_the_training_items(fitted):
    views = pairs()
    maps, means = fitted.solution.maps, fitted.model.projections.means
    last = sum((x - mean) @ m.T for x, mean, m in zip(views, means, maps, strict=True))
    unified = fitted.model.unified_latents(*views)
    # One more latent step from a converged state moves hardly.
    assert unified == pytest.approx(last, abs=2e-2 * np.abs(last).max())
    assert unified.mean(axis=0) == pytest.approx(np.zeros(BITS), abs=1e-10)
    with pytest.raises(ConfigError, match="modality-specific"):
        replace(fitted.model, bases=None).unified_latents(*views)
    with pytest.raises(ConfigError, match="300 and 299"):
        fitted.model.unified_latents(views[0], views[1][1:])
    with pytest.raises(ConfigError, match="takes 24 numbers"):
        fitted.model.latents(views[1], 0)


def test_rotation_keeps_cosines_and_lowers_the_quantisation_error(fitted):
    views = pairs()
    rotated = fit([shard(views)], replace(CONFIG, rotate=True)).model
    ours, theirs = (m.latents(views[0], 0) for m in (rotated, fitted.model))
    assert score_latents(ours, ours, "real") == pytest.approx(
        score_latents(theirs, theirs, "real"), abs=1e-5
    )
    assert quantisation_error(rotated.unified_latents(*views)) < quantisation_error(
        fitted.model.unified_latents(*views)
    )


def test_itq_finds_a_turned_cube():
    draw = np.random.default_rng(0)
    turn, _ = np.linalg.qr(draw.standard_normal((4, 4)))
    corners = draw.choice([-1.0, 1.0], size=(500, 4))
    rotation = itq_rotation(corners @ turn, 50, draw)
    assert rotation @ rotation.T == pytest.approx(np.eye(4), abs=1e-12)
    assert quantisation_error(corners @ turn @ rotation.T) < 0.5 * quantisation_error(
        corners @ turn
    )


def test_codes_and_scores():
    latents = np.array([[0.0, -1.0, 2.0], [-0.0, 3.0, -1e-300]])
    assert unpack_bits(packed_codes(latents), 3).tolist() == [[1, 0, 1], [1, 1, 0]]
    assert score_latents(latents, latents, "hamming").tolist() == [[3, 1], [1, 3]]
    assert score_latents(latents, latents, "asymmetric").tolist() == [[3, -3], [-3, 3]]
    with pytest.raises(ConfigError, match="real, hamming, asymmetric"):
        score_latents(latents, latents, "cosine")  # pyright: ignore[reportArgumentType]


def test_cca_against_the_generalised_eigenproblem():
    first, second = (view - view.mean(axis=0) for view in pairs())
    ridge = 0.05
    result = cca(moments_of([shard(pairs())]), bits=6, ridge=ridge)
    c11, c22, c12 = first.T @ first / 300, second.T @ second / 300, first.T @ second / 300
    c11 += ridge * np.trace(c11) / 24 * np.eye(24)
    c22 += ridge * np.trace(c22) / 20 * np.eye(20)
    squared, vectors = np.linalg.eig(np.linalg.inv(c11) @ c12 @ np.linalg.inv(c22) @ c12.T)
    order = np.argsort(-squared.real)[:6]
    assert result.correlations == pytest.approx(np.sqrt(squared.real[order]), rel=1e-8)
    for ours, theirs in zip(result.projections.matrices[0], vectors.real.T[order], strict=True):
        cosine = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
        assert abs(cosine) == pytest.approx(1, abs=1e-8)
    p1, p2 = result.projections.matrices
    assert p1 @ c11 @ p1.T == pytest.approx(np.eye(6), abs=1e-8)
    assert p2 @ c22 @ p2.T == pytest.approx(np.eye(6), abs=1e-8)
    assert p1 @ c12 @ p2.T == pytest.approx(np.diag(result.correlations), abs=1e-8)
    assert result.weighted.matrices[1] == pytest.approx(result.correlations[:, None] * p2)
    for wrong in ({"bits": 21}, {"bits": 0}, {"bits": 2, "ridge": 0.0}):
        with pytest.raises(ConfigError):
            cca(moments_of([shard(pairs())]), **wrong)


def test_graph_neighbours_come_closer():
    views = tuple(view - view.mean(axis=0) for view in pairs(count=60))
    draw = np.random.default_rng(0)
    classes = np.arange(60) % 3
    graph = laplacian((classes[:, None] == classes).astype(float))
    start = (
        draw.standard_normal((60, BITS)),
        tuple(draw.standard_normal((BITS, view.shape[1])) for view in views),
    )

    def spread(weight):
        result = solve_graph(views, graph, CONFIG, start, weight=weight)
        assert np.all(np.diff(result.objectives) <= 1e-9)
        smooth = np.trace(result.latents.T @ graph @ result.latents)
        return smooth / np.sum(result.latents**2)

    assert spread(1e4) < 0.5 * spread(1e-6)
    joined = neighbour_graph(views[0], 5)
    nearest = np.argsort(np.linalg.norm(views[0][:, None] - views[0], axis=2), axis=1)[:, 1:6]
    expected = np.zeros((60, 60))
    np.put_along_axis(expected, nearest, 1.0, axis=1)
    assert np.array_equal(joined, np.maximum(expected, expected.T))
    assert laplacian(joined).sum(axis=1) == pytest.approx(np.zeros(60))
    with pytest.raises(ConfigError, match="10,000"):
        solve_graph(views, graph, CONFIG, (np.zeros((10_001, 2)), start[1]))
