"""What of a data set is there, and Multi30K, whose files are joined by line."""

import gzip
import json
from importlib import import_module

import pytest

from xmr_core.datasets.catalogue import DATASETS, Part, dataset, part_of
from xmr_core.datasets.checking import check_data
from xmr_core.datasets.multi30k import read_multi30k
from xmr_core.datasets.text_files import find_file
from xmr_core.errors import ConfigError, DataError

FLICKR = {
    "images": [
        {
            "imgid": n,
            "filename": f"{n}.jpg",
            "split": "test",
            "sentences": [{"raw": "A dog.", "tokens": ["a", "dog"]}],
        }
        for n in range(3)
    ]
}


def test_every_reader_exists_and_names_a_folder_that_is_empty(tmp_path):
    for name, data in DATASETS.items():
        module, function = data.reader.split(":")
        assert callable(getattr(import_module(module), function))
        check = check_data(name, tmp_path)
        assert check.problem and not check.is_complete and not check.found
        assert {file for file in data.files if not file.optional} <= set(check.missing)
        lines = check.lines()
        assert lines[0] == data.title and data.source in lines[-1]


def test_what_is_there_is_counted(tmp_path):
    (tmp_path / "dataset_flickr30k.json").write_text(json.dumps(FLICKR))
    (tmp_path / "images").mkdir()
    (tmp_path / "images/1.jpg").write_bytes(b"x")
    check = check_data("flickr30k", tmp_path)
    assert check.media == {"test": (1, 3)} and check.sentences == {"en": 3}
    assert not check.is_complete and not check.problem and not check.missing
    assert "  test: 1 of 3 media files are there" in check.lines()
    for number in (0, 2):
        (tmp_path / f"images/{number}.jpg").write_bytes(b"x")
    assert check_data("flickr30k", tmp_path).is_complete
    (tmp_path / "other").mkdir()
    assert not check_data("flickr30k", tmp_path, tmp_path / "other").is_complete
    (tmp_path / "dataset_flickr30k.json").write_text("{")
    assert "not JSON" in check_data("flickr30k", tmp_path).problem


def test_unknown_names_and_folders(tmp_path):
    with pytest.raises(ConfigError, match=r"no data set 'msr-vtt'\. There are: msrvtt, "):
        dataset("msr-vtt")
    with pytest.raises(DataError, match="no folder"):
        check_data("msrvtt", tmp_path / "nowhere")


def test_files_are_found_near_the_top_and_never_through_links(tmp_path):
    (tmp_path / "z/a").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "z/x.txt").write_text("")
    (tmp_path / "z/a/y.txt").write_text("")
    (tmp_path / "b/x.txt").write_text("")
    (tmp_path / "l.txt").symlink_to(tmp_path / "b/x.txt")
    assert find_file(tmp_path, "x.txt") == tmp_path / "b/x.txt"
    assert find_file(tmp_path, "y.txt", "x.txt") == tmp_path / "z/a/y.txt"
    assert find_file(tmp_path, "l.txt") is None
    deep = tmp_path / "1/2/3/4/5"
    deep.mkdir(parents=True)
    (deep / "d.txt").write_text("")
    assert find_file(tmp_path, "d.txt") is None


def test_parts_are_named_as_people_name_them():
    for text, part in {
        "": ("1k-A", "test"),
        "1k-A": ("1k-A", "test"),
        "full": ("full", "test"),
        "full/val": ("full", "val"),
        "1k-A-7k/train": ("1k-A-7k", "train"),
        "val": ("1k-A", "val"),
        "all": ("full", "all"),
    }.items():
        found = part_of("msrvtt", text)
        assert (found.protocol, found.split) == part
    assert part_of("msrvtt", "", otherwise="all") == Part("msrvtt", "full", "all")
    assert str(part_of("vatex", "")) == "vatex test" and part_of("vatex", "all").split == "all"
    with pytest.raises(ConfigError, match="no data set 'none'"):
        part_of("none", "")


def test_a_part_reads_its_items(tmp_path):
    (tmp_path / "dataset_flickr30k.json").write_text(json.dumps(FLICKR))
    assert len(part_of("flickr30k", "").read(tmp_path)) == 3
    with pytest.raises(DataError, match="There are: test"):
        part_of("flickr30k", "val").read(tmp_path)
    with pytest.raises(ConfigError, match="no protocol '1k-A' here; there are: none"):
        part_of("flickr30k", "1k-A/test").read(tmp_path)
    with pytest.raises(ConfigError, match="there are: 1, 2, 3"):
        part_of("ucf101", "4/test").read(tmp_path)
    (tmp_path / "classInd.txt").write_text("1 Walk\n")
    for split in (1, 2):
        (tmp_path / f"trainlist0{split}.txt").write_text("Walk/v_a.avi 1\n")
        (tmp_path / f"testlist0{split}.txt").write_text(f"Walk/v_{split}.avi\n")
    assert [item.id for item in part_of("ucf101", "2").read(tmp_path)] == ["Walk/v_2"]


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def test_multi30k_task_1(tmp_path):
    folder = tmp_path / "data/task1"
    write(folder / "image_splits/val.txt", "1.jpg", "2.jpg")
    write(folder / "raw/val.en.gz", "A dog.", "A cat.")
    write(folder / "raw/val.cs.gz", "", "Kočka.")
    first, second = read_multi30k(tmp_path)
    assert (first.id, first.file, first.split) == ("1", "1.jpg", "val")
    assert (first.texts("cs"), second.texts("cs"), second.texts("en")) == (
        (),
        ("Kočka.",),
        ("A cat.",),
    )
    assert read_multi30k(tmp_path / "data") == (first, second)
    write(folder / "raw/val.de.gz", "Ein Hund.")
    with pytest.raises(DataError, match="1 sentences for 2 pictures"):
        read_multi30k(tmp_path)


def test_multi30k_task_2(tmp_path):
    folder = tmp_path / "data/task2"
    write(folder / "image_splits/test_2016_images.txt", "7.jpg")
    for number in (1, 2, 5):
        write(folder / f"raw/test_2016.{number}.de.gz", f"Satz {number}")
    (item,) = read_multi30k(tmp_path, 2)
    assert item.texts("de") == ("Satz 1", "Satz 2", "Satz 5") and item.split == "test"
    with pytest.raises(DataError, match="no data/task1"):
        read_multi30k(tmp_path)
    with pytest.raises(ConfigError):
        read_multi30k(tmp_path, 3)
