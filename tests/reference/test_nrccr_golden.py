"""NRCCR against numbers from the authors' code, on a checkpoint and files in their formats."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from xmr_core.methods.nrccr.adversary import Adversary
from xmr_core.methods.nrccr.config import NrccrTrainConfig
from xmr_core.methods.nrccr.convert import PARTS, convert_nrccr
from xmr_core.methods.nrccr.loss import (
    distillation_loss,
    feature_loss,
    language_loss,
)
from xmr_core.methods.nrccr.model import load_network
from xmr_core.methods.nrccr.network import Sentences
from xmr_core.methods.nrccr.train import Batch, NrccrLearner
from xmr_core.nn.ranking_loss import triplet_loss
from xmr_core.nn.untrusted import load_untrusted

FOLDER = "fixtures/nrccr"
EMBEDDING = 1e-5
LOSS = 1e-4
TERMS = {
    "source_loss": "tri_source",
    "target_loss": "tri_target_weighted",
    "distillation_loss": "kd_weighted",
    "feature_loss": "feature_weighted",
    "cycle_loss": "cycle_weighted",
    "adversary_loss": "adversarial_weighted",
}
BLOCKS = (
    ("input_proj_layer.LayerNorm", "norm"),
    ("input_proj_layer.net.1", "project"),
    ("pos_embed_layer.LayerNorm", "position_norm"),
    ("encoder_layer.self", "attention"),
    ("encoder_layer.output.dense", "attention.dense"),
    ("text_bert.text_bert", "tower.model"),
    ("mapping.fc1", "linear"),
    ("mapping.bn_1", "norm"),
)
PREFIXES = ("video.", "text.", "video_mapping.", "text_mapping.")


@pytest.fixture(scope="module")
def arrays(shared):
    def load(name):
        with np.load(shared(f"{FOLDER}/{name}.npz")) as stored:
            return {key: torch.from_numpy(value) for key, value in stored.items()}

    return load


@pytest.fixture(scope="module")
def numbers(shared):
    return lambda name: json.loads(shared(f"{FOLDER}/{name}.json").read_text())


@pytest.fixture(scope="module")
def converted(shared, tmp_path_factory):
    out = tmp_path_factory.mktemp("nrccr")
    file = shared(f"{FOLDER}/model_best.pth.tar")
    return out, convert_nrccr(file, out, heads=4)


@pytest.fixture
def loaded(converted):
    return load_network(converted[0])


def ours(name):
    """The name here of a tensor that the fixture calls `part/key`."""
    part, key = name.split("/")
    prefix = dict(zip(PARTS, PREFIXES, strict=False))[part]
    key = key.removeprefix("module.")
    for theirs, here in BLOCKS:
        if key.startswith(theirs + "."):
            key = here + key.removeprefix(theirs)
    return key if key.startswith("tower.") else prefix + key


def sentences(batch, view):
    return Sentences(batch[f"{view}_ids"], batch[f"{view}_mask"].bool())


def learner_of(shared, network):
    """The learner with the fixture's adversary; dropout is off but for what the network has."""
    learner = NrccrLearner(
        NrccrTrainConfig(model=network.config, discriminator="strong", all_negatives_steps=0),
        network,
    )
    state = load_untrusted(shared(f"{FOLDER}/model_best.pth.tar"))["model"][4]
    learner.adversary.load_state_dict(state, strict=False)
    return learner


def as_batch(stored):
    """The stored batch as training hands it over."""
    views = (sentences(stored, view) for view in ("source", "target", "back"))
    return Batch(0, stored["frames"], stored["frame_mask"].bool(), *views)


def test_every_key_is_used_or_named(converted, numbers):
    used, ignored = converted[1].used, converted[1].ignored
    theirs = {
        f"{part}/{key}" for part, keys in zip(PARTS, numbers("keys"), strict=True) for key in keys
    }
    assert set(used) | set(ignored) == theirs
    assert not set(used) & set(ignored)
    unused = [key for key in ignored if not key.startswith("AdvAgent/")]
    assert all("pooler" in key or "position_ids" in key for key in unused)
    assert len(unused) == 3


def test_sizes_are_read_off_the_checkpoint(converted, numbers):
    golden, config = numbers("config"), load_network(converted[0])[0].config
    assert config.feature_width == golden["D"]
    assert (config.video_width, config.video_heads) == (golden["vh"], golden["vheads"])
    assert (config.text_heads, config.space) == (golden["theads"], golden["out"])
    assert config.attention_width == golden["query_key_width"]
    assert config.text_positions == golden["text_positions"]
    assert config.video_positions == golden["video_positions"]
    assert (config.max_frames, config.dropout) == (golden["max_frames"], golden["dropout"])


