"""CMFH from matrices, on the command line."""

import json

import numpy as np
import pytest


@pytest.fixture
def matrices(tmp_path):
    """Two views of 200 items of four classes, d x n, as published; and the classes."""
    rng = np.random.default_rng(0)
    classes = np.arange(200) % 4
    causes = np.eye(4)[classes] @ rng.standard_normal((4, 6)) + rng.standard_normal((200, 6)) / 4
    for name, width in (("X1", 20), ("X2", 12)):
        np.save(tmp_path / f"{name}.npy", (causes @ rng.standard_normal((6, width))).T)
    np.save(tmp_path / "L.npy", classes)
    return [tmp_path / f"{name}.npy" for name in ("X1", "X2", "L")]


def test_training_and_evaluating_matrices(xmr, matrices, tmp_path):
    first, second, labels = matrices
    run = tmp_path / "run"
    status, out, err = xmr("train", "cmfh", "--features", first, second, "--bits", 8, "--out", run)
    assert (status, "checkpoint in" in out) == (0, True), err
    status, out, _ = xmr("evaluate", run, "--features", first, second, "--labels", labels, "--json")
    report = json.loads(out)
    assert status == 0
    assert report["protocol"] == {
        "bits": 8, "queries": 200, "database": 200, "means": "training", "ties": "expected",
    }  # fmt: skip
    for direction in ("1to2", "2to1"):
        for scoring in ("hamming", "asymmetric", "real"):
            assert report[scoring][direction]["mAP@all"] > 0.5  # chance is a quarter
        assert report["real"][direction]["R@10"] > 50
    status, out, _ = xmr("evaluate", run, "--features", first, second)
    assert "mAP" not in out
    assert "R@1" in out


def test_such_a_run_cannot_see_clips(xmr, matrices, tmp_path):
    xmr("train", "cmfh", "--features", *matrices[:2], "--bits", 8, "--out", tmp_path / "run")
    status, _, err = xmr("evaluate", tmp_path / "run")
    assert status == 2
    assert "--features" in err


def test_published_projections_are_imported_with_their_means(xmr, matrices, tmp_path):
    rng = np.random.default_rng(1)
    for name, width in (("P1", 20), ("P2", 12)):
        np.save(tmp_path / f"{name}.npy", rng.standard_normal((6, width)))
    arguments = ("checkpoints", "import", tmp_path, "--format", "cmfh", "--out", tmp_path / "new")
    status, _, err = xmr(*arguments)
    assert status == 2
    assert "come without means" in err
    status, out, _ = xmr(*arguments, "--training", *matrices[:2])
    assert status == 0
    assert "used     P1.npy" in out
    assert "means: computed" in out
    status, out, _ = xmr("evaluate", tmp_path / "new", "--features", *matrices[:2], "--json")
    assert json.loads(out)["protocol"]["means"] == "computed"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("train", "nothing", "--out", "x"), "no method 'nothing'"),
        (("checkpoints", "import"), "give the file"),
        (("checkpoints", "import", "no/where", "--format", "cmfh", "--out", "x"), "lacks P1.npy"),
        (
            ("checkpoints", "import", "f", "--format", "nrccr", "--out", "x", "--means", "a", "b"),
            "--means means nothing for --format nrccr",
        ),
        (("evaluate", "nothing", "--features", "a.npy", "b.npy"), "no checkpoint 'nothing'"),
    ],
)
def test_mistakes_are_one_line(xmr, arguments, sentence):
    status, _, err = xmr(*arguments)
    assert status == 2
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
