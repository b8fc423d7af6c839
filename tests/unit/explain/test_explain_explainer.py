"""The Explainer: the whole record, kept tokens, speed, and the deletion check."""

import threading
import time

import numpy as np
import pytest
import torch

from xmr_core.explain import Explainer
from xmr_core.explain.cache import TensorCache
from xmr_core.explain.view import on_whole_frame, seen_part
from xmr_core.types import Clip, Video

QUERY = "a red car drives"


def test_the_record_is_complete(tower_encoder, clip, video):
    features = tower_encoder.frame_features(video.frames)
    explanation = Explainer(tower_encoder).explain(QUERY, clip, video, features)
    rows, columns = tower_encoder.model.visual.grid_size
    assert explanation.words == ("a", "red", "car", "drives")
    assert explanation.patch_method == "Grad-ECLIP"
    assert explanation.patch_maps is not None
    assert explanation.patch_maps.shape == (5, 4, rows, columns)
    assert explanation.patch_maps.min() >= 0
    np.testing.assert_allclose(explanation.patch_maps.max((2, 3)), 1, atol=1e-6)
    np.testing.assert_array_equal(explanation.frame_times_s, video.times_s)
    assert explanation.elapsed_ms > 0


def test_without_the_source_there_are_no_maps_but_times(tower_encoder, clip, video):
    features = tower_encoder.frame_features(video.frames)
    explanation = Explainer(tower_encoder).explain(QUERY, clip, None, features)
    assert explanation.patch_maps is None
    assert explanation.patch_method == ""
    np.testing.assert_allclose(explanation.frame_times_s, [0.5, 1.5, 2.5, 3.5])


def test_an_encoder_without_patches_is_explained_by_words_and_frames(linear_encoder, clip, video):
    features = linear_encoder.frame_features(video.frames)
    explanation = Explainer(linear_encoder).explain(QUERY, clip, video, features)
    assert explanation.patch_maps is None
    assert explanation.word_effects.shape == (4,)


def test_frames_must_match_features(tower_encoder, clip, video):
    with pytest.raises(ValueError, match="4 frames for 3 features"):
        Explainer(tower_encoder).explain(QUERY, clip, video, torch.randn(3, 32))


def test_the_second_query_uses_kept_tokens(tower_encoder, clip, video, monkeypatch):
    explainer = Explainer(tower_encoder)
    features = tower_encoder.frame_features(video.frames)
    first = explainer.explain(QUERY, clip, video, features)

    def refuse(*args, **kwargs):
        raise AssertionError("the trunk ran again")

    monkeypatch.setattr("xmr_core.explain.last_block_tokens", refuse)
    second = explainer.explain(QUERY, clip, video, features)
    np.testing.assert_array_equal(first.patch_maps, second.patch_maps)
    with pytest.raises(AssertionError, match="ran again"):
        explainer.explain(QUERY, Clip("other", "o.mp4", 0, 4), video, features)


def test_the_cache_forgets_the_oldest_and_keeps_its_bound():
    cache = TensorCache(limit_bytes=3 * 40)
    for name in "abc":
        cache.put(name, torch.zeros(10))
    assert cache.get("a") is not None  # now "b" is the oldest
    cache.put("d", torch.zeros(10))
    assert cache.get("b") is None
    assert {name for name in "acd" if cache.get(name) is not None} == {"a", "c", "d"}
    cache.put("a", torch.zeros(5))
    assert cache.size_bytes == 100
    cache.put("huge", torch.zeros(100))
    assert cache.get("huge") is None
    assert len(cache) == 3


def test_threads_share_the_cache(tower_encoder, video):
    explainer = Explainer(tower_encoder, cache_bytes=100_000)
    features = tower_encoder.frame_features(video.frames)
    clips = [Clip(f"c{i}", "v.mp4", 0, 4) for i in range(6)]
    expected = explainer.explain(QUERY, clips[0], video, features).patch_maps
    wrong = []

    def work():
        for clip in clips:
            maps = explainer.explain(QUERY, clip, video, features).patch_maps
            if not np.allclose(maps, expected):
                wrong.append(clip.id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_twelve_frames_and_eight_words_take_less_than_a_second(make_tower, clip):
    """At the size of the bundled model: 96 x 160, width 192."""
    config = {
        "embed_dim": 256,
        "vision_cfg": {
            "image_size": [96, 160], "patch_size": 16, "width": 192, "layers": 4, "head_width": 32,
        },
        "text_cfg": {"context_length": 8, "vocab_size": 16, "width": 32, "heads": 1, "layers": 1},
    }  # fmt: skip
    encoder = make_tower(config)
    frames = np.random.default_rng(1).integers(0, 256, (12, 180, 320, 3), np.uint8)
    video = Video(frames, np.arange(12) / 3, 4.0, "test")
    features = encoder.frame_features(frames)
    start = time.process_time()
    explanation = Explainer(encoder).explain(
        "a red car drives to the left slowly", clip, video, features
    )
    assert explanation.patch_maps.shape == (9, 12, 6, 10)
    assert time.process_time() - start < 2.0  # CPU seconds: two cores, one second


def test_the_seen_part_of_a_squeezed_and_of_a_cropped_frame(make_tower):
    assert seen_part(make_tower(), 90, 160) == (0.0, 0.0, 1.0, 1.0)
    left, top, right, bottom = seen_part(make_tower(square=True, crop=True), 90, 160)
    assert (top, bottom) == (0.0, 1.0)
    assert left == pytest.approx(35 / 160, abs=0.01)
    assert right == pytest.approx(125 / 160, abs=0.01)


def test_the_seen_part_of_a_padded_frame(make_tower):
    encoder = make_tower()
    plain = encoder.preprocess

    class Padded:
        def preprocess(self, frames):
            return torch.nn.functional.pad(plain(frames), (0, 0, 24, 24), value=-2.0)

    left, top, right, bottom = seen_part(Padded(), 90, 160)
    assert (left, right) == (0.0, 1.0)
    assert (top, bottom) == (pytest.approx(-0.5, abs=0.03), pytest.approx(1.5, abs=0.03))


def test_maps_of_a_crop_are_placed_on_the_frame():
    maps = torch.ones(2, 3, 4, 4)
    placed = on_whole_frame(maps, (0.25, 0.0, 0.75, 1.0))
    assert placed.shape == (2, 3, 4, 8)
    assert placed[..., 2:6].eq(1).all()
    assert placed[..., :2].eq(0).all() and placed[..., 6:].eq(0).all()
    peak = torch.zeros(1, 1, 4, 4)
    peak[0, 0, 1, 2] = 1
    assert on_whole_frame(peak, (0.25, 0.0, 0.75, 1.0)).argmax() == 1 * 8 + 4
    assert on_whole_frame(maps, (0.0, 0.0, 1.0, 1.0)) is maps


def test_the_check_of_an_encoder_without_patches(linear_encoder, clip, video):
    with pytest.raises(ValueError, match="no patch maps"):
        Explainer(linear_encoder).check(QUERY, clip, video)


def test_the_check_is_repeatable(tower_encoder, clip, video):
    explainer = Explainer(tower_encoder)
    first = explainer.check(QUERY, clip, video)
    assert first == explainer.check(QUERY, clip, video)
    features = tower_encoder.frame_features(video.frames)
    score = explainer.explain(QUERY, clip, video, features).score
    assert first.score == pytest.approx(score, abs=1e-5)
