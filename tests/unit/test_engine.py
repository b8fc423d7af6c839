"""The Engine over a small gallery of its own."""

import threading
from dataclasses import replace

import av
import numpy as np
import pytest
from small_models import SMALL_MODELS, small_clip, write_small_card

from xmr_core.checkpoints import load_checkpoint, read_card, write_card
from xmr_core.engine import Engine
from xmr_core.errors import (
    GalleryError,
    GalleryMismatchError,
    VideoUnavailableError,
    XmrError,
)
from xmr_core.files import checksum
from xmr_core.gallery import Gallery
from xmr_core.indexing import index_folder
from xmr_core.types import Caption

COLOURS = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200)}


def write_clip(path, colour, frames=8):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            image = np.full((48, 64, 3), colour, np.uint8)
            image[:, 4 * number : 4 * number + 8] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("engine")
    small_clip(root / "small")
    write_small_card(root / "small")
    (root / "videos").mkdir()
    for name, colour in COLOURS.items():
        write_clip(root / "videos" / f"{name}.mp4", colour)
    encoder, sha256 = load_checkpoint(str(root / "small"))
    gallery = index_folder(root / "videos", encoder, root / "plain", checkpoint_sha256=sha256)
    captioned = tuple(
        replace(clip, captions=(Caption(f"a {clip.id} car", "en"), Caption("红色的汽车", "zh")))
        for clip in gallery.clips
    )
    Gallery(gallery.card, captioned, gallery.parts).save(root / "gallery")
    return root


@pytest.fixture(scope="module")
def engine(place):
    return Engine(str(place / "small"), str(place / "gallery"))


def test_search_ranks_all_clips(engine):
    result = engine.search("a red giraffe", top=10)
    assert [match.rank for match in result.matches] == [1, 2, 3]
    scores = [match.score for match in result.matches]
    assert scores == sorted(scores, reverse=True)
    assert result.unknown_words == ("giraffe",)
    assert (result.checkpoint, result.gallery_size) == ("small", 3)
    assert result.elapsed_ms.total >= result.elapsed_ms.encode >= 0


def test_top_limits_the_list(engine):
    assert len(engine.search("a red car", top=2).matches) == 2


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("!?", "no word"),
        ("red " * 200, "shorten it to 500"),
        ("giraffe", "'giraffe' is not a word"),
        ("zebra giraffe", "are not words"),
    ],
)
def test_a_query_that_says_nothing_is_answered_with_a_sentence(engine, query, sentence):
    with pytest.raises(XmrError, match=sentence):
        engine.search(query)


def test_similar_leaves_the_clip_itself_out(engine):
    clip = engine.clips[0].id
    result = engine.similar(clip)
    assert clip not in [match.clip.id for match in result.matches]
    assert [match.rank for match in result.matches] == [1, 2]


def test_similar_to_a_file_finds_the_same_file_first(engine, place):
    result = engine.similar(place / "videos" / "green.mp4")
    assert result.matches[0].clip.id == "green"
    assert result.matches[0].score == pytest.approx(1.0, abs=1e-3)
    assert result.query == "green.mp4"  # no folders of this machine


def test_describe_ranks_captions_of_both_languages(engine, place):
    found = engine.describe(place / "videos" / "red.mp4", top=10)
    assert len(found.captions) == 6
    assert {row.caption.language for row in found.captions} == {"en", "zh"}
    scores = [row.score for row in found.captions]
    assert scores == sorted(scores, reverse=True)


def test_describe_without_captions_says_so(place):
    with pytest.raises(GalleryError, match="no captions"):
        Engine(str(place / "small"), str(place / "plain")).describe("red")


def test_missing_and_broken_files_are_sentences(engine, tmp_path):
    with pytest.raises(VideoUnavailableError, match=r"no clip and no file 'nothing\.mp4'"):
        engine.similar("nothing.mp4")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(VideoUnavailableError, match=r"broken\.mp4"):
        engine.describe(broken)


def test_an_unknown_clip_is_named(engine):
    with pytest.raises(GalleryError, match="no-such-clip"):
        engine.explain("a red car", "no-such-clip")


def test_explain_gives_the_score_of_the_search(engine):
    match = engine.search("a red car").matches[0]
    found = engine.explain("a red car", match.clip.id)
    assert found.score == pytest.approx(match.score, abs=2e-3)  # frames are kept as float16
    assert found.words == ("a", "red", "car")
    assert found.patch_maps is not None
    assert found.patch_maps.shape == (4, 4, 2, 3)


