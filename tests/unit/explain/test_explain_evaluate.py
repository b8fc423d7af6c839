"""The measures themselves: on maps and scores whose quality is known."""

import json

import numpy as np
import pytest
import torch

from xmr_core.encoder import Embeddings
from xmr_core.explain.evaluate import ExplainCase, evaluate_explanations, rank_correlation
from xmr_core.explain.faithfulness import curve_areas, patch_order
from xmr_core.explain.occlusion import deletion_check, hide, occlusion_map, top_patches
from xmr_core.explain.pointing import centre_map, hit_share, patches_in_boxes

GRID = (3, 5)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


class PatchSum:
    """An encoder whose score is a weighted sum of patches; it ignores the text."""

    def __init__(self, weights: torch.Tensor) -> None:
        self.weights = weights
        self.model = self

    def encode_image(self, images, normalize):
        patches = torch.nn.functional.avg_pool2d(images.mean(1, keepdim=True), 16)
        return (patches[:, 0] * self.weights).flatten(1)

    def encode_video(self, features, mask):
        return Embeddings({"global": (features * mask.unsqueeze(-1)).sum(1)})

    def encode_text(self, texts):
        return Embeddings({"global": torch.ones(len(texts), self.weights.numel())})

    def score(self, queries, gallery):
        return queries["global"] @ gallery["global"].T


@pytest.fixture
def weights(generator):
    return torch.randperm(15, generator=generator).float().reshape(GRID)


@pytest.fixture
def image():
    return torch.ones(3, 48, 80)


def test_hidden_patches_are_grey_and_others_untouched(image):
    visible = torch.ones(1, *GRID, dtype=torch.bool)
    visible[0, 1, 2] = False
    hidden = hide(image[None], visible)[0]
    assert hidden[:, 16:32, 32:48].eq(0).all()
    assert hidden.sum() == image.sum() - 3 * 16 * 16


def test_a_perfect_order_beats_a_random_one_and_that_a_reversed_one(weights, image, generator):
    encoder = PatchSum(weights)

    def score(images):
        return encoder.encode_image(images, True).sum(1)

    perfect = patch_order(weights, generator)
    orders = torch.stack([perfect, torch.randperm(15, generator=generator), perfect.flip(0)])
    areas = curve_areas(score, image, orders, GRID, steps=15)
    assert areas.span == pytest.approx(weights.sum().item())
    assert areas.deletion[0] < areas.deletion[1] < areas.deletion[2]
    assert areas.insertion[0] > areas.insertion[1] > areas.insertion[2]
    assert areas.deletion[2] == pytest.approx(areas.insertion[0])
    falling = weights.flatten().sort(descending=True).values
    left = np.concatenate([[0], falling.cumsum(0).numpy()])
    assert areas.insertion[0] == pytest.approx(np.trapezoid(left, dx=1 / 15))


def test_equal_patches_are_ordered_at_random(generator):
    orders = torch.stack([patch_order(torch.zeros(GRID), generator) for _ in range(20)])
    assert len(orders.unique(dim=0)) > 10
    assert orders.sort(1).values.eq(torch.arange(15)).all()


def test_occlusion_finds_the_weights(weights, image, generator):
    found = occlusion_map(PatchSum(weights), "", image, GRID, num_masks=4000, generator=generator)
    assert rank_correlation(found.numpy(), weights.numpy()) > 0.98
    torch.testing.assert_close(found, weights, atol=1.5, rtol=0)


def test_the_deletion_check_tells_a_good_map_from_a_bad_one(weights, image, generator):
    images = image.expand(2, 3, 48, 80)

    def check(maps):
        maps = maps.expand(2, *GRID)
        return deletion_check(PatchSum(weights), "", images, maps, generator=generator)

    good, bad = check(weights), check(-weights)
    assert good.score == pytest.approx(2 * weights.sum().item())
    assert good.drop == pytest.approx(2 * (14 + 13 + 12))
    assert bad.drop == pytest.approx(2 * (0 + 1 + 2))
    assert good.passed and not bad.passed
    assert bad.drop < bad.random_drop < good.drop


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_a_senseless_fraction_is_refused(fraction, weights, image, generator):
    with pytest.raises(ValueError, match="between 0 and 1"):
        deletion_check(
            PatchSum(weights), "", image[None], weights[None], fraction=fraction,
            generator=generator,
        )  # fmt: skip


