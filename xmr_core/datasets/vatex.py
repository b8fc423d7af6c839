"""VATEX: clips of 10 s with 10 English and 10 Chinese sentences each.

Wang et al., "VATEX: A Large-Scale, High-Quality Multilingual Dataset for Video-and-Language
Research", ICCV 2019. Read from what is there, the first of:

* `vatex_data.json`, `{id: {"enCap": [...], "chCap": [...]}}`, with the id lists
  `{train,val,test}_list.txt` of the retrieval split (25,991 / 1,500 / 1,500 clips);
* the caption files of the `VisualSearch` layout, `vatex{train,val,test}[_zh].caption.txt`, of the
  same split;
* the published `vatex_training_v1.0.json` and so on, lists of `{"videoID", "enCap", "chCap"}`.
"""

from collections.abc import Iterator
from pathlib import Path

from xmr_core.datasets.annotations import AnnotatedItem, Items, unique
from xmr_core.datasets.records import Record, list_of_records
from xmr_core.datasets.text_files import find_file, need_file, read_json, read_words
from xmr_core.datasets.visual_search import human_captions
from xmr_core.datasets.youtube import stretch_of
from xmr_core.errors import DataError
from xmr_core.types import Caption

_SPLITS = ("train", "val", "test")
_PUBLISHED = {
    "train": ("vatex_training_v1.0.json",),
    "val": ("vatex_validation_v1.0.json",),
    "test": ("vatex_public_test_english_v1.1.json", "vatex_public_test_v1.0.json"),
}


def read_vatex(root: Path) -> Items:
    """All clips whose sentences are in the folder: training, validation, test.

    Raises:
        DataError: There is no annotation, or a damaged one.
    """
    if not root.is_dir():
        raise DataError(f"There is no folder {root}.")
    merged = find_file(root, "vatex_data.json")
    if merged is not None:
        return unique(_merged_items(merged, root), str(merged))
    items = [*_caption_items(root)] or [*_published_items(root)]
    if not items:
        names = ("vatex_data.json", "vatextest.caption.txt", _PUBLISHED["train"][0])
        need_file(root, *names)
    return unique(items, str(root))


def _merged_items(path: Path, root: Path) -> Iterator[AnnotatedItem]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise DataError(f"{path} is not an object with a record for every clip.")
    splits = {}
    for split in _SPLITS:
        names = find_file(root, f"{split}_list.txt")
        splits |= {video_id: split for video_id in read_words(names)} if names else {}
    for video_id, value in content.items():
        record = Record(value, path, f"'{video_id}'")
        yield _item(video_id, _captions(record), splits.get(video_id, ""))


def _caption_items(root: Path) -> Iterator[AnnotatedItem]:
    for split in _SPLITS:
        names = (f"vatex{split}.caption.txt", f"vatex{split}_zh.caption.txt")
        paths = [path for name in names if (path := find_file(root, name)) is not None]
        for video_id, captions in human_captions(paths).items():
            yield _item(video_id, captions, split)


def _published_items(root: Path) -> Iterator[AnnotatedItem]:
    for split, names in _PUBLISHED.items():
        path = find_file(root, *names)
        if path is not None:
            for record in list_of_records(read_json(path), str(path), "clip"):
                yield _item(record.text("videoID"), _captions(record), split)


def _captions(record: Record) -> tuple[Caption, ...]:
    """English before Chinese; the public test file has no Chinese."""
    return tuple(
        Caption(text.strip(), language)
        for name, language in (("enCap", "en"), ("chCap", "zh"))
        for text in record.texts(name)
        if text.strip()
    )


def _item(video_id: str, captions: tuple[Caption, ...], split: str) -> AnnotatedItem:
    stretch = stretch_of(video_id)
    if stretch is None:
        return AnnotatedItem(video_id, captions, split)
    return AnnotatedItem(
        video_id,
        captions,
        split,
        url=stretch.url,
        start_s=stretch.start_s,
        end_s=stretch.end_s,
    )
