"""HMMC's pre-training step against numbers of the original code."""

import hmmc_fixtures as fixtures
import pytest
import torch

from xmr_core.methods.hmmc.config import PretrainConfig
from xmr_core.methods.hmmc.convert import convert_hmmc
from xmr_core.methods.hmmc.pretrain import HiddenWords
from xmr_core.nn.momentum import follow

WEIGHTS = PretrainConfig()


@pytest.fixture(scope="module", params=["en_pretrain", "zh_pretrain"])
def folder(request, shared):
    return shared(f"fixtures/hmmc/{request.param}/step.npz").parent


@pytest.fixture(scope="module")
def step(folder):
    return fixtures.arrays(folder / "step.npz")


def inputs(step, run, kinds):
    texts = {k: (step[f"{k}_ids"], step[f"{k}_mask"].bool()) for k in kinds}
    hidden = {
        kind: HiddenWords(
            step[f"{run}_mlm_ids_{kind}"], texts[kind][1], step[f"{run}_mlm_labels_{kind}"]
        )
        for kind in kinds
    }
    return step["video"], texts, hidden


def unweighted(losses):
    weights = {"FAM": WEIGHTS.fam_weight, "VTM": WEIGHTS.vtm_weight,
               "FTM": WEIGHTS.ftm_weight, "MLM": WEIGHTS.mlm_weight}  # fmt: skip
    return {k: float(losses[f"{k.lower()}_loss"].detach()) / w for k, w in weights.items()}


@pytest.mark.parametrize(("run", "kinds"), [("bird", ("title", "tag")), ("chvtt", ("title",))])
def test_losses(folder, step, tmp_path, run, kinds):
    trainer = fixtures.trainer(folder, tmp_path, kinds)
    losses = trainer.losses(*inputs(step, run, kinds))
    wanted = fixtures.record(folder / "losses.json")[run]
    found = unweighted(losses)
    for name in ("FAM", "VTM", "FTM", "MLM"):
        assert found[name] == pytest.approx(wanted[name], abs=1e-4)
    total = sum(float(loss.detach()) for loss in losses.values())
    assert total == pytest.approx(wanted["total"], abs=1e-4)


@pytest.fixture(scope="module")
def done(folder, step, tmp_path_factory):
    """The trainer after one step with title and tag, gradients included."""
    kinds = ("title", "tag")
    trainer = fixtures.trainer(folder, tmp_path_factory.mktemp("hmmc"), kinds)
    seen = {}
    trainer.projector.register_forward_hook(lambda m, i, out: seen.setdefault("z", out))
    trainer.predictor.register_forward_hook(lambda m, i, out: seen.setdefault("p", out))
    trainer.slow_projector.register_forward_hook(lambda m, i, out: seen.setdefault("z_k", out))
    losses = trainer.losses(*inputs(step, "bird", kinds))
    torch.stack(list(losses.values())).sum().backward()
    return trainer, seen


def near(found, wanted, relative=2e-5):
    assert found.shape == wanted.shape
    scale = max(float(wanted.abs().max()), 1e-12)
    assert float((found.detach() - wanted).abs().max()) <= relative * scale


def test_features(done, step):
    trainer, seen = done
    for name in ("z", "p", "z_k"):
        near(seen[name], step[name])
    with torch.no_grad():
        video = step["video"]
        for name, encoder in (("", trainer.model), ("_k", trainer.slow_model)):
            frames = encoder.encode_image(video.flatten(0, 1)).view(*video.shape[:2], -1)
            near(frames, step["f" + name])
            near(encoder.encode_frames(frames), step["v" + name])


def test_state_after_the_step(done, step):
    trainer, _ = done
    state = trainer.state_dict()
    checked = 0
    for name, wanted in step.items():
        if not name.startswith("after/"):
            continue
        key = name.removeprefix("after/")
        if key == "queue_ptr":
            for kind in ("video", "title", "tag"):
                assert torch.equal(state[f"queues.{kind}.pointer"], wanted)
        elif key in fixtures.QUEUES:
            near(state[f"queues.{fixtures.QUEUES[key]}.keys"].T, wanted)
        elif not key.startswith("t_projector"):
            found = state[fixtures.trainer_name(key)]
            near(found.double(), wanted.double())
        checked += 1
    assert checked >= 23


def test_gradients(done, step):
    parameters = dict(done[0].named_parameters())
    names = [name for name in step if name.startswith("grad/")]
    assert len(names) == 6
    for name in names:
        key = name.removeprefix("grad/").replace("cls.bias", "cls.decoder.bias")
        near(parameters[fixtures.trainer_name(key)].grad, step[name], 1e-4)


def test_every_slow_tensor_moves_as_it_should(done, folder):
    state = done[0].state_dict()
    published = fixtures.published(folder)
    slow, fast = (fixtures.projector(published, f"t_projector{k}.") for k in ("_k", ""))
    follow(slow, fast, 0.99)
    text = {f"t_projector_k.{name}": value for name, value in slow.state_dict().items()}
    wanted = fixtures.record(folder / "momentum.json")
    for key, numbers in wanted.items():
        if key.endswith("position_ids"):
            continue
        if key.startswith("t_projector_k."):
            name = "t_projector_k." + fixtures.projector_name(key.removeprefix("t_projector_k."))
            tensor = text[name].double()
        else:
            tensor = state[fixtures.trainer_name(key)].double()
        size = numbers["after_norm"]
        assert float(tensor.norm()) == pytest.approx(size, rel=2e-5, abs=1e-6)
        # A sum of many numbers of either sign: its error grows with their size, not with itself.
        allowed = 2e-5 * max(size, 1e-3) * tensor.numel() ** 0.5
        assert float(tensor.sum()) == pytest.approx(numbers["after_sum"], abs=allowed)


def test_a_pretraining_file_becomes_a_searchable_model(folder, tmp_path):
    keys = fixtures.record(folder / "keys.json")
    heads = fixtures.record(folder / "config.json")["bheads"]
    found = convert_hmmc(folder / "pytorch_model.bin", tmp_path, heads=heads)
    assert set(found.used) | set(found.ignored) == set(keys)
    assert all(key.startswith(("visual_encoder.", "text_encoder.")) for key in found.used)
    assert all(reason for reason in found.ignored.values())
