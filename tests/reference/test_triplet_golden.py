"""Video hashing against the original code: losses, network, codes, training step, frames."""

import json
import re

import numpy as np
import pytest
import torch

from xmr_core.errors import CheckpointError
from xmr_core.methods.triplet.config import BackboneConfig, PictureConfig, TripletModelConfig
from xmr_core.methods.triplet.convert import convert_3dresnets, convert_c3d_hash
from xmr_core.methods.triplet.loss import batch_all_loss, batch_hard_loss
from xmr_core.methods.triplet.model import HashNetwork, TripletEncoder, load_network
from xmr_core.methods.triplet.picture import normalised
from xmr_core.methods.triplet.sampling import frame_indices
from xmr_core.metrics import mean_average_precision, precision_within_radius
from xmr_core.nn.untrusted import load_untrusted
from xmr_core.ranking import same_group

CASES = ("pairs", "weighted", "no_positive", "one_class", "bits48", "bits16_sign")
TRAINED = "fixtures/triplet/net_epoch50_mAP0.476344.pth"


def arrays(shared, name):
    with np.load(shared(f"fixtures/triplet/{name}")) as stored:
        return dict(stored)


def close(golden):
    return pytest.approx(golden, rel=1e-4, abs=1e-4 * max(float(np.abs(golden).max()), 1e-3))


def with_gradient(loss, x):
    x = torch.from_numpy(x).requires_grad_()
    value = loss(x)
    value.backward()
    return float(value.detach()), x.grad.numpy()


@pytest.mark.parametrize("case", CASES)
def test_losses(shared, case):
    golden = json.loads(shared("fixtures/triplet/losses.json").read_text())[case]
    data = arrays(shared, "losses.npz")
    x, labels = data[f"{case}_x"], torch.from_numpy(data[f"{case}_labels"])
    margin = golden["margin"]
    value, gradient = with_gradient(
        lambda h: batch_all_loss(h, labels, margin, by_class_size=True), x
    )
    assert value == close(golden["loss"])
    assert value == close(float(data[f"{case}_loss"]))
    assert gradient == close(data[f"{case}_grad"])
    h = torch.from_numpy(x)
    for name, flags in (
        ("each_once", {}),
        ("nonzero_each_once", {"violating_only": True}),
        ("nonzero_counted", {"violating_only": True, "by_class_size": True}),
    ):
        assert float(batch_all_loss(h, labels, margin, **flags)) == close(golden[name])
    value, gradient = with_gradient(lambda h: batch_hard_loss(h, labels, 0.3), x)
    if case == "one_class":  # the original raises an error here
        assert value == 0
        return
    assert value == close(golden["batch_hard"])
    assert gradient == close(data[f"{case}_batch_hard_grad"])


@pytest.fixture
def network(shared, tmp_path):
    convert_c3d_hash(shared(TRAINED), tmp_path / "converted")
    return load_network(tmp_path / "converted")


def clips(frames):
    """(b, 3, t, h, w) uint8 as the network wants it."""
    return normalised(torch.from_numpy(frames).float().transpose(1, 2), PictureConfig()).transpose(
        1, 2
    )


def test_conversion_of_the_trained_model_names_every_key(shared, tmp_path):
    keys = json.loads(shared("fixtures/triplet/keys.json").read_text())["trained"]
    found = convert_c3d_hash(shared(TRAINED), tmp_path / "converted")
    assert set(found.used) | set(found.ignored) == set(keys)
    assert not set(found.used) & set(found.ignored)
    assert all(key.endswith("num_batches_tracked") for key in found.ignored)
    assert found.missing == ()
    config = load_network(tmp_path / "converted").config
    assert config.backbone == BackboneConfig(depth=18, shortcut="A", width=4)
    assert (config.bits, config.num_frames) == (48, 16)


def test_forward(shared, network):
    data = arrays(shared, "forward.npz")
    with torch.inference_mode():
        inputs = clips(data["t16_frames"])
        features = network.backbone.feature_map(inputs).mean((3, 4))
        pooled = network.backbone(inputs)
        outputs = network(inputs)
    assert features.numpy() == pytest.approx(data["t16_features"], abs=1e-5)
    assert pooled.numpy() == pytest.approx(data["t16_pooled"], abs=1e-5)
    assert outputs.numpy() == pytest.approx(data["t16_hash"], abs=1e-5)


def test_codes_through_the_encoder(shared, network):
    data = arrays(shared, "forward.npz")
    # Frames of the network's own size pass the resizing to (128, 171) unless it is switched off.
    plain = PictureConfig(resize_height=112, resize_width=112)
    own = HashNetwork(TripletModelConfig(network.config.backbone, plain, bits=48, num_frames=16))
    own.load_state_dict(network.state_dict())
    encoder = TripletEncoder("golden", own)
    rows = [
        encoder.frame_features(np.ascontiguousarray(clip.transpose(1, 2, 3, 0)))
        for clip in data["t16_frames"]
    ]
    features = torch.stack(rows)
    found = encoder.encode_video(features, torch.ones(features.shape[:2], dtype=torch.bool))
    golden = np.packbits(data["t16_codes"] > 0, axis=1, bitorder="little")
    assert np.array_equal(found["code"].numpy(), golden)