def test_explain_works_without_the_source(place, tmp_path):
    import shutil

    shutil.copytree(place / "gallery", tmp_path / "gallery")
    engine = Engine(str(place / "small"), str(tmp_path / "gallery"))
    stored = engine._opened.stored
    gone = replace(stored.card, media_root=str(tmp_path / "nowhere"))
    engine._opened.stored = Gallery(gone, stored.clips, stored.parts, stored.folder)
    found = engine.explain("a red car", "red")
    assert found.patch_maps is None
    assert found.frame_scores.shape == (4,)


def test_a_gallery_of_other_weights_is_refused(place, tmp_path):
    other = tmp_path / "other"
    small_clip(other)
    engine = Engine(str(other), str(place / "gallery"))
    engine._opened.stored = Gallery(
        replace(engine._opened.stored.card, checkpoint_id="elsewhere", checkpoint_sha256="ab" * 32),
        engine.clips,
        engine._opened.stored.parts,
    )
    with pytest.raises(GalleryMismatchError, match="elsewhere"):
        engine.search("a red car")


def test_a_missing_gallery_is_told():
    with pytest.raises(GalleryError):
        Engine("scenes-clip", "no/such/gallery")
    with pytest.raises(GalleryError, match="xmr index --data scenes"):
        Engine("no-such-checkpoint")


def test_visitors_at_once_get_their_own_answers(place):
    engine = Engine(str(place / "small"), str(place / "gallery"))
    queries = ["a red car", "two dogs jump", "红色的汽车", "a blue dog"] * 3
    expected = [[m.clip.id for m in engine.search(query).matches] for query in queries]
    answers: dict[int, list[str]] = {}

    def ask(number):
        result = engine.search(queries[number])
        assert result.query == queries[number]
        answers[number] = [m.clip.id for m in result.matches]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(queries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[n] for n in range(len(queries))] == expected


@pytest.fixture(scope="module")
def hashing(place):
    """CMFH over the small CLIP, searching the small CLIP's own gallery."""
    folder = place / "head"
    small = SMALL_MODELS["cmfh"](folder)
    base = read_card(place / "small")
    card = replace(
        base,
        id="small-cmfh",
        method="cmfh",
        width=16,
        bits=16,
        weights="model.safetensors",
        sha256=checksum(folder / "model.safetensors"),
        trunk=str(place / "small"),
    )
    write_card(card, folder)
    assert small.model.config.bits == 16
    return Engine(str(folder), str(place / "gallery"))


def test_a_head_searches_the_gallery_of_its_trunk(hashing):
    found = hashing.search("a red car")
    assert found.checkpoint == "small-cmfh"
    assert len(found.matches) == 3
    assert all(match.score == int(match.score) for match in found.matches)  # agreeing bits
    assert hashing.similar("red").matches[0].clip.id != "red"
    assert hashing.describe("red").captions


def test_codes_agree_with_the_score(hashing):
    for match in hashing.search("a red car").matches:
        query, clip = hashing.codes("a red car", match.clip.id)
        assert query.shape == clip.shape == (16,)
        assert match.score == (query == clip).sum()


def test_a_head_is_explained_from_stored_features(hashing):
    match = hashing.search("a red car").matches[0]
    found = hashing.explain("a red car", match.clip.id)
    assert found.score == match.score
    assert found.patch_maps is None


def test_real_valued_methods_have_no_bits(engine):
    assert engine.bits == 0
    with pytest.raises(XmrError, match="no bits"):
        engine.codes("a red car", "red")


def test_a_gallery_that_the_head_made_itself_is_searched_as_it_is(place, hashing, tmp_path):
    hashing.index_folder(place / "videos", tmp_path / "own")
    own = Engine(hashing.checkpoint, str(tmp_path / "own"))
    ours, theirs = own.search("a red car"), hashing.search("a red car")
    assert [m.score for m in ours.matches] == [m.score for m in theirs.matches]


def test_over_another_gallery_nothing_of_the_first_is_left(engine, tmp_path):
    stored = engine._opened.stored
    assert engine.find("red") and engine.search("a red car").matches
    clips = tuple(replace(clip, id=f"new-{clip.id}", captions=()) for clip in stored.clips)
    Gallery(stored.card, clips, stored.parts).save(tmp_path / "other")
    other = engine.over(tmp_path / "other")
    assert other.find("red") is None and other.find("new-red") == other.clip("new-red")
    assert {match.clip.id for match in other.search("a red car").matches} == {c.id for c in clips}
    with pytest.raises(GalleryError, match="no captions"):
        other.describe("new-red")
    assert engine.find("red") == engine.clip("red") and engine.describe("red").captions
