"""Search: index alone, method alone, and the method re-ranking what the index finds."""

import numpy as np
import pytest
import torch

from xmr_core.encoder import Embeddings
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.index import BinaryIndex, FloatIndex
from xmr_core.search import score_all, search_gallery
from xmr_core.similarity import pack_bits, unit_length
from xmr_core.types import Clip

WIDTH = 12


def make_gallery(vectors):
    count = len(vectors)
    parts = {
        "global": vectors,
        "frames": vectors[:, None].astype(np.float16),
        "mask": np.ones((count, 1), dtype=bool),
        "code": pack_bits(vectors > 0),
    }
    clips = tuple(Clip(f"c{i}", f"{i}.mp4", 0, 1) for i in range(count))
    return Gallery(GalleryCard("g", "toy", "", vectors.shape[1], 1, count, "."), clips, parts)


@pytest.fixture(scope="module")
def gallery():
    vectors = unit_length(np.random.default_rng(0).standard_normal((300, WIDTH)))
    vectors[[5, 77, 200]] = vectors[150]
    return make_gallery(vectors)


@pytest.fixture(scope="module")
def index(gallery):
    index = FloatIndex(WIDTH)
    index.add(gallery.parts["global"])
    return index


@pytest.fixture(scope="module")
def queries(gallery):
    noise = np.random.default_rng(1).standard_normal((7, WIDTH))
    vectors = unit_length(gallery.parts["global"][150:157] + 0.05 * noise)
    return Embeddings({"global": torch.from_numpy(vectors)})


class Cosine:
    id = "cosine"
    num_frames = 1
    stores_frames = True

    def frame_features(self, frames):
        raise NotImplementedError

    def encode_video(self, features, mask):
        raise NotImplementedError

    def score(self, queries, gallery):
        return queries["global"] @ gallery["global"].T


class Reversed(Cosine):
    """A method that disagrees with the index: the least similar item is its best."""

    def score(self, queries, gallery):
        return -super().score(queries, gallery)


def test_index_alone_and_method_alone_agree_when_the_score_is_the_same(gallery, index, queries):
    by_index = search_gallery(queries, gallery, index, None, top=9)
    by_method = search_gallery(queries, gallery, None, Cosine(), top=9)
    assert by_index.positions[0, :4].tolist() == [5, 77, 150, 200]  # four copies, in order
    # Rounding may split exact copies in the method's own product, never by more than this.
    assert by_index.scores == pytest.approx(by_method.scores, abs=1e-6)
    assert by_index.sigmas == pytest.approx(by_method.sigmas, abs=1e-4)


def test_sigma_is_the_z_score_over_the_whole_gallery(gallery, index, queries):
    hits = search_gallery(queries, gallery, index, None, top=3)
    scores = queries["global"].numpy() @ gallery.parts["global"].T
    z = (scores - scores.mean(axis=1, keepdims=True)) / scores.std(axis=1, keepdims=True)
    assert hits.sigmas == pytest.approx(np.take_along_axis(z, hits.positions, 1), abs=1e-4)


def test_the_method_replaces_or_re_ranks(gallery, index, queries):
    whole = search_gallery(queries, gallery, index, Reversed(), top=300)
    similar = search_gallery(queries, gallery, index, None, top=300)
    assert np.array_equal(np.sort(whole.positions), np.sort(similar.positions))
    assert whole.scores == pytest.approx(-similar.scores[:, ::-1], abs=1e-6)

    few = search_gallery(queries, gallery, index, Reversed(), top=4, candidates=20)
    for row in range(len(queries)):
        assert set(few.positions[row]) <= set(similar.positions[row, :20])
        assert few.scores[row] == pytest.approx(-similar.scores[row, 16:20][::-1], abs=1e-6)
    # In a gallery below the size of the sample, sigma is exact.
    sigma = {p: s for p, s in zip(whole.positions[0], whole.sigmas[0], strict=True)}
    assert few.sigmas[0] == pytest.approx([sigma[p] for p in few.positions[0]], abs=1e-4)


def test_codes_are_searched_by_agreeing_bits(gallery, queries):
    index = BinaryIndex(WIDTH)
    index.add(gallery.parts["code"])
    codes = Embeddings({"code": torch.from_numpy(pack_bits(queries["global"].numpy() > 0))})
    hits = search_gallery(codes, gallery, index, None, top=5)
    assert (np.diff(hits.scores, axis=1) <= 0).all()
    assert hits.scores[0, 0] >= WIDTH - 1


def test_chunks_do_not_change_scores(gallery, queries, monkeypatch):
    whole = score_all(queries, gallery, Cosine())
    monkeypatch.setattr("xmr_core.search._ITEMS_AT_ONCE", 64)
    monkeypatch.setattr("xmr_core.search._QUERIES_AT_ONCE", 3)
    assert score_all(queries, gallery, Cosine()) == pytest.approx(whole, abs=1e-6)


def test_a_gallery_of_equal_clips_has_no_sigma(queries):
    same = make_gallery(np.ones((4, WIDTH), dtype=np.float32))
    hits = search_gallery(queries, same, None, Cosine(), top=10)
    assert hits.positions[0].tolist() == [0, 1, 2, 3]
    assert hits.sigmas == pytest.approx(0, abs=1e-3)


def test_a_missing_or_foreign_index_is_refused(gallery, queries):
    with pytest.raises(ValueError, match="no index"):
        search_gallery(queries, gallery, None, None)
    with pytest.raises(ValueError, match="300 items and an index of 0"):
        search_gallery(queries, gallery, FloatIndex(WIDTH), None)
