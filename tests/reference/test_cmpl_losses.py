"""The losses of CMPL against two transcriptions of the authors' equations, made in float64."""

import json
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from xmr_core.methods.cmpl.loss import EPSILON, cmpc_loss, cmpm_loss, projection_matching

CASES = ("printed", "printed_classes", "unique", "repeated", "one_identity", "long_vectors")
# The README's tolerances: values and gradients in float64, then in float32.
PRECISIONS = ((torch.float64, 1e-9, 1e-9), (torch.float32, 1e-5, 1e-4))
precisions = pytest.mark.parametrize(("dtype", "of_values", "of_gradients"), PRECISIONS)


def load(shared, name):
    with np.load(shared(f"fixtures/cmpl/{name}.npz")) as stored:
        return dict(stored)


def inputs(data, dtype, *names):
    return [torch.tensor(data[name], dtype=dtype, requires_grad=True) for name in names]


def number(value):
    return float(value.detach())


def near(golden, relative):
    """Relative to the largest entry of an array."""
    golden = np.asarray(golden)
    return pytest.approx(golden, rel=relative, abs=relative * np.abs(golden).max())


@pytest.mark.parametrize("name", [*CASES, "large_ids"])
@precisions
def test_matching_in_each_direction(shared, name, dtype, of_values, of_gradients):
    data = load(shared, name)
    x, z = inputs(data, dtype, "x", "z")
    y = torch.tensor(data["y"])
    assert number(projection_matching(x, z, y)) == near(data["cmpm_i2t"], of_values)
    assert number(projection_matching(z, x, y)) == near(data["cmpm_t2i"], of_values)


@pytest.mark.parametrize("name", CASES)
@precisions
def test_gradients_of_matching(shared, name, dtype, of_values, of_gradients):
    data = load(shared, name)
    x, z = inputs(data, dtype, "x", "z")
    y = torch.tensor(data["y"])
    total = torch.autograd.grad(cmpm_loss(x, z, y), (x, z))
    one = torch.autograd.grad(projection_matching(x, z, y), (x, z))
    for found, golden in zip(
        (*total, *one),
        ("grad_cmpm_x", "grad_cmpm_z", "grad_cmpm_i2t_x", "grad_cmpm_i2t_z"),
        strict=True,
    ):
        assert found.numpy() == near(data[golden], of_gradients), golden


@pytest.mark.parametrize("name", CASES)
@precisions
def test_classification_and_its_gradients(shared, name, dtype, of_values, of_gradients):
    data = load(shared, name)
    x, z, classes = inputs(data, dtype, "x", "z", "W")
    loss = cmpc_loss(x, z, torch.tensor(data["y"]), classes)
    assert number(loss) == near(data["cmpc_image"] + data["cmpc_text"], of_values)
    gradients = torch.autograd.grad(loss, (x, z, classes))
    for found, golden in zip(gradients, ("x", "z", "W"), strict=True):
        assert found.numpy() == near(data[f"grad_cmpc_{golden}"], of_gradients), golden


def test_identities_are_compared_as_integers(shared):
    """The float comparison of the original gives other values on large identities."""
    data = load(shared, "large_ids")
    assert int(data["float_mask_errors"]) == 12
    (x, z), y = inputs(data, torch.float64, "x", "z"), torch.tensor(data["y"])
    same = (y[:, None] == y).double().numpy()
    assert np.count_nonzero(same != data["float_mask"]) == 12
    ours = [number(projection_matching(x, z, y)), number(projection_matching(z, x, y))]
    assert np.all(np.abs(np.array(ours) - data["cmpm_float_labels"]) > 1)


@pytest.mark.parametrize("name", CASES)
def test_a_public_port_scales_its_targets_to_length_one(shared, name):
    """What its number is made of; with repeated identities it is another loss than ours."""
    data = load(shared, name)
    same = (data["y"][:, None] == data["y"]).astype(np.float32)  # as there
    targets = same / np.linalg.norm(same, axis=1, keepdims=True)
    total = 0.0
    for source, target in (("x", "z"), ("z", "x")):
        lengths = np.linalg.norm(data[target], axis=1)
        log_p = F.log_softmax(torch.tensor(data[source] @ data[target].T / lengths), dim=1).numpy()
        total += np.mean(
            np.sum(np.exp(log_p) * (log_p - np.log(targets + np.float32(EPSILON))), axis=1)
        )
    assert total == pytest.approx(float(data["port_cmpm"]), rel=1e-8)
    repeated = len(np.unique(data["y"])) < len(data["y"])
    with torch.no_grad():
        x, z = inputs(data, torch.float64, "x", "z")
        ours = float(cmpm_loss(x, z, torch.tensor(data["y"])))
    assert (ours == pytest.approx(total, rel=2e-8)) != repeated


def test_summary_and_printed_example(shared):
    summary = json.loads(shared("fixtures/cmpl/summary.json").read_text())
    for name, golden in summary.items():
        data = load(shared, name)
        assert data["x"].shape == (golden["n"], golden["D"])
        (x, z), y = inputs(data, torch.float64, "x", "z"), torch.tensor(data["y"])
        found = {"cmpm_i2t": projection_matching(x, z, y), "cmpm_t2i": projection_matching(z, x, y)}
        for key, value in found.items():
            assert number(value) == pytest.approx(golden[key], rel=1e-9)
    assert summary["printed"]["cmpm_i2t"] == pytest.approx(3.075729, abs=1e-6)
    assert summary["printed"]["cmpm_t2i"] == pytest.approx(3.895314, abs=1e-6)


def test_uniform_predictions(shared):
    golden = json.loads(shared("fixtures/cmpl/uniform.json").read_text())
    for batch, value in golden["cmpm"].items():
        zeros = torch.zeros(int(batch), 4, dtype=torch.float64)
        found = projection_matching(zeros, zeros + 1, torch.arange(int(batch)))
        assert float(found) == pytest.approx(value, rel=1e-9)
    for classes, value in golden["cmpc"].items():
        assert math.log(int(classes)) == pytest.approx(value, rel=1e-9)
        zeros = torch.zeros(2, 3, dtype=torch.float64)
        weights = torch.ones(3, int(classes), dtype=torch.float64)
        found = cmpc_loss(zeros, zeros, torch.arange(2), weights)
        assert float(found) == pytest.approx(2 * value, rel=1e-9)
