"""MSR-VTT: 10,000 clips of YouTube videos with 20 English sentences each, and MSR-VTT-CN.

Xu et al., "MSR-VTT: A Large Video Description Dataset for Bridging Video and Language", CVPR 2016.
The annotation is read from the published zip files as they are, from the JSON files in them, or
from the merged `MSRVTT_data.json`. Protocols:

* "1k-A": test on the 1,000 pairs of JSFusion (Yu et al., ECCV 2018), one sentence per clip; train
  on the other 9,000 clips.
* "1k-A-7k": the same test; train on the 7,010 clips of the official training and validation part.
* "full": the official split into 6,513 / 497 / 2,990 clips, all sentences.

MSR-VTT-CN adds human Chinese sentences for the 1,000 test clips of 1k-A; it comes as caption files
of the `VisualSearch` layout.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from xmr_core.datasets.annotations import AnnotatedItem, Items, unique
from xmr_core.datasets.records import Record
from xmr_core.datasets.text_files import (
    find_file,
    need_file,
    parsed_json,
    read_text,
    read_zip_member,
)
from xmr_core.datasets.visual_search import human_captions
from xmr_core.errors import ConfigError, DataError
from xmr_core.types import Caption

Protocol = Literal["1k-A", "1k-A-7k", "full"]

CATEGORIES = (
    "music",
    "people",
    "gaming",
    "sports/actions",
    "news/events/politics",
    "education",
    "tv shows",
    "movie/comedy",
    "animation",
    "vehicles/autos",
    "howto",
    "travel",
    "science/technology",
    "animals/pets",
    "kids/family",
    "documentary",
    "food/drink",
    "cooking",
    "beauty/fashion",
    "advertisement",
)

_ANNOTATIONS = (
    ("train_val_videodatainfo.json", "train_val_annotation.zip"),
    ("test_videodatainfo.json", "test_videodatainfo.json.zip"),
)
_MERGED = "MSRVTT_data.json"
_TEST_PAIRS = "MSRVTT_JSFUSION_test.csv"
_TRAIN_LISTS = {"1k-A": "MSRVTT_train.9k.csv", "1k-A-7k": "MSRVTT_train.7k.csv"}
_SPLITS = {"validate": "val"}


def read_msrvtt(root: Path, protocol: Protocol = "1k-A") -> Items:
    """Clips of a protocol: training, validation, test, each in the order of its list.

    Args:
        root: Folder with the annotation and, but for "full", the lists of the protocol.
        protocol: See the module.

    Raises:
        DataError: A file is missing or damaged, or lists a clip that is not annotated.
        ConfigError: There is no such protocol.
    """
    if protocol not in get_args(Protocol):
        raise ConfigError(
            f"There is no protocol '{protocol}' of MSR-VTT; there are {get_args(Protocol)}."
        )
    items = {item.id: item for item in _read_annotation(root)}
    if protocol == "full":
        return tuple(items.values())
    pairs = need_file(root, _TEST_PAIRS)
    train = need_file(root, _TRAIN_LISTS[protocol])
    chosen = []
    for row in _rows(train, "video_id"):
        chosen.append(replace(_annotated(items, row["video_id"], train), split="train"))
    for row in _rows(pairs, "video_id", "sentence"):
        item = _annotated(items, row["video_id"], pairs)
        sentence = Caption(row["sentence"].strip(), "en")
        chosen.append(replace(item, split="test", captions=(sentence,)))
    return unique(chosen, f"MSR-VTT {protocol}")


def read_msrvtt_cn(root: Path) -> Items:
    """The 1,000 test clips of 1k-A with their English and their human Chinese sentence.

    Raises:
        DataError: A file is missing or damaged.
    """
    names = ("msrvtt10kyutest.caption.txt", "msrvtt10kyutest_zh.caption.txt")
    captions = human_captions(need_file(root, name) for name in names)
    return tuple(
        AnnotatedItem(id=name, captions=own, split="test") for name, own in captions.items()
    )


def _read_annotation(root: Path) -> Items:
    items: list[AnnotatedItem] = []
    merged = find_file(root, _MERGED) if root.is_dir() else None
    if merged is not None:
        return unique(_items(read_text(merged), str(merged)), str(merged))
    for plain, packed in _ANNOTATIONS:
        path = need_file(root, plain, packed)
        text = read_zip_member(path, plain) if path.suffix == ".zip" else read_text(path)
        items.extend(_items(text, str(path)))
    return unique(items, str(root))


def _items(text: str, name: str) -> Iterator[AnnotatedItem]:
    content = Record(parsed_json(text, name), name)
    sentences: dict[str, list[tuple[int, str]]] = {}
    for sentence in content.records("sentences", "sentence"):
        pair = (sentence.whole("sen_id"), sentence.text("caption").strip())
        sentences.setdefault(sentence.text("video_id"), []).append(pair)
    for video in content.records("videos", "video"):
        video_id = video.text("video_id")
        category = video.whole("category")
        split = video.text("split")
        own = sorted(sentences.get(video_id, []))
        yield AnnotatedItem(
            id=video_id,
            captions=tuple(Caption(caption, "en") for _, caption in own if caption),
            split=_SPLITS.get(split, split),
            url=video.text("url"),
            start_s=video.number("start time"),
            end_s=video.number("end time"),
            category=CATEGORIES[category] if 0 <= category < len(CATEGORIES) else None,
        )


def _rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    """Rows of a CSV file with a header."""
    try:
        for row in csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True):
            if not all(row.get(column) for column in columns):
                raise DataError(f"{path}: a row lacks {' or '.join(columns)}: {str(row)[:80]}.")
            yield row
    except csv.Error as error:
        raise DataError(f"{path} is not a CSV file: {error}.") from error


def _annotated(items: dict[str, AnnotatedItem], video_id: str, path: Path) -> AnnotatedItem:
    if video_id not in items:
        raise DataError(f"{path} lists '{video_id[:40]}', which is not annotated.")
    return items[video_id]
