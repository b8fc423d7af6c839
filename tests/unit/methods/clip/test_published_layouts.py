"""Random models in the layouts of the public ones, through our loaders."""

import json
import os
import pickle

import numpy as np
import published_layouts as layouts
import pytest
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file

from xmr_core.checkpoints import load_checkpoint
from xmr_core.errors import CheckpointError
from xmr_core.explain import Explainer
from xmr_core.methods.clip.files import load, load_folder
from xmr_core.methods.clip.transformers_folder import _vectors
from xmr_core.types import CheckpointCard, Clip, Video

PATCHES = {"openai": True, "clip4clip": True, "chinese-clip": True, "xlm-roberta": True}
WIDTHS = {"siglip2-open-clip": 96, "siglip2": 32}
QUERY = "a red car, 红色的汽车"


def card(name: str, **fields) -> CheckpointCard:
    given = {"width": WIDTHS.get(name, layouts.WIDTH), "languages": ("en",), **fields}
    return CheckpointCard(
        id=name, method="clip", title="Small", num_frames=4, weights="", sha256="", licence="MIT",
        **given,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Every family in a folder of its own, and what the card of one must say."""
    root = tmp_path_factory.mktemp("published")
    for name, build in layouts.WITHOUT_CARD.items():
        build(root / name)
    source = layouts.xlm_roberta(root / "xlm-roberta")
    return root, {"xlm-roberta": source}


@pytest.fixture(scope="module", params=[*layouts.WITHOUT_CARD, "xlm-roberta"])
def family(request, folders):
    root, sources = folders
    described = card(request.param, source=sources.get(request.param, {}))
    return request.param, load(root / request.param, described)


@pytest.fixture(scope="module")
def frames():
    coarse = np.random.default_rng(0).integers(0, 256, (4, 6, 11, 3), np.uint8)
    return coarse.repeat(16, axis=1).repeat(16, axis=2)


def test_every_family_makes_unit_vectors_and_scores_cosines(family, frames):
    name, encoder = family
    features = encoder.frame_features(frames)
    assert features.shape == (4, WIDTHS.get(name, layouts.WIDTH))
    torch.testing.assert_close(features.norm(dim=1), torch.ones(4))
    texts = encoder.encode_text(["a red car", "two blue dogs jump on the road"])
    videos = encoder.encode_video(features[None], torch.ones(1, 4, dtype=torch.bool))
    scores = encoder.score(texts, videos)
    mean = torch.nn.functional.normalize(features.mean(0), dim=0)
    torch.testing.assert_close(scores[:, 0], texts["global"] @ mean)
    assert not torch.allclose(texts["global"][0], texts["global"][1], atol=1e-3)


def test_a_sentence_does_not_depend_on_its_neighbours(family):
    _, encoder = family
    long = "two blue dogs jump on the road " * 3
    alone = encoder.encode_text([QUERY])["global"][0]
    among = encoder.encode_text([QUERY, long, "a"])["global"][0]
    torch.testing.assert_close(alone, among, atol=1e-5, rtol=1e-4)


def test_words_and_frames_are_explained_always_and_patches_where_there_is_a_class_token(
    family, frames
):
    name, encoder = family
    clip = Clip("clip-1", "clip-1.mp4", 0.0, 4.0)
    video = Video(frames, np.arange(4) + 0.5, 4.0, "test")
    explainer = Explainer(encoder)
    found = explainer.explain(QUERY, clip, video, encoder.frame_features(frames))
    assert len(found.words) == 8
    assert np.abs(found.word_effects).max() > 0
    assert found.frame_effects.shape == (4,)
    assert np.abs(found.frame_effects).max() > 0
    if PATCHES.get(name):
        assert found.patch_method == "Grad-ECLIP"
        assert found.patch_maps is not None
        assert found.patch_maps.shape[:2] == (9, 4)
        assert 0.5 < found.patch_maps.max() <= 1  # the cut-out is laid over the whole frame
        assert 0 <= explainer.check(QUERY, clip, video).fraction <= 1
    else:
        assert (found.patch_maps, found.patch_method) == (None, "")
        with pytest.raises(ValueError, match="no patch maps"):
            explainer.check(QUERY, clip, video)


@pytest.mark.parametrize("name", ["clip4clip", "siglip2", "chinese-clip"])
def test_pictures_reach_the_tower_as_transformers_own_processor_makes_them(folders, frames, name):
    folder = folders[0] / name
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    smooth = [Image.fromarray(frame[::32, ::32]).resize((180, 96), 3) for frame in frames]
    frames = np.stack([np.asarray(picture) for picture in smooth])
    pictures = [Image.fromarray(frame) for frame in frames]
    expected = processor(images=pictures, return_tensors="pt")["pixel_values"]
    std = torch.tensor(processor.image_std).view(1, 3, 1, 1)
    difference = (load_folder(folder).preprocess(frames) - expected) * std * 255
    assert difference.abs().max() < 2.0  # grey levels


def test_clips_tokens_are_the_same_in_both_layouts(folders):
    texts = ["A red CAR, drives   left!", QUERY]
    ours = load_folder(folders[0] / "clip4clip")._tokenizer(texts)
    open_clips = load_folder(folders[0] / "openai")._tokenizer(texts)
    for row, mask, other in zip(ours["input_ids"], ours["attention_mask"], open_clips, strict=True):
        length = int(mask.sum())
        assert row[:length].tolist() == other[:length].tolist()


def test_siglip_reads_lower_case_to_its_full_length_with_the_padding(folders):
    encoder = load_folder(folders[0] / "siglip2")
    tokens = encoder._tokenizer(["A Car"])
    assert set(tokens) == {"input_ids"}
    assert tokens["input_ids"].shape == (1, 16)
    assert tokens["input_ids"].tolist() == encoder._tokenizer(["a car"])["input_ids"].tolist()
    assert encoder.model.logit_bias is not None
    assert load_folder(folders[0] / "clip4clip").model.logit_bias is None


def test_too_long_a_sentence_is_cut_not_refused(family):
    _, encoder = family
    assert torch.isfinite(encoder.encode_text(["red car " * 400])["global"]).all()


def same_tower(folder, encoder):
    """A transformers CLIP with the image tower of a small open_clip one."""
    ours, towers = load_folder(folder), encoder.model
    theirs = {key: value for key, value in towers.visual.state_dict().items()}
    state = {
        "embeddings.class_embedding": theirs["class_embedding"],
        "embeddings.position_embedding.weight": theirs["positional_embedding"],
        "embeddings.patch_embedding.weight": theirs["conv1.weight"],
    }
    for kind in ("weight", "bias"):
        state[f"pre_layrnorm.{kind}"] = theirs[f"ln_pre.{kind}"]
        state[f"post_layernorm.{kind}"] = theirs[f"ln_post.{kind}"]
        for n in range(3):
            old, new = f"transformer.resblocks.{n}.", f"encoder.layers.{n}."
            for a, b in (
                ("ln_1", "layer_norm1"),
                ("ln_2", "layer_norm2"),
                ("mlp.c_fc", "mlp.fc1"),
                ("mlp.c_proj", "mlp.fc2"),
                ("attn.out_proj", "self_attn.out_proj"),
            ):
                state[f"{new}{b}.{kind}"] = theirs[f"{old}{a}.{kind}"]
            parts = theirs[f"{old}attn.in_proj_{kind}"].chunk(3)
            for part, values in zip("qkv", parts, strict=True):
                state[f"{new}self_attn.{part}_proj.{kind}"] = values
    tower = ours.model.visual.tower
    tower = getattr(tower, "vision_model", tower)
    left = tower.load_state_dict(state, strict=False)
    assert set(left.missing_keys) <= {"embeddings.position_ids"}
    ours.model.visual.projection.weight.data = theirs["proj"].T.contiguous()
    return ours


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_the_same_tower_gives_the_same_vectors_and_maps_in_both_libraries(
    folders, frames, attention
):
    """open_clip's way of Grad-ECLIP is checked by autograd elsewhere; transformers' by open_clip's.

    transformers gives no attentions under sdpa; none are needed.
    """
    from xmr_core.explain.gradeclip import grad_eclip, last_block_tokens

    config = json.loads((folders[0] / "openai" / "open_clip_config.json").read_text())
    folder = folders[0] / "same-mlp"
    config["model_cfg"]["vision_cfg"]["mlp_ratio"] = 1.5  # 48 of 32, as in the other layout
    layouts.open_clip_folder(folder, config["model_cfg"], config["preprocess_cfg"])
    open_clips = load_folder(folder)
    ours = same_tower(folders[0] / "clip4clip", open_clips)
    ours.model._model.set_attn_implementation(attention)
    texts = open_clips.encode_text(["car", "boat", "red"])["global"]
    results = []
    for encoder in (open_clips, ours):
        images = encoder.preprocess(frames)
        tokens = last_block_tokens(encoder.model.visual, images)
        maps = grad_eclip(encoder.model.visual, tokens, texts)
        results.append((encoder.frame_features(frames), tokens, maps))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
    assert results[0][2].std() > 0.01


def test_features_may_be_a_tensor_or_an_object(folders):
    """Version 4 of transformers returns the one, version 5 the other."""
    vectors = torch.tensor([[3.0, 4.0]])
    output = transformers.modeling_outputs.BaseModelOutputWithPooling(pooler_output=vectors)
    for returned in (vectors, output):
        torch.testing.assert_close(_vectors(returned, normalize=True), torch.tensor([[0.6, 0.8]]))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"width": 512}, "width 24 in the weights, 512 in the card"),
        ({"scale": 100.0}, r"scale 14\.29 in the weights, 100\.00 in the card"),
        ({"image_size": 224}, "image_size 32 in the weights, 224 in the card"),
    ],
)
def test_weights_of_another_size_than_the_card_says_are_refused(folders, wrong, sentence):
    with pytest.raises(CheckpointError, match=sentence):
        load(folders[0] / "openai", card("openai", **wrong))


def copy(folders, name, to):
    to.mkdir()
    for path in (folders[0] / name).iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


@pytest.mark.parametrize("name", ["clip4clip", "openai"])
def test_a_tensor_that_is_missing_or_of_another_shape_is_named(folders, tmp_path, name):
    folder = copy(folders, name, tmp_path / name)
    (weights,) = folder.glob("*.safetensors")
    state = load_file(weights)
    key = next(key for key in sorted(state) if "proj" in key and state[key].ndim == 2)
    tensor = state.pop(key)
    save_file(state, weights)
    with pytest.raises(CheckpointError, match=key):
        load_folder(folder)
    save_file({**state, key: tensor[:, :-1].contiguous()}, weights)
    with pytest.raises(CheckpointError, match=key):
        load_folder(folder)


def test_a_scale_that_the_weights_do_not_have_is_not_made_up(folders, tmp_path):
    folder = copy(folders, "clip4clip", tmp_path / "without")
    state = load_file(folder / "model.safetensors")
    del state["logit_scale"]
    save_file(state, folder / "model.safetensors")
    assert np.isnan(load_folder(folder).scale)
    with pytest.raises(CheckpointError, match="scale nan in the weights"):
        load(folder, card("clip4clip", scale=14.29))


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    ("name", "weights"),
    [("chinese-clip", "pytorch_model.bin"), ("xlm-roberta", "open_clip_pytorch_model.bin")],
)
def test_a_pickle_that_wants_to_run_something_is_refused(folders, tmp_path, name, weights):
    folder = copy(folders, name, tmp_path / name)
    source = folders[1].get(name, {})
    load(folder, card(name, source=source))
    for write in (
        lambda path, value: torch.save(value, path),
        lambda path, value: path.write_bytes(pickle.dumps(value, protocol=2)),
    ):
        write(folder / weights, {"x": Evil(tmp_path / "made")})
        with pytest.raises(CheckpointError, match="nothing else is ever loaded"):
            load(folder, card(name, source=source))
        assert not (tmp_path / "made").exists()


def test_safetensors_go_before_a_pickle_and_what_the_card_names_before_both(folders, tmp_path):
    folder = copy(folders, "clip4clip", tmp_path / "both")
    (folder / "pytorch_model.bin").write_bytes(b"not weights")
    load_folder(folder)
    named = card("clip4clip", source={"files": {"pytorch_model.bin": ""}})
    with pytest.raises(CheckpointError, match=r"pytorch_model\.bin"):
        load(folder, named)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model_type": "siglip2"}, "no model of the kind 'siglip2' is read here"),
        ({"model_type": "no-such-model"}, "cannot read it"),
        ({"auto_map": {"AutoConfig": "evil.Config"}, "model_type": "own"}, "cannot read it"),
    ],
)
def test_other_models_are_one_sentence_and_their_code_is_not_run(
    folders, tmp_path, change, sentence
):
    folder = copy(folders, "siglip2", tmp_path / "other")
    (folder / "evil.py").write_text(f"import os; os.mkdir({str(tmp_path / 'made')!r})")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(CheckpointError, match=sentence) as caught:
        load_checkpoint(str(folder))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_an_open_clip_pickle_without_settings_needs_a_card(folders, tmp_path):
    folder = copy(folders, "xlm-roberta", tmp_path / "bare")
    with pytest.raises(CheckpointError, match="no card that names one of open_clip"):
        load_folder(folder)
    source = {key: v for key, v in folders[1]["xlm-roberta"].items() if key != "text_config"}
    with pytest.raises(CheckpointError, match="settings of its text tower"):
        load(folder, card("xlm-roberta", source=source))
