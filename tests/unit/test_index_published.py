"""From an annotation to a gallery: joined by id, from features, stored frames or files."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from toy_encoder import WIDTH, ToyEncoder

from xmr_core.datasets.catalogue import part_of
from xmr_core.encoder import Embeddings
from xmr_core.errors import ConfigError, DataError, GalleryError, GalleryMismatchError
from xmr_core.gallery import Gallery
from xmr_core.indexing import IndexingStoppedError
from xmr_core.indexing.features import frame_width
from xmr_core.indexing.published import Material, index_published, read_gone
from xmr_core.media.frame_store import FrameStoreWriter
from xmr_core.media.write import write_mp4

ALL = part_of("msrvtt", "all")
COLOURS = {"video0": (250, 5, 5), "video1": (5, 250, 5), "video2": (5, 5, 250)}


def annotate(root, count=5):
    videos = [
        {
            "video_id": f"video{n}",
            "category": 3,
            "url": f"https://www.youtube.com/watch?v={n:011d}",
            "start time": 10.5 + n,
            "end time": 20.5 + n,
            "split": "train" if n % 2 else "test",
        }
        for n in range(count)
    ]
    sentences = [
        {"sen_id": 2 * n + k, "video_id": f"video{n}", "caption": f"sentence {k} of {n}"}
        for n in range(count)
        for k in range(2)
    ]
    root.mkdir(exist_ok=True)
    (root / "MSRVTT_data.json").write_text(json.dumps({"videos": videos, "sentences": sentences}))
    return root


def features_of(encoder, colour, frames=3):
    return encoder.frame_features(np.full((frames, 4, 4, 3), colour, np.uint8)).numpy()


def save_features(folder, encoder, dtype=np.float16):
    folder.mkdir()
    for name, colour in COLOURS.items():
        np.save(folder / f"{name}.npy", features_of(encoder, colour).astype(dtype))
    return folder


def test_features_become_a_gallery_joined_by_id(tmp_path):
    root = annotate(tmp_path / "root")
    features = save_features(tmp_path / "f", ToyEncoder())
    np.save(features / "stranger.npy", np.zeros((1, WIDTH)))
    (tmp_path / "gone.txt").write_text("video1\nvideo4\n")
    seen = []

    def progress(iterable, *, desc=None, total=None):
        seen.append((desc, total))
        yield from iterable

    index_published(
        ALL,
        root,
        ToyEncoder(),
        tmp_path / "g",
        Material(features=(features,)),
        checkpoint_sha256="ab" * 32,
        gone=read_gone(tmp_path / "gone.txt"),
        progress=progress,
    )
    gallery = Gallery.load(tmp_path / "g")
    assert seen == [("Features", 1), ("Captions (en)", 1)]
    assert [clip.id for clip in gallery.clips] == ["video0", "video1", "video2"]
    clip = gallery.clips[1]
    assert [caption.text for caption in clip.captions] == ["sentence 0 of 1", "sentence 1 of 1"]
    assert (clip.category, clip.action, clip.gone) == ("sports/actions", None, True)
    assert (clip.url, clip.source_start_s) == ("https://www.youtube.com/watch?v=00000000001", 11.5)
    assert (clip.video, clip.start_s, clip.end_s) == ("video1.mp4", 0.0, 10.0)
    assert not gallery.media_path(clip).exists() and not gallery.clips[0].gone
    data = gallery.card.data
    assert (str(data), data.wanted, data.missing) == ("msrvtt full all", 5, ("video3", "video4"))
    assert (data.seen, data.agreement, gallery.card.bad_files) == ("features", None, ())
    assert gallery.parts["mask"].sum(1).tolist() == [3, 3, 3]
    assert gallery.parts["frames"].dtype == np.float16
    red = ToyEncoder().encode_text(["red"])["global"].numpy()
    assert int((red @ gallery.parts["global"].T).argmax()) == 0
    assert gallery.poster_path("video0") is None and gallery.still_paths("video0") == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "g", "gone.txt", "root"]


def test_damaged_features_are_named_and_left_out(tmp_path):
    root = annotate(tmp_path / "root")
    features = save_features(tmp_path / "f", ToyEncoder())
    np.save(features / "video0.npy", np.full((2, WIDTH), np.nan))
    np.save(features / "video1.npy", np.zeros((2, 2, WIDTH)))
    (features / "video3.npy").write_bytes(b"nothing")
    np.save(features / "video4.npy", np.full((2, WIDTH), 1e6))  # more than a gallery's float16
    gallery = index_published(
        ALL, root, ToyEncoder(), tmp_path / "g", Material(features=(features,))
    )
    assert [clip.id for clip in gallery.clips] == ["video2"]
    reasons = {bad.path: bad.reason for bad in gallery.card.bad_files}
    assert list(reasons) == ["video0", "video1", "video3", "video4"]
    assert "not finite" in reasons["video0"] and "(2, 2, 16)" in reasons["video1"]
    assert "not a NumPy file" in reasons["video3"] and "no finite" in reasons["video4"]
    (features / "video2.npy").unlink()
    with pytest.raises(GalleryError, match="None of the 4 items has usable features"):
        index_published(ALL, root, ToyEncoder(), tmp_path / "h", Material(features=(features,)))
    assert not (tmp_path / "h").exists() and not (tmp_path / ".h.features").exists()


def test_another_width_names_both_numbers(tmp_path):
    root = annotate(tmp_path / "root")
    (tmp_path / "f").mkdir()
    np.save(tmp_path / "f/video0.npy", np.zeros((2, 512)))
    with pytest.raises(GalleryMismatchError, match=r"512 numbers a frame; 'toy' takes 16"):
        index_published(
            ALL, root, ToyEncoder(), tmp_path / "g", Material(features=(tmp_path / "f",))
        )


def test_nothing_in_common_shows_what_there_is(tmp_path):
    root = annotate(tmp_path / "root")
    np.save(tmp_path / "other.npy", np.zeros((2, WIDTH)))
    with pytest.raises(DataError, match=r"'other'; one that was looked for: 'video0'"):
        index_published(ALL, root, ToyEncoder(), tmp_path / "g", Material(features=(tmp_path,)))
    with pytest.raises(DataError, match=r"None of the 5 videos or pictures of msrvtt full all"):
        index_published(ALL, root, ToyEncoder(), tmp_path / "g", Material())
    for wrong in (Material(features=(tmp_path,), frames=tmp_path), Material(ids=tmp_path)):
        with pytest.raises(ConfigError):
            index_published(ALL, root, ToyEncoder(), tmp_path / "g", wrong)


def arrays(tmp_path, encoder, whole):
    """The two arrays of the public demo with their list, in another order than the annotation."""
    ids = ["video2", "video0", "video1"]
    np.save(tmp_path / "frame.npy", np.stack([features_of(encoder, COLOURS[i]) for i in ids]))
    np.save(tmp_path / "visual.npy", np.stack([whole(i) for i in ids]))
    (tmp_path / "test_list.txt").write_text("\n".join(ids))
    return Material(features=(tmp_path / "visual.npy", tmp_path / "frame.npy"))


def unit(encoder, name):
    mean = features_of(encoder, COLOURS[name]).mean(0)
    return mean / np.linalg.norm(mean)


def test_arrays_of_frames_and_of_videos_check_each_other(tmp_path):
    root, encoder = annotate(tmp_path / "root"), ToyEncoder()
    material = arrays(tmp_path, encoder, lambda name: 3 * unit(encoder, name))
    gallery = index_published(ALL, root, encoder, tmp_path / "g", material)
    assert gallery.card.data.agreement == pytest.approx(1, abs=1e-5)
    assert np.allclose(gallery.parts["global"][0], unit(encoder, "video0"), atol=1e-6)
    material = arrays(tmp_path, encoder, lambda name: np.roll(unit(encoder, name), 5))
    with pytest.raises(GalleryMismatchError, match="Another checkpoint made them"):
        index_published(ALL, root, encoder, tmp_path / "h", material)


class OrderedEncoder(ToyEncoder):
    """Takes frames in their order: a vector of a whole video is none of its frames."""

    id = "ordered"

    def encode_video(self, features, mask):
        turned = features.roll(1, dims=-1)
        return Embeddings({"global": torch.nn.functional.normalize(turned.sum(1), dim=1)})


def test_vectors_of_whole_videos_go_only_where_frames_are_averaged(tmp_path):
    root, encoder = annotate(tmp_path / "root"), ToyEncoder()
    arrays(tmp_path, encoder, lambda name: unit(encoder, name))
    alone = Material(features=(tmp_path / "visual.npy",))
    gallery = index_published(ALL, root, encoder, tmp_path / "g", alone)
    assert gallery.parts["mask"].sum(1).tolist() == [1, 1, 1]
    assert np.allclose(gallery.parts["global"][2], unit(encoder, "video2"), atol=1e-6)
    with pytest.raises(GalleryMismatchError, match="takes the features of its frames"):
        index_published(ALL, root, OrderedEncoder(), tmp_path / "h", alone)


def test_long_videos_keep_frames_at_equal_distances(tmp_path):
    root = annotate(tmp_path / "root", 1)
    values = np.zeros((9, WIDTH), np.float32)
    values[:, 0] = range(1, 10)
    (tmp_path / "f").mkdir()
    np.save(tmp_path / "f/video0.npy", values)
    gallery = index_published(
        ALL, root, ToyEncoder(), tmp_path / "g", Material(features=(tmp_path / "f",))
    )
    assert gallery.parts["frames"][0, :, 0].tolist() == [1, 3, 5, 7]


def test_models_of_pixels_take_no_features():
    encoder = ToyEncoder()
    assert frame_width(encoder) == WIDTH
    encoder.stores_frames = False
    with pytest.raises(GalleryMismatchError, match="takes the pixels"):
        frame_width(encoder)


def jpeg(colour):
    file = io.BytesIO()
    Image.new("RGB", (480, 270), colour).save(file, "JPEG")
    return file.getvalue()


def test_a_store_of_frames_is_decoded_and_can_be_stopped(tmp_path):
    root = annotate(tmp_path / "root")
    with FrameStoreWriter(tmp_path / "store") as writer:
        for name, colour in COLOURS.items():
            writer.add(name, [jpeg(colour)] * 6)
        writer.add("video3", [b"no picture"] * 6)
        writer.finish(4)
    material = Material(frames=tmp_path / "store")
    with pytest.raises(IndexingStoppedError, match="after 1 of 4"):
        index_published(ALL, root, ToyEncoder(), tmp_path / "g", material, should_stop=lambda: True)
    seen = []

    def progress(iterable, *, desc=None, total=None):
        seen.append((desc, total))
        yield from iterable

    gallery = index_published(ALL, root, ToyEncoder(), tmp_path / "g", material, progress=progress)
    assert seen == [("Indexing (1 of 4 done before)", 3), ("Captions (en)", 1)]
    assert [clip.id for clip in gallery.clips] == list(COLOURS)
    assert [clip.end_s for clip in gallery.clips] == [10.0] * 3
    assert "no JPEG picture" in gallery.card.bad_files[0].reason
    data = gallery.card.data
    assert (data.seen, data.missing, gallery.card.name) == (
        "frames",
        ("video4",),
        "msrvtt full all",
    )
    stills = gallery.still_paths("video1")
    assert [path.name for path in stills] == [f"video1.{n}.webp" for n in range(3)]
    with Image.open(stills[0]) as still, Image.open(gallery.poster_path("video1")) as poster:
        assert still.size == (240, 135) and poster.size == (480, 270)
        red, green, blue = np.asarray(still.convert("RGB")).mean((0, 1))
        assert green > 200 and red < 60 and blue < 60


def test_files_are_found_by_name(tmp_path):
    root = annotate(tmp_path / "root")
    for name, colour in list(COLOURS.items())[:2]:
        write_mp4(root / f"{name}.mp4", np.full((6, 64, 96, 3), colour, np.uint8), fps=2)
    gallery = index_published(
        part_of("msrvtt", "full"), root, ToyEncoder(), tmp_path / "g", Material()
    )
    (clip,) = gallery.clips
    assert (clip.id, clip.video, clip.source_start_s) == ("video0", "video0.mp4", 10.5)
    assert clip.end_s == pytest.approx(3, abs=0.1)  # of the file, not of the annotation
    assert gallery.media_path(clip).is_file() and len(gallery.still_paths("video0")) == 3
    assert gallery.card.data.missing == ("video2", "video4")


def test_ids_of_strangers_stay_ids(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    images = [
        {"imgid": n, "filename": name, "filepath": "..", "split": "test", "sentences": []}
        for n, name in enumerate(("../../a b.jpg", "<i>.jpg"))
    ]
    (root / "dataset_coco.json").write_text(json.dumps({"images": images}))
    (tmp_path / "f").mkdir()
    for name in ("a b", "<i>"):
        np.save(tmp_path / f"f/{name}.npy", np.ones((1, WIDTH), np.float32))
    gallery = index_published(
        part_of("coco", ""),
        root,
        ToyEncoder(),
        tmp_path / "g",
        Material(features=(tmp_path / "f",)),
    )
    assert [clip.id for clip in gallery.clips] == ["a-20-b", "-3c-i-3e-"]
    assert [clip.video for clip in gallery.clips] == ["a-20-b.mp4", "-3c-i-3e-.mp4"]


def test_a_card_from_strangers_is_checked(tmp_path):
    root = annotate(tmp_path / "root")
    features = save_features(tmp_path / "f", ToyEncoder())
    index_published(ALL, root, ToyEncoder(), tmp_path / "g", Material(features=(features,)))
    path = tmp_path / "g/card.json"
    card = json.loads(path.read_text())
    for field, value in (
        ("wanted", "5"),
        ("missing", [1]),
        ("missing", None),
        ("seen", "nothing"),
        ("agreement", "much"),
        ("name", None),
        ("more", 1),
    ):
        path.write_text(json.dumps({**card, "data": {**card["data"], field: value}}))
        with pytest.raises(GalleryError, match="is damaged"):
            Gallery.load(tmp_path / "g")
    path.write_text(json.dumps(card))
    assert Gallery.load(tmp_path / "g").card.data.wanted == 5
