import numpy as np
import pytest
import torch
import torch.nn.functional as F

from xmr_core.encoder import Embeddings
from xmr_core.methods.mlcmr.fusion import fuse, fused_scores, measure_weights


def unit(seed, count):
    generator = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(count, 8, generator=generator), dim=-1)


def test_a_fused_query_scores_as_the_weighted_sum():
    queries, translations, videos = unit(0, 3), unit(1, 3), unit(2, 5)
    fused = fuse(Embeddings({"global": queries}), Embeddings({"global": translations}), 0.55)
    expected = fused_scores((queries @ videos.T).numpy(), (translations @ videos.T).numpy(), 0.55)
    np.testing.assert_allclose((fused["global"] @ videos.T).numpy(), expected, atol=1e-6)


def test_every_weight_is_reported():
    owners = np.array([0, 0, 1, 1])
    right = np.array([[2.0, 1.0], [2.0, 1.0], [1.0, 2.0], [1.0, 2.0]])
    found = measure_weights(right, -right, owners, (1.0, 0.4))
    assert [result.query_weight for result in found] == [1.0, 0.4]
    assert found[0].t2v.recall_at_1 == 100
    assert found[0].v2t_captions.recall_at_1 == 100
    assert found[0].v2t_groups.recall_at_1 == 100
    assert (found[0].t2v_map, found[0].v2t_map) == (1.0, 1.0)
    assert found[1].t2v.recall_at_1 == 0
    assert found[1].v2t_groups.num_queries == 2


def test_protocols_of_v2t_differ():
    """A caption of another video between a video's own counts once per group."""
    owners = np.array([0, 0, 1, 1])
    scores = np.array([[0.1, 0.0], [0.0, 0.0], [0.9, 1.0], [0.8, 0.9]])
    (found,) = measure_weights(scores, scores, owners, [1.0])
    assert found.v2t_captions.mean_rank == pytest.approx((3 + 1) / 2)
    assert found.v2t_groups.mean_rank == pytest.approx((2 + 1) / 2)


def test_weights_are_shares():
    with pytest.raises(ValueError, match=r"1\.2"):
        fused_scores(np.zeros((1, 1)), np.zeros((1, 1)), 1.2)
