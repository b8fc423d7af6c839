"""Filters: the same answer for a table as for single clips, and the best among what is admitted."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_models import small_clip, write_small_card
from toy_encoder import ToyEncoder

from xmr_core.checkpoints import load_checkpoint
from xmr_core.encoder import Embeddings
from xmr_core.engine import Engine
from xmr_core.errors import XmrError
from xmr_core.filters import ClipTable, best_moments
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.search import search_gallery
from xmr_core.types import Clip, Filter


def random_clips(count=300, seed=0):
    random = np.random.default_rng(seed)
    folders = ["", "a", "a/b", "ab", "é/文"]
    clips = []
    for i in range(count):
        start_s = float(random.integers(0, 5))
        clips.append(
            Clip(
                f"c{i}",
                "/".join(filter(None, [folders[random.integers(5)], f"{i}.mp4"])),
                start_s,
                start_s + float(random.integers(0, 4)),
                category=[None, "x", "y"][random.integers(3)],
                modified=[None, 10.0, 20.0, 30.0][random.integers(4)],
                duplicate_of=[None, None, "c0"][random.integers(3)],
            )
        )
    return tuple(clips)


def test_a_table_admits_what_single_clips_pass():
    clips = random_clips()
    table = ClipTable(clips)
    choices = {
        "folder": ["", "a", "/a/b/", "é", "nowhere"],
        "longer_s": [None, 0.0, 2.0],
        "shorter_s": [None, 1.0],
        "since": [None, 20.0],
        "until": [None, 20.0, 30.0],
        "category": ["", "x"],
        "duplicates": [False, True],
    }
    for values in itertools.product(*choices.values()):
        where = Filter(**dict(zip(choices, values, strict=True)))
        wanted = [row for row, clip in enumerate(clips) if where.admits(clip)]
        assert table.rows(where).tolist() == wanted


def random_gallery(clips):
    vectors = torch.nn.functional.normalize(
        torch.randn(len(clips), 16, generator=torch.Generator().manual_seed(0))
    )
    card = GalleryCard("toys", "toy", "", 16, 4, len(clips), ".")
    return Gallery(card, tuple(clips), {"global": vectors.numpy()})


def test_the_best_are_chosen_among_the_admitted_and_sigma_is_that_of_the_gallery():
    clips = random_clips()
    gallery, encoder = random_gallery(clips), ToyEncoder()
    queries = Embeddings({"global": encoder.encode_text(["red"])["global"]})
    everything = search_gallery(queries, gallery, None, encoder, top=len(clips))
    rows = ClipTable(clips).rows(Filter(folder="a", category="x"))
    assert 10 < len(rows) < len(clips) / 4
    some = search_gallery(queries, gallery, None, encoder, top=10, rows=rows)
    wanted = [p for p in everything.positions[0].tolist() if p in set(rows.tolist())][:10]
    assert some.positions[0].tolist() == wanted
    place = everything.positions[0].tolist().index(wanted[0])
    assert some.sigmas[0, 0] == everything.sigmas[0, place]
    with pytest.raises(ValueError, match="all scores"):
        search_gallery(queries, gallery, None, None, top=10, rows=rows)


def test_one_video_has_one_place_in_the_list():
    videos = np.array([0, 0, 0, 1, 2, 0, 0])
    ranked = np.array([5, 1, 4, 0, 2, 6, 3])
    assert best_moments(ranked, videos, 2) == [[0, 1, 3, 4], [2]]
    assert best_moments(ranked, videos, 9, others=1) == [[0, 1], [2], [6]]
    assert ClipTable([Clip("a", "", 0, 1), Clip("b", "", 0, 1)]).videos is None


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """A film in four stretches, a copy of it and two other clips."""
    root = tmp_path_factory.mktemp("filters")
    small_clip(root / "small")
    write_small_card(root / "small")
    encoder, sha256 = load_checkpoint(str(root / "small"))
    clips = [Clip(f"film.{n:04d}", "sea/film.mp4", 5.0 * n, 5.0 * n + 6) for n in range(4)]
    clips += [Clip("pic", "pic.png", 0, 0, modified=100.0), Clip("other", "other.mp4", 0, 9)]
    clips.append(replace(clips[5], id="twin", video="twin.mp4", duplicate_of="other"))
    random = np.random.default_rng(1)
    features = random.normal(size=(len(clips), encoder.num_frames, 32)).astype(np.float32)
    features[6] = features[5]
    mask = np.ones(features.shape[:2], bool)
    parts = encoder.encode_video(torch.from_numpy(features), torch.from_numpy(mask)).parts
    width = parts["global"].shape[1]
    card = GalleryCard("own", encoder.id, sha256, width, encoder.num_frames, len(clips), str(root))
    stored = {name: part.numpy() for name, part in parts.items()}
    Gallery(card, tuple(clips), stored).save(root / "g")
    return Engine(str(root / "small"), str(root / "g"))


def test_moments_of_a_film_share_one_match(engine):
    matches = engine.search("a red car").matches
    assert sorted(match.clip.video for match in matches) == ["other.mp4", "pic.png", "sea/film.mp4"]
    film = next(match for match in matches if match.clip.video == "sea/film.mp4")
    assert len(film.moments) == 3
    scores = [film.score, *(moment.score for moment in film.moments)]
    assert scores == sorted(scores, reverse=True)
    assert [match.rank for match in matches] == [1, 2, 3]


def test_the_engine_filters(engine):
    def found(**where):
        return {match.clip.video for match in engine.search("a car", where=Filter(**where)).matches}

    assert found(folder="sea") == {"sea/film.mp4"}
    assert found(longer_s=8) == {"other.mp4"}
    assert found(longer_s=8, duplicates=True) == {"other.mp4", "twin.mp4"}
    assert found(since=99) == {"pic.png"}
    with pytest.raises(XmrError, match="no clip in the folder 'lake', of at least 5 s"):
        found(folder="lake", longer_s=5)


def test_similar_leaves_the_clip_itself_out(engine):
    ids = [match.clip.id for match in engine.similar("other").matches]
    assert "other" not in ids
    assert "twin" not in ids
    twin = engine.similar("other", top=1, where=Filter(duplicates=True)).matches[0]
    assert twin.clip.id == "twin"
    assert engine.similar("pic", where=Filter(since=99)).matches == ()