def test_intermediate_states(arrays, loaded):
    batch, network = arrays("batch_eval"), loaded[0]
    hidden, attended = {}, {}
    with torch.no_grad():
        for view in ("source", "target", "back"):
            given = sentences(batch, view)
            states = network.tower(given.ids, given.mask)
            if view != "back":
                assert torch.allclose(states, batch[f"bert_{view}"], atol=EMBEDDING)
            hidden[view] = network.text.prepare(states, given.mask)
            attended[view] = network.text.attend(hidden[view], given.mask)
        masks = [sentences(batch, view).mask for view in ("source", "target")]
        attended["cross"] = network.text.attention(
            hidden["source"], hidden["target"], *masks, residual=False
        )
        mask = batch["frame_mask"].bool()
        attended["video"] = network.video.attend(network.video.prepare(batch["frames"], mask), mask)
        joined = torch.cat([attended["cross"], hidden["target"]], dim=1)
    asking = {view: sentences(batch, view).mask for view in ("source", "target", "back")}
    asking |= {"cross": asking["source"], "video": mask}
    for view, states in attended.items():
        theirs, real = batch[f"attention_{view}"], asking[view]
        assert torch.allclose(states[real], theirs[real], atol=EMBEDDING), view
        # Where all scores are shifted by -10000, single precision leaves three digits of them.
        assert torch.allclose(states, theirs, atol=1e-3), view
    pooled = {
        "c_s": attended["source"],
        "c_t": attended["target"],
        "c_b": attended["back"],
        "h_c": joined,
        "video": attended["video"],
    }
    for view, states in pooled.items():
        assert torch.allclose(network.pool(states, mask), batch[f"pooled_{view}"], atol=EMBEDDING)


def test_all_views_of_a_batch(arrays, loaded):
    batch, network = arrays("batch_eval"), loaded[0]
    given = [sentences(batch, view) for view in ("source", "target", "back")]
    with torch.no_grad():
        views = network.views(*given)
        video = network.embed_video(batch["frames"], batch["frame_mask"].bool())
    found = {"c_s": views.source, "c_t": views.target, "h_c": views.cross, "c_b": views.back}
    for name, embedding in {**found, "video_emb": video}.items():
        assert torch.allclose(embedding, batch[name], atol=EMBEDDING), name


def test_losses_in_evaluation_mode(shared, arrays, numbers, loaded):
    golden = numbers("losses")["eval"]
    learner = learner_of(shared, loaded[0].eval())
    batch = as_batch(arrays("batch_eval"))
    views = learner.network.views(batch.source, batch.target, batch.back)
    ones = [torch.ones_like(side.mask) for side in (batch.source, batch.target)]
    states = views.source_states, views.target_states
    before = [learner.adversary(s, m) for s, m in zip(states, ones, strict=True)]
    for logits, source, name in zip(before, (True, False), ("real", "fake"), strict=True):
        loss = float(language_loss(logits, source=source).detach())
        assert loss == pytest.approx(golden[f"disc_{name}"], rel=LOSS)
    terms = learner.losses(batch)
    for name, theirs in TERMS.items():
        assert float(terms[name].detach()) == pytest.approx(golden[theirs], rel=LOSS), name
    total = sum(terms.values())
    assert float(total.detach()) == pytest.approx(golden["total"], rel=LOSS)
    for name, weight in (("target", 0.6), ("distillation", 0.4), ("feature", 0.1), ("cycle", 0.5)):
        theirs = {"distillation": "kd"}.get(name, name)
        unweighted = golden["unweighted"][theirs if name != "target" else "tri_target"]
        assert float(terms[f"{name}_loss"].detach()) / weight == pytest.approx(unweighted, rel=LOSS)


