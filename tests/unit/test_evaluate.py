"""Evaluation: known clips, known captions, numbers that can be counted."""

import json

import numpy as np
import pytest
import torch
from toy_encoder import COLOURS, ToyEncoder

from xmr_core.encoder import Embeddings
from xmr_core.errors import GalleryError
from xmr_core.evaluate import evaluate
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.types import Caption, Clip

CHINESE = {"red": "红色", "green": "绿色", "blue": "蓝色"}


def make_gallery(captions_of):
    """One clip per colour, embedded by the toy encoder."""
    encoder, features, clips = ToyEncoder(), [], []
    for colour, captions in captions_of.items():
        frames = np.full((1, 4, 4, 3), COLOURS[colour], dtype=np.uint8)
        features.append(encoder.frame_features(frames))
        clips.append(Clip(colour, f"{colour}.mp4", 0, 1, captions))
    videos = torch.stack(features)
    parts = encoder.encode_video(videos, torch.ones(videos.shape[:2], dtype=torch.bool)).parts
    card = GalleryCard("colours", "toy", "", 16, 4, len(clips), ".")
    return Gallery(card, tuple(clips), {name: part.numpy() for name, part in parts.items()})


def both(colour, *more):
    chinese = (Caption(CHINESE[colour], "zh"),) if colour in CHINESE else ()
    return (Caption(colour, "en"), *(Caption(text, "en") for text in more), *chinese)


def test_a_model_that_knows_the_colours_is_perfect_on_first_captions():
    gallery = make_gallery({c: both(c, "green") for c in ("red", "green", "blue")})
    report = evaluate(ToyEncoder(), gallery, split="colours test")
    by_name = {(r.language, r.captions): r for r in report.results}
    assert list(by_name) == [("en", "first"), ("en", "all"), ("zh", "first"), ("zh", "all")]
    assert by_name["en", "first"].t2v.metrics.recall_at_1 == 100
    assert by_name["zh", "all"].v2t.metrics.recall_at_1 == 100
    # The three second captions all say "green": two of six texts look for the wrong clip.
    everything = by_name["en", "all"]
    assert everything.t2v.metrics.recall_at_1 == pytest.approx(100 * 4 / 6)
    assert everything.t2v.metrics.num_queries == 6
    assert everything.v2t.protocol.gallery_size == 6
    assert everything.v2t_groups.protocol.gallery_size == 3
    # Every group has the sentence "green", so the clip "green" ties with all three groups.
    assert everything.v2t_groups.metrics.recall_at_1 == pytest.approx(100 * (2 + 1 / 3) / 3)


def test_the_json_has_the_promised_shape():
    gallery = make_gallery({c: both(c) for c in ("red", "green", "blue")})
    report = evaluate(ToyEncoder(), gallery)
    printed = json.loads(json.dumps(report.as_dict()))
    assert list(printed["t2v"]) == ["R@1", "R@5", "R@10", "MedR", "MeanR", "n"]
    assert list(printed["v2t"]) == list(printed["t2v"])
    assert printed["protocol"] == {
        "split": "colours",
        "language": "en",
        "captions": "first",
        "captions_per_video": 1.0,
        "ties": "expected",
        "t2v_gallery_size": 3,
        "v2t_gallery_size": 3,
        "v2t_text_gallery": "captions",
    }
    assert [more["protocol"]["language"] for more in printed["more"]] == ["en", "zh", "zh"]
    assert report.lines()[0] == (
        "colours, t2v, first en captions, 1 per video, 3 videos ranked, ties expected: "
        "R@1 100.0  R@5 100.0  R@10 100.0  MedR 1  MeanR 1.0  n 3"
    )
    assert len(report.lines()) == 12


def test_clips_without_a_caption_are_wrong_answers_and_no_queries():
    gallery = make_gallery({"red": both("red"), "yellow": (), "blue": both("blue", "red")})
    result = evaluate(ToyEncoder(), gallery, languages=["en"]).results[0]
    assert result.t2v.protocol.gallery_size == 3
    assert (result.t2v.metrics.num_queries, result.v2t.metrics.num_queries) == (2, 2)
    everything = evaluate(ToyEncoder(), gallery, languages=["en"]).results[1]
    assert everything.t2v.protocol.captions_per_video == 1.5


def test_the_methods_own_score_decides():
    class Backwards(ToyEncoder):
        def score(self, queries: Embeddings, gallery: Embeddings) -> torch.Tensor:
            return -super().score(queries, gallery)

    gallery = make_gallery({c: both(c) for c in ("red", "green", "blue")})
    assert evaluate(Backwards(), gallery).results[0].t2v.metrics.recall_at_1 == 0


def test_a_collapsed_model_gets_what_guessing_gets():
    class Collapsed(ToyEncoder):
        def score(self, queries: Embeddings, gallery: Embeddings) -> torch.Tensor:
            return torch.zeros(len(queries), len(gallery))

    gallery = make_gallery({c: both(c) for c in ("red", "green", "blue")})
    metrics = evaluate(Collapsed(), gallery).results[0].t2v.metrics
    assert (metrics.recall_at_1, metrics.mean_rank) == (pytest.approx(100 / 3), 2)


def test_batches_of_captions_change_nothing(monkeypatch):
    gallery = make_gallery({c: both(c, "green", "red car") for c in ("red", "green", "blue")})
    whole = evaluate(ToyEncoder(), gallery)
    monkeypatch.setattr("xmr_core.encoder.TEXTS_AT_ONCE", 2)
    assert evaluate(ToyEncoder(), gallery) == whole


def test_without_captions_there_is_nothing_to_measure():
    with pytest.raises(GalleryError, match="no captions in en or zh"):
        evaluate(ToyEncoder(), make_gallery({"red": (), "blue": ()}))
