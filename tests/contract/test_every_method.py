"""One battery over METHODS: what every retrieval system must do."""

from dataclasses import is_dataclass
from inspect import signature

import numpy as np
import pytest
import torch
from small_models import SMALL_MODELS

from xmr_core.commands.training import trainer
from xmr_core.encoder import DualEncoder, Embeddings, VideoEncoder
from xmr_core.methods import METHODS, loader

TEXTS = ["a red car", "two dogs jump", "红色的汽车"]


def test_every_method_has_a_small_model_here():
    assert set(SMALL_MODELS) == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_trained_by_a_command(method):
    settings, function = trainer(method)
    assert is_dataclass(settings())  # the defaults are those of the shipped checkpoint
    assert {"config", "out", "trunk", "progress"} == set(signature(function).parameters)


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="clip"):
        loader("no-such-method")


@pytest.fixture(scope="module", params=METHODS)
def folder(request, tmp_path_factory):
    return tmp_path_factory.mktemp(request.param), request.param


@pytest.fixture(scope="module")
def encoder(folder):
    return SMALL_MODELS[folder[1]](folder[0])


@pytest.fixture(scope="module")
def reader(encoder):
    """The encoder, if it reads text."""
    if not hasattr(encoder, "encode_text"):
        pytest.skip(f"{encoder.id} compares clips with clips and reads no text")
    return encoder


@pytest.fixture(scope="module")
def frames():
    return np.random.default_rng(0).integers(0, 255, (4, 36, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def features(encoder, frames):
    return torch.stack([encoder.frame_features(frames), encoder.frame_features(frames[::-1])])


def full(features):
    return torch.ones(features.shape[:2], dtype=torch.bool)


def close(a: Embeddings, b: Embeddings):
    # Parts per frame have as many rows as frames went in; the score tests what they do.
    names = [name for name in a.parts if name not in ("frames", "mask")]
    return all(torch.allclose(a[name], b[name], atol=1e-5) for name in names)


def scores_like(encoder, videos, others):
    queries = encoder.encode_text(TEXTS) if isinstance(encoder, DualEncoder) else videos
    a, b = encoder.score(queries, videos), encoder.score(queries, others)
    return torch.allclose(a, b, atol=1e-4)


def test_it_fulfils_the_contract(encoder):
    assert isinstance(encoder, VideoEncoder)


def test_what_reads_text_does_all_that_belongs_to_it(reader):
    assert isinstance(reader, DualEncoder)


def test_shapes_and_lengths_of_videos(encoder, features):
    videos = encoder.encode_video(features, full(features))
    assert len(videos) == 2
    scores = encoder.score(videos, videos)
    assert scores.shape == (2, 2)
    assert (scores.diagonal() >= scores.amax(1) - 1e-5).all()
    lengths = videos["global"].norm(dim=1)
    assert torch.allclose(lengths, torch.ones(2), atol=1e-5)


def test_shapes_and_lengths_of_texts(reader, features):
    videos = reader.encode_video(features, full(features))
    texts = reader.encode_text(TEXTS)
    assert len(texts) == 3
    assert reader.score(texts, videos).shape == (3, 2)
    lengths = texts["global"].norm(dim=1)
    assert torch.allclose(lengths, torch.ones(3), atol=1e-5)


def test_frames_do_not_depend_on_their_batch(encoder, frames):
    together = encoder.frame_features(frames)
    alone = torch.cat([encoder.frame_features(frames[i : i + 1]) for i in range(len(frames))])
    assert torch.allclose(together, alone, atol=1e-5)


def test_texts_do_not_depend_on_their_batch(reader):
    together = reader.encode_text(TEXTS)
    for row, text in enumerate(TEXTS):
        assert close(together.select([row]), reader.encode_text([text]))


def test_masking_a_frame_is_removing_it(encoder, features):
    mask = full(features)
    mask[:, 2] = False
    kept = features[:, [0, 1, 3]]
    masked, without = encoder.encode_video(features, mask), encoder.encode_video(kept, full(kept))
    assert close(masked, without)
    assert scores_like(encoder, masked, without)


def test_padding_counts_for_nothing(encoder, features):
    padded = torch.cat([features, torch.full_like(features, 9.0)], dim=1)
    mask = torch.cat([full(features), ~full(features)], dim=1)
    unpadded = encoder.encode_video(features, full(features))
    assert close(encoder.encode_video(padded, mask), unpadded)
    assert scores_like(encoder, encoder.encode_video(padded, mask), unpadded)


def test_saved_and_loaded_it_is_bit_equal(folder, encoder, frames, features):
    again = SMALL_MODELS[folder[1]](folder[0])
    assert torch.equal(again.frame_features(frames), encoder.frame_features(frames))
    pairs = [
        (
            again.encode_video(features, full(features)),
            encoder.encode_video(features, full(features)),
        )
    ]
    if isinstance(encoder, DualEncoder):
        pairs.append((again.encode_text(TEXTS), encoder.encode_text(TEXTS)))
    for ours, theirs in pairs:
        assert all(torch.equal(ours[name], theirs[name]) for name in ours.parts)


def test_the_same_input_gives_the_same_output(encoder, frames):
    assert torch.equal(encoder.frame_features(frames), encoder.frame_features(frames))


@pytest.mark.parametrize("text", ["", " ", "!!!", "giraffe", "a" * 500, "🙂", "红" * 300, "\0"])
def test_odd_text_gives_finite_embeddings(reader, text):
    assert torch.isfinite(reader.encode_text([text])["global"]).all()


def test_words_lie_in_the_text_in_order(reader):
    text = "A red giraffe, 红色的汽车!"
    words = reader.words(text)
    assert all(text[w.start : w.end] == w.text for w in words)
    assert [w.start for w in words] == sorted(w.start for w in words)


def test_an_explanation_runs(reader, frames, features):
    from xmr_core.explain import Explainer
    from xmr_core.types import Clip, Video

    video = Video(frames, np.arange(4.0), 4.0, "test")
    clip = Clip("c", "c.mp4", 0.0, 4.0)
    found = Explainer(reader).explain("a red car", clip, video, features[0])
    assert found.words == ("a", "red", "car")
    assert found.word_frame.shape == (3, 4)
    assert found.frame_effects.shape == (4,)
    queries = reader.encode_text(["a red car"])
    score = reader.score(queries, reader.encode_video(features[:1], full(features[:1])))
    assert found.score == pytest.approx(float(score), abs=1e-5)