def freeze(network, losses):
    """Leaves of the BERT only what the fixture names to be trained."""
    trained = {ours(name) for name in losses["trainable_bert"]}
    for name, parameter in network.named_parameters():
        if name.startswith("tower."):
            parameter.requires_grad_(name in trained)


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_one_training_step(shared, arrays, numbers, loaded, mode):
    golden, step = numbers("losses"), arrays("batch_train")
    network = loaded[0]
    freeze(network, golden)
    learner = learner_of(shared, network)
    learner.train(mode == "train")
    without_dropout(network)
    batch = as_batch(arrays("batch_eval"))
    terms = learner.losses(batch)
    for name, theirs in TERMS.items():
        assert float(terms[name].detach()) == pytest.approx(golden[mode][theirs], rel=LOSS), name
    sum(terms.values()).backward()
    named = dict(network.named_parameters())
    trained = [p for p in learner.parameters() if p.requires_grad]
    gradients = {k: p.grad.clone() for k, p in named.items() if p.grad is not None}
    norm = nn.utils.clip_grad_norm_(trained, 2.0)
    assert float(norm) == pytest.approx(golden[f"grad_norm_{mode}"], rel=LOSS)
    if mode == "eval":
        return
    torch.optim.Adam(trained, lr=1e-4).step()
    state = network.state_dict()
    for name, value in step.items():
        kind, _, rest = name.partition("/")
        if kind == "grad":
            assert torch.allclose(
                gradients[ours(rest)], value, rtol=LOSS, atol=LOSS * float(value.abs().max())
            ), name
        elif rest.startswith("AdvAgent/"):
            found = learner.adversary.state_dict()[rest.removeprefix("AdvAgent/")]
            assert torch.allclose(found, value, atol=EMBEDDING), name
        elif kind == "after":
            assert torch.allclose(state[ours(rest)], value, rtol=LOSS, atol=EMBEDDING), name


def without_dropout(network):
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        elif hasattr(module, "dropout") and isinstance(module.dropout, float):
            module.dropout = 0.0
        elif hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0


def test_embeddings_in_training_mode(arrays, loaded):
    batch, golden, network = arrays("batch_eval"), arrays("batch_train"), loaded[0]
    network.train()
    without_dropout(network)
    given = [sentences(batch, view) for view in ("source", "target", "back")]
    with torch.no_grad():
        views = network.views(*given)
        video = network.embed_video(batch["frames"], batch["frame_mask"].bool())
    found = {"c_s": views.source, "c_t": views.target, "h_c": views.cross, "c_b": views.back}
    for name, embedding in {**found, "video_emb": video}.items():
        assert torch.allclose(embedding, golden[name], atol=EMBEDDING), name


@pytest.mark.parametrize("name", ["b6", "dup"])
def test_losses_alone(arrays, name):
    golden = {k.removeprefix(f"{name}_"): v for k, v in arrays("losses_alone").items()}
    a, b, c = (golden[k].clone().requires_grad_() for k in "abc")
    triplet, distilled = triplet_loss(a, b), distillation_loss(c, a, b)
    features = feature_loss(a, c)
    for found, theirs in ((triplet, "triplet"), (distilled, "kd"), (features, "smoothl1")):
        assert float(found.detach()) == pytest.approx(float(golden[theirs]), rel=LOSS)
    (triplet + 2 * distilled + 3 * features).backward()
    for given, theirs in ((a, "a"), (b, "b"), (c, "c")):
        assert torch.allclose(given.grad, golden[f"grad_{theirs}"], rtol=LOSS, atol=1e-6)


@pytest.mark.parametrize("kind", ["weak", "not-so-weak"])
def test_small_discriminators(arrays, kind):
    name = kind.replace("-", "_")
    stored = arrays("discriminators")
    golden = {k.removeprefix(name): v for k, v in stored.items() if k.startswith(name)}
    adversary = Adversary(golden["_real"].shape[-1], kind)
    adversary.load_state_dict(
        {k.removeprefix("/"): v for k, v in golden.items() if k.startswith("/")}, strict=False
    )
    real, fake = golden["_real"], golden["_fake"]
    masks = [torch.ones(x.shape[:2], dtype=torch.bool) for x in (real, fake)]
    assert torch.allclose(adversary(real, masks[0]), golden["_logits_real"], atol=EMBEDDING)
    assert torch.allclose(adversary(fake, masks[1]), golden["_logits_fake"], atol=EMBEDDING)
    before = adversary.update(real, masks[0], fake, masks[1])
    assert before == pytest.approx(
        (float(golden["_loss_real"]), float(golden["_loss_fake"])), rel=LOSS
    )
    for key, value in golden.items():
        if key.startswith("_after/"):
            assert torch.allclose(
                adversary.state_dict()[key.removeprefix("_after/")], value, atol=EMBEDDING
            )
    fooled = 0.001 * language_loss(adversary(fake, masks[1]), source=True)
    assert float(fooled) == pytest.approx(float(golden["_gen"]), rel=LOSS)
