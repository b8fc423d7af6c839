"""The hash network, its encoder, folder and sampling."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from xmr_core.errors import CheckpointError, ConfigError
from xmr_core.methods.triplet.config import (
    BackboneConfig,
    PictureConfig,
    TripletModelConfig,
    model_config,
)
from xmr_core.methods.triplet.convert import convert_3dresnets, convert_c3d_hash
from xmr_core.methods.triplet.model import (
    HASH_LAYERS,
    HashNetwork,
    TripletEncoder,
    load_network,
    write_length,
    write_network,
)
from xmr_core.methods.triplet.picture import preprocess
from xmr_core.methods.triplet.protocol import other_cast_map
from xmr_core.methods.triplet.resnet3d import build_backbone
from xmr_core.methods.triplet.sampling import ClassBatches, frame_indices

SMALL = PictureConfig(resize_height=16, resize_width=24, crop_height=16, crop_width=24)


def network(bits=16, **backbone):
    config = TripletModelConfig(
        backbone=BackboneConfig(**{"width": 4, **backbone}), picture=SMALL, bits=bits, num_frames=4
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return HashNetwork(config).eval()


@pytest.fixture
def clip():
    return np.random.default_rng(0).integers(0, 255, (4, 20, 30, 3), dtype=np.uint8)


def encoded(encoder, frames):
    features = encoder.frame_features(frames)[None]
    return encoder.encode_video(features, torch.ones(features.shape[:2], dtype=torch.bool))


@pytest.mark.parametrize("depth", [18, 34])
@pytest.mark.parametrize("shortcut", ["A", "B"])
def test_networks_have_the_published_shape(depth, shortcut):
    with torch.device("meta"):
        built = build_backbone(BackboneConfig(depth=depth, shortcut=shortcut))
        # At the published size: one value of time for 16 frames, 4 x 4 of space for 112 pixels.
        shape = built.feature_map(torch.zeros(1, 3, 16, 112, 112)).shape
    convolutions = [m for m in built.modules() if isinstance(m, torch.nn.Conv3d)]
    assert len(convolutions) == depth - 1 + (3 if shortcut == "B" else 0)
    assert shape == (1, 512, 1, 4, 4)


def test_torchvisions_network_gives_features_of_its_width():
    with torch.device("meta"):
        built = build_backbone(BackboneConfig(kind="r3d_18")).eval()
        assert built(torch.zeros(1, 3, 2, 16, 16)).shape == (1, BackboneConfig().features)


def test_the_order_of_frames_matters(clip):
    encoder = TripletEncoder("t", network())
    forwards, backwards = encoded(encoder, clip), encoded(encoder, clip[::-1])
    assert not torch.allclose(forwards["global"], backwards["global"], atol=1e-4)


def test_codes_are_the_signs_of_the_outputs(clip):
    found = encoded(TripletEncoder("t", network(bits=12)), clip)
    assert found["code"].shape == (1, 2)
    bits = np.unpackbits(found["code"].numpy(), axis=1, count=12, bitorder="little")
    assert np.array_equal(bits.astype(bool), found["global"].numpy() >= 0)


def test_score_is_the_number_of_equal_bits(clip):
    encoder = TripletEncoder("t", network(bits=12))
    first, second = encoded(encoder, clip), encoded(encoder, 255 - clip)
    different = int(((first["global"] >= 0) != (second["global"] >= 0)).sum())
    assert float(encoder.score(first, second)) == 12 - different
    assert float(encoder.score(first, first)) == 12


def test_without_a_hash_layer_features_are_compared(clip):
    found = encoded(TripletEncoder("t", network(bits=0)), clip)
    assert set(found.parts) == {"global"}
    assert found["global"].shape == (1, 32)
    encoder = TripletEncoder("t", network(bits=0))
    assert float(encoder.score(found, found)) == pytest.approx(1)


def test_any_number_of_frames_is_resampled(clip):
    encoder = TripletEncoder("t", network())
    twice = np.repeat(clip, 2, axis=0)
    assert torch.equal(encoded(encoder, twice)["global"], encoded(encoder, clip)["global"])
    assert encoded(encoder, clip[:1])["code"].shape == (1, 2)


def test_a_clip_without_frames_is_the_zero_vector(clip):
    encoder = TripletEncoder("t", network())
    features = encoder.frame_features(clip)[None]
    found = encoder.encode_video(features, torch.zeros(1, 4, dtype=torch.bool))
    assert float(found["global"].abs().max()) == 0


def test_pictures_are_cut_out_of_the_centre():
    wide = torch.zeros(1, 3, 40, 100, dtype=torch.uint8)
    wide[..., 40:60] = 255
    settings = {"resize_height": 20, "resize_width": 20, "crop_height": 20, "crop_width": 20}
    plain = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
    kept = preprocess(wide, PictureConfig(**settings, **plain, keep_aspect=True))
    squeezed = preprocess(wide, PictureConfig(**settings, **plain))
    assert kept.shape == squeezed.shape == (1, 3, 20, 20)
    # 20 of 100 columns are white: half of the cut in the right proportion, a fifth when squeezed.
    assert float(kept.mean()) == pytest.approx(0.5, abs=0.02)
    assert float(squeezed.mean()) == pytest.approx(0.2, abs=0.02)
    bright = preprocess(wide, PictureConfig(**settings, **plain, keep_aspect=True, white=255.0))
    assert float(bright.max()) == pytest.approx(255)


def test_half_precision_keeps_the_statistics(tmp_path, clip):
    original = network()
    write_network(original, tmp_path / "half", half=True)
    stored = load_file(tmp_path / "half" / "model.safetensors")
    assert stored["backbone.conv1.weight"].dtype == torch.float16
    assert stored["backbone.bn1.running_var"].dtype == torch.float32
    again = encoded(TripletEncoder("t", load_network(tmp_path / "half")), clip)
    exact = encoded(TripletEncoder("t", original), clip)
    assert torch.allclose(again["global"], exact["global"], atol=5e-3)


@pytest.fixture
def full(tmp_path):
    """A folder as training writes it, with hash layers of 16 and 8 bits."""
    folder, trained = tmp_path / "x-16", network()
    write_network(trained, folder)
    layers = {
        f"{bits}.{name}": tensor
        for bits, layer in ((16, trained.hash_layer), (8, torch.nn.Linear(32, 8)))
        for name, tensor in layer.state_dict().items()
    }
    save_file(layers, folder / HASH_LAYERS)
    return folder


def test_a_shorter_length_shares_the_network(full):
    weights = write_length(full, 8, full.parent / "x-8")
    assert set(load_file(weights)) == {"hash_layer.weight", "hash_layer.bias"}
    short, long = load_network(full.parent / "x-8"), load_network(full)
    assert short.config.bits == 8
    for name, tensor in long.backbone.state_dict().items():
        assert torch.equal(short.backbone.state_dict()[name], tensor)


def test_a_length_that_was_not_trained_is_refused(full):
    with pytest.raises(CheckpointError, match=r"no hash layer of 32 bits; there are \[8, 16\]"):
        write_length(full, 32, full.parent / "x-32")


def test_a_shared_network_must_be_there_and_be_the_same(full):
    write_length(full, 8, full.parent / "x-8")
    write_network(network(bits=4), full)
    with pytest.raises(CheckpointError, match="another 3D network"):
        load_network(full.parent / "x-8")
    full.rename(full.parent / "elsewhere")
    with pytest.raises(CheckpointError, match="not there"):
        load_network(full.parent / "x-8")


def test_a_damaged_folder_is_one_clear_error(tmp_path):
    folder = tmp_path / "x"
    with pytest.raises(CheckpointError, match="config"):
        load_network(folder)
    write_network(network(), folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "bits": 24}))
    with pytest.raises(CheckpointError, match=r"hash_layer\.weight.*\(16, 32\), not \(24, 32\)"):
        load_network(folder)
    (folder / "config.json").write_text(json.dumps({**config, "extra": 1}))
    with pytest.raises(CheckpointError, match="extra"):
        load_network(folder)


def test_settings_survive_json():
    config = network(shortcut="A", depth=34).config
    from dataclasses import asdict

    assert model_config(json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize("values", [{"depth": 50}, {"shortcut": "C"}, {"stem_frames": 4}])
def test_networks_that_do_not_exist_are_refused(values):
    with pytest.raises(ConfigError, match=str(next(iter(values.values())))):
        BackboneConfig(**values)


def test_backbone_from_is_a_plain_name():
    with pytest.raises(ConfigError, match="plain name"):
        TripletModelConfig(backbone_from="../../elsewhere")


def published(built, prefix, drop="num_batches"):
    return {f"{prefix}{k}": v for k, v in built.state_dict().items() if drop not in k}


def test_networks_with_shortcut_b_are_converted(tmp_path):
    built = build_backbone(BackboneConfig(depth=34, width=4))
    state = {**published(built, ""), "fc.weight": torch.zeros(7, 32), "fc.bias": torch.zeros(7)}
    torch.save({"state_dict": state, "arch": "resnet-34"}, tmp_path / "r3d34_K_200ep.pth")
    found = convert_3dresnets(tmp_path / "r3d34_K_200ep.pth", tmp_path / "out")
    assert set(found.ignored) == {"fc.weight", "fc.bias", "arch"}
    assert set(found.used) | set(found.ignored) == {*state, "arch"}
    config = load_network(tmp_path / "out").config
    assert config.backbone == BackboneConfig(depth=34, width=4)
    assert config.picture.mean == (0.4345, 0.4051, 0.3775)


def test_torchvisions_file_is_told_by_its_stem(tmp_path):
    with torch.device("meta"):
        built = build_backbone(BackboneConfig(kind="r3d_18"))
    # One stored number stands for each tensor: the file is small.
    state = {
        k: torch.zeros((), dtype=v.dtype).expand(v.shape) for k, v in built.state_dict().items()
    }
    torch.save({**state, "fc.weight": torch.zeros(4, 512)}, tmp_path / "r3d_18.pth")
    found = convert_3dresnets(tmp_path / "r3d_18.pth", tmp_path / "out")
    assert set(found.used) | set(found.ignored) == {*state, "fc.weight"}
    config = model_config(json.loads((tmp_path / "out" / "config.json").read_text()))
    assert config.backbone.kind == "r3d_18"
    assert (config.picture.resize_width, config.picture.crop_width) == (171, 112)


def test_the_number_of_frames_is_read_off_the_folder(tmp_path):
    built = network(shortcut="A")
    folder = tmp_path / "UCF_16bits_8margin_32frames"
    folder.mkdir()
    state = {
        **published(built.backbone, "module.resnet."),
        "module.hash_layer.hashcoder.0.weight": built.hash_layer.weight.data,
        "module.hash_layer.hashcoder.0.bias": built.hash_layer.bias.data,
    }
    torch.save(state, folder / "net_epoch1_mAP0.5.pth")
    convert_c3d_hash(folder / "net_epoch1_mAP0.5.pth", tmp_path / "out")
    assert load_network(tmp_path / "out").config.num_frames == 32
    with pytest.raises(CheckpointError, match="3dresnets"):
        torch.save(published(built.backbone, "module."), tmp_path / "plain.pth")
        convert_c3d_hash(tmp_path / "plain.pth", tmp_path / "no")


@pytest.mark.parametrize(
    "extra, message",
    [
        ({"layer1.0.conv3.weight": torch.zeros(1)}, "bottleneck"),
        ({"layer1.9.conv1.weight": torch.zeros(1)}, "depth 20"),
        ({"layer1.0.conv1.bias": torch.zeros(4)}, "not of this network"),
        ({"bn1.weight": torch.zeros(5)}, r"bn1\.weight.*\(5,\), not \(4,\)"),
    ],
)
def test_other_networks_are_refused(tmp_path, extra, message):
    built = build_backbone(BackboneConfig(width=4))
    torch.save({**published(built, ""), **extra}, tmp_path / "odd.pth")
    with pytest.raises(CheckpointError, match=message):
        convert_3dresnets(tmp_path / "odd.pth", tmp_path / "out")


def test_frame_numbers_of_a_clip_without_frames():
    with pytest.raises(ValueError, match="0 frames"):
        frame_indices(0, 4)


def test_class_batches_hold_p_classes_of_k_clips():
    labels = [0] * 10 + [1] * 10 + [2] * 2 + [3] * 10
    sampler = ClassBatches(labels, classes=3, clips=4, seed=0)
    for number in range(20):
        found = np.asarray(labels)[sampler.batch(number)]
        values, counts = np.unique(found, return_counts=True)
        assert (len(values), set(counts)) == (3, {4})
    assert np.array_equal(
        sampler.batch(7), ClassBatches(labels, classes=3, clips=4, seed=0).batch(7)
    )
    assert not np.array_equal(sampler.batch(7), sampler.batch(8))
    with pytest.raises(ValueError, match="5 classes from 4"):
        ClassBatches(labels, classes=5, clips=2, seed=0)


def test_the_same_cast_counts_neither_for_nor_against():
    actions = ["rises", "rises", "falls", "rises"]
    casts = [frozenset(cast) for cast in ({"dog"}, {"cat"}, {"dog", "cup"}, {"dog"})]
    # Query 0 finds 1 (right) below 2 and 3, which show a dog, too: they are left out.
    scores = np.array([[9.0, 1, 5, 8], [1, 9, 2, 3], [5, 2, 9, 5], [8, 3, 5, 9]], dtype=np.float32)
    # Query 1 sees 3 (right), 2 (wrong), 0 (right): (1 + 2 / 3) / 2. Query 2 has no right answer.
    assert other_cast_map(scores, actions, casts) == pytest.approx((1 + 5 / 6 + 1) / 3)
