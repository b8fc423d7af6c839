"""Effects of words and frames, against loops and closed forms."""

import numpy as np
import pytest
import torch

from xmr_core.explain.effects import measure_effects, without_word
from xmr_core.types import Word

QUERY = "a red car drives"


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("a red car", "red", "a car"),
        ("a red  car drives", "car", "a red drives"),
        ("car, red", "car", "red"),
        ("a boat, red, sails", "red", "a boat, sails"),
        ("a car stops.", "stops", "a car."),
        ("一辆红色的汽车", "红色", "一辆的汽车"),
        ("car", "car", ""),
    ],
)
def test_a_word_is_cut_out_without_a_trace(text, word, rest):
    start = text.index(word)
    assert without_word(text, Word(word, start, start + len(word), True)) == rest


def test_effects_in_closed_form(linear_encoder):
    """With score = (sum of words) . (sum of frames), every effect is one inner product."""
    features = torch.randn(4, 6, generator=torch.Generator().manual_seed(1))
    effects = measure_effects(linear_encoder, QUERY, features)
    words = linear_encoder.encode_text(QUERY.split())["global"]
    products = (words @ features.T).numpy()  # (words, frames)
    assert effects.score == pytest.approx(products.sum(), abs=1e-5)
    np.testing.assert_allclose(effects.word_frame, products, atol=1e-5)
    np.testing.assert_allclose(effects.word_effects, products.sum(1), atol=1e-5)
    np.testing.assert_allclose(effects.frame_effects, products.sum(0), atol=1e-5)
    np.testing.assert_allclose(effects.frame_scores, products.sum(0), atol=1e-5)


def test_effects_equal_naive_loops(tower_encoder, video):
    features = tower_encoder.frame_features(video.frames)

    def score(text: str, kept: list[int]) -> float:
        chosen = features[kept][None]
        videos = tower_encoder.encode_video(chosen, torch.ones(1, len(kept), dtype=torch.bool))
        return tower_encoder.score(tower_encoder.encode_text([text]), videos).item()

    everything = list(range(4))
    rests = ["red car drives", "a car drives", "a red drives", "a red car"]
    effects = measure_effects(tower_encoder, QUERY, features)
    whole = score(QUERY, everything)
    assert effects.score == pytest.approx(whole, abs=1e-6)
    for w, rest in enumerate(rests):
        assert effects.word_effects[w] == pytest.approx(whole - score(rest, everything), abs=1e-6)
        for f in everything:
            expected = score(QUERY, [f]) - score(rest, [f])
            assert effects.word_frame[w, f] == pytest.approx(expected, abs=1e-6)
    for f in everything:
        others = [g for g in everything if g != f]
        assert effects.frame_scores[f] == pytest.approx(score(QUERY, [f]), abs=1e-6)
        assert effects.frame_effects[f] == pytest.approx(whole - score(QUERY, others), abs=1e-6)


def test_masked_frames_are_not_explained(tower_encoder, video):
    features = tower_encoder.frame_features(video.frames)
    masked = measure_effects(
        tower_encoder, QUERY, features, torch.tensor([True, True, False, True])
    )
    removed = measure_effects(tower_encoder, QUERY, features[[0, 1, 3]])
    assert masked.frame_effects.shape == (3,)
    np.testing.assert_allclose(masked.frame_effects, removed.frame_effects)


def test_one_frame_and_one_word_stand_for_everything(linear_encoder):
    features = torch.randn(1, 6, generator=torch.Generator().manual_seed(2))
    effects = measure_effects(linear_encoder, "car", features)
    assert effects.frame_effects == pytest.approx([effects.score])
    assert effects.word_effects == pytest.approx([effects.score])  # the empty text scores 0 here


def test_a_query_without_words_has_frames_only(linear_encoder):
    effects = measure_effects(linear_encoder, "?!", torch.ones(3, 6))
    assert effects.word_effects.shape == (0,)
    assert effects.word_frame.shape == (0, 3)


def test_no_frame_is_an_error(linear_encoder):
    with pytest.raises(ValueError, match="at least one frame"):
        measure_effects(linear_encoder, QUERY, torch.ones(2, 6), torch.zeros(2, dtype=torch.bool))
