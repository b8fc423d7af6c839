"""Grad-ECLIP on random towers, against a naive version by autograd through the whole block."""

import open_clip
import pytest
import torch
from torch.nn import functional as F

from xmr_core.explain.gradeclip import (
    class_row,
    grad_eclip,
    last_block_tokens,
)
from xmr_core.explain.last_block import last_block, unsupported_reason

WORDS = ["car", "boat", "red"]


@pytest.fixture
def parts(tower_encoder, video):
    visual = tower_encoder.model.visual
    images = tower_encoder.preprocess(video.frames)
    return visual, images, last_block_tokens(visual, images)


def test_the_last_block_on_cached_tokens_equals_the_full_forward(parts):
    visual, images, tokens = parts
    block = last_block(visual)
    with torch.no_grad():
        again = block.rest(tokens[:, 0], class_row(block, tokens)[0])
        torch.testing.assert_close(again, visual(images), atol=1e-5, rtol=1e-5)


def naive_map(visual, tokens, text):
    """One frame, one text: all of the last block, one head and one patch at a time."""
    block = visual.transformer.resblocks[-1]
    x = block.ln_1(tokens)
    kept = {}

    def keep(module, args, output):
        kept["gathered"] = output[0]
        output[0].retain_grad()

    handle = block.attn.register_forward_hook(keep)
    block_input = tokens[None].clone().requires_grad_()  # so that the graph exists
    out = visual.ln_post(block(block_input))[0, 0] @ visual.proj
    handle.remove()
    F.cosine_similarity(out, text, dim=0).backward()
    weights = kept["gathered"].grad[0, 0]

    width = tokens.shape[-1]
    w, b = block.attn.in_proj_weight, block.attn.in_proj_bias
    q = w[:width] @ x[0] + b[:width]
    keys = [w[width : 2 * width] @ x[i] + b[width : 2 * width] for i in range(1, len(x))]
    values = [w[2 * width :] @ x[i] + b[2 * width :] for i in range(1, len(x))]
    cosines = torch.stack([q @ k / (q.norm() * k.norm()) for k in keys])
    spatial = (cosines - cosines.min()) / (cosines.max() - cosines.min())
    raw = torch.stack(
        [
            s * (weights * (block.attn.out_proj.weight @ v)).sum()
            for s, v in zip(spatial, values, strict=True)
        ]
    )
    return (raw.relu() / raw.relu().max()).detach().reshape(visual.grid_size)


def test_maps_equal_the_naive_version(tower_encoder, parts):
    visual, _, tokens = parts
    texts = tower_encoder.encode_text(WORDS)["global"]
    maps = grad_eclip(visual, tokens, texts)
    assert maps.shape == (len(WORDS), len(tokens), *visual.grid_size)
    for t in range(len(WORDS)):
        for f in range(len(tokens)):
            expected = naive_map(visual, tokens[f], texts[t])
            torch.testing.assert_close(maps[t, f], expected, atol=1e-4, rtol=1e-4)


def test_maps_change_with_the_query_and_with_the_weights(make_tower, video):
    def maps(seed: int):
        encoder = make_tower(seed=seed)
        visual = encoder.model.visual
        tokens = last_block_tokens(visual, encoder.preprocess(video.frames))
        return grad_eclip(visual, tokens, encoder.encode_text(WORDS)["global"])

    first, other = maps(0), maps(1)
    assert not torch.allclose(first[0], first[1], atol=0.05)
    assert not torch.allclose(first, other, atol=0.05)
    torch.testing.assert_close(first, maps(0))


def test_maps_need_no_gradient_mode_and_leave_no_gradient(tower_encoder, parts):
    visual, images, tokens = parts
    visual.zero_grad()
    with torch.inference_mode():
        texts = tower_encoder.encode_text(WORDS)["global"]
        inside = grad_eclip(visual, last_block_tokens(visual, images + 0), texts)
    torch.testing.assert_close(inside, grad_eclip(visual, tokens, texts))
    assert not inside.requires_grad
    assert all(parameter.grad is None for parameter in visual.parameters())


def vision(**changes):
    settings = {
        "image_size": 32, "patch_size": 16, "width": 32, "layers": 2, "heads": 1, "mlp_ratio": 2.0,
        "output_dim": 16,
    }  # fmt: skip
    return open_clip.transformer.VisionTransformer(**{**settings, **changes})


@pytest.mark.parametrize(
    ("visual", "reason"),
    [
        (torch.nn.Linear(2, 2), "is a Linear"),
        (vision(pool_type="avg"), "pools by 'avg'"),
        (vision(attentional_pool=True, attn_pooler_heads=1), "attention"),
        (vision(layers=1), "two blocks"),
        (vision(qk_norm=True), "CustomResidualAttentionBlock"),
    ],
)
def test_other_towers_are_refused_with_a_reason(visual, reason):
    assert reason in unsupported_reason(visual)
    with pytest.raises(ValueError, match="Grad-ECLIP needs"):
        last_block_tokens(visual, torch.zeros(1, 3, 32, 32))


def test_a_plain_tower_is_accepted():
    assert unsupported_reason(vision()) is None