def test_top_patches_are_counted_per_frame():
    maps = torch.stack([torch.arange(15.0), -torch.arange(15.0)]).reshape(2, *GRID)
    top = top_patches(maps, 0.2).flatten(1)
    assert top.nonzero()[:, 1].tolist() == [12, 13, 14, 0, 1, 2]


def test_patches_in_boxes():
    box = np.array([[0.2, 0.0, 0.6, 1 / 3]])  # columns 1 and 2 of row 0, exactly
    assert np.argwhere(patches_in_boxes(GRID, box)).tolist() == [[0, 1], [0, 2]]
    assert np.argwhere(patches_in_boxes(GRID, box, touching=True)).tolist() == [[0, 1], [0, 2]]
    tiny = np.array([[0.21, 0.01, 0.22, 0.02]])
    assert not patches_in_boxes(GRID, tiny).any()
    assert np.argwhere(patches_in_boxes(GRID, tiny, touching=True)).tolist() == [[0, 1]]
    corner = [0.85, 0.8, 1.0, 1.0]
    several = np.array([box[0], [np.nan] * 4, corner])
    assert np.argwhere(patches_in_boxes(GRID, several)).tolist() == [[0, 1], [0, 2], [2, 4]]


def test_hits_of_synthetic_maps():
    hits = patches_in_boxes(GRID, np.array([[0.2, 0.0, 0.6, 1 / 3]]))
    peak = np.zeros(GRID)
    peak[0, 2] = 1
    assert hit_share(peak, hits) == 1
    assert hit_share(np.roll(peak, 1, axis=0), hits) == 0
    assert hit_share(np.zeros(GRID), hits) == pytest.approx(2 / 15)
    assert np.unravel_index(centre_map(GRID).argmax(), GRID) == (1, 2)
    assert (centre_map((6, 10)) == centre_map((6, 10)).max()).sum() == 4


def test_rank_correlation():
    a = np.array([1.0, 2.0, 3.0, 4.0])
    assert rank_correlation(a, a**3) == pytest.approx(1)
    assert rank_correlation(a, -a) == pytest.approx(-1)
    assert rank_correlation(a, np.ones(4)) == 0
    assert rank_correlation(a, np.array([1.0, 2.0, 2.0, 4.0])) == pytest.approx(0.9487, abs=1e-4)


def make_case(video, boxes) -> ExplainCase:
    return ExplainCase(video.frames, "a red car", (2, 9), boxes)


def test_the_report_is_plain_and_bounded(tower_encoder, video):
    everywhere = np.tile([0.0, 0.0, 1.0, 1.0], (1, 4, 1))
    corner = np.tile([0.0, 0.0, 0.5, 0.5], (1, 4, 1))
    nowhere = np.full((1, 4, 4), np.nan)
    cases = [make_case(video, boxes) for boxes in (everywhere, corner, nowhere)]
    report = evaluate_explanations(tower_encoder, cases, occlusion_cases=1)
    assert report.cases == 2
    assert report.occlusion_cases == 1
    assert 0.5 <= report.pointing.mean <= 1  # the first case cannot miss
    assert report.pointing_random < 1
    assert json.loads(json.dumps(report.as_dict()))["pointing"]["mean"] >= 0.5
    again = evaluate_explanations(tower_encoder, cases, occlusion_cases=1)
    np.testing.assert_equal(again.as_dict(), report.as_dict())


def test_without_a_visible_subject_there_is_nothing_to_report(tower_encoder, video):
    with pytest.raises(ValueError, match="none of the cases"):
        evaluate_explanations(tower_encoder, [make_case(video, np.full((1, 4, 4), np.nan))])