@pytest.mark.parametrize("gradient", ["original", "flowing"])
def test_training_step(shared, gradient):
    data = arrays(shared, "train_step.npz")
    backbone = BackboneConfig(
        shortcut="A", width=4, legacy_detached_shortcut=gradient == "original"
    )
    network = HashNetwork(TripletModelConfig(backbone=backbone, bits=48))
    state = load_untrusted(shared(TRAINED))
    network.load_state_dict({ours(key): value for key, value in state.items()})
    network.train()
    outputs = network(clips(data["frames"]))
    assert outputs.detach().numpy() == pytest.approx(data["hash"], abs=1e-5)
    for name in ("bn1.running_mean", "layer4.1.bn2.running_var"):
        found = network.state_dict()[f"backbone.{name}"].numpy()
        assert found == close(data[f"after/resnet.{name}"])
    labels = torch.from_numpy(data["labels"])
    loss = batch_all_loss(outputs, labels, float(data["margin"]), by_class_size=True)
    assert float(loss.detach()) == close(float(data["loss"]))
    optimiser = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9, weight_decay=5e-4)
    loss.backward()
    named = dict(network.named_parameters())
    checked = [key for key in data if key.startswith(f"grad_{gradient}/")]
    assert len(checked) == 5
    for key in checked:
        assert named[ours(key.split("/")[1])].grad.numpy() == close(data[key])
    optimiser.step()
    for key in (key for key in data if key.startswith(f"step_{gradient}/")):
        assert named[ours(key.split("/")[1])].detach().numpy() == close(data[key])


def ours(key):
    key = key.removeprefix("module.").replace("hashcoder.0.", "")
    return re.sub("^resnet", "backbone", key)


def test_conversion_of_the_pretrained_network(shared, tmp_path):
    keys = json.loads(shared("fixtures/triplet/keys.json").read_text())["backbone"]
    file = shared("fixtures/triplet/resnet-18-kinetics.pth")
    found = convert_3dresnets(file, tmp_path / "kinetics")
    assert set(found.used) | {"module.fc.weight", "module.fc.bias"} == set(keys)
    assert set(found.ignored) == {"module.fc.weight", "module.fc.bias", "epoch", "arch"}
    network = load_network(tmp_path / "kinetics")
    assert (network.config.bits, network.config.backbone.shortcut) == (0, "A")
    stored = load_untrusted(file)["state_dict"]
    assert len(found.used) == len(stored) - 2
    for key in found.used:
        name = key.replace("module.", "backbone.")
        assert torch.equal(network.state_dict()[name], stored[key])


def test_a_file_without_one_tensor_is_refused(shared, tmp_path):
    state = load_untrusted(shared(TRAINED))
    del state["module.resnet.layer3.0.bn1.weight"]
    torch.save(state, tmp_path / "cut.pth")
    with pytest.raises(CheckpointError, match=r"layer3\.0\.bn1\.weight"):
        convert_c3d_hash(tmp_path / "cut.pth", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_frame_numbers(shared):
    cases = json.loads(shared("fixtures/triplet/frame_indices.json").read_text())
    assert len(cases) == 10
    for name, golden in cases.items():
        length, wanted = (int(part.split("=")[1]) for part in name.split(","))
        expected = golden["clamped"] if isinstance(golden, dict) else golden
        assert frame_indices(length, wanted).tolist() == expected


@pytest.mark.parametrize("case", ["b16", "b48", "zeros"])
def test_mean_average_precision_of_the_stored_codes(shared, case):
    golden = json.loads(shared("fixtures/triplet/codes_map.json").read_text())[case]
    data = arrays(shared, "codes.npz")
    queries, items = data[f"{case}_query_codes"], data[f"{case}_db_codes"]
    # As the original counts: an exact zero differs from -1 and from +1.
    scores = (queries[:, None] == items).sum(-1)
    relevant = same_group(data[f"{case}_query_labels"], data[f"{case}_db_labels"])
    for ties, value in golden["full"].items():
        assert mean_average_precision(scores, relevant, ties) == pytest.approx(value, abs=1e-9)
    tops = [key for key in golden if re.fullmatch(r"top\d+", key)]
    assert tops
    for key in tops:
        for normalisation in ("hits", "min", "all"):
            for ties, value in golden[key].get(normalisation, {}).items():
                ours = mean_average_precision(
                    scores, relevant, ties, cutoff=int(key[3:]), normalisation=normalisation
                )
                assert ours == pytest.approx(value, abs=1e-9), (key, normalisation, ties)
    ball = precision_within_radius(scores, relevant, bits=queries.shape[1], radius=2)
    assert ball.precision == pytest.approx(golden["precision_radius_2"])
    assert ball.empty_balls == golden["empty_balls"]
