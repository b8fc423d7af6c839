"""Pictures with Chinese sentences: COCO-CN and Flickr30k-CN.

COCO-CN (Li et al., "COCO-CN for Cross-Lingual Image Tagging, Captioning and Retrieval", IEEE TMM
21, 2019) comes as `coco-cn_{train,val,test}.txt`, one name of a picture a line, and
`imageid.human-written-caption.txt`, lines of "<picture>#<number>", a tab and a sentence.

Flickr30k-CN (Lan et al., "Fluency-Guided Cross-Lingual Image Captioning", ACM MM 2017) is read in
the two forms in which it is published: `{train,valid,test}_texts.jsonl`, lines of
`{"text": ..., "image_ids": [...]}` (Chinese-CLIP), and `flickr30k_cn_{train,val,test}.txt`, lines
of "<picture>#<tag>#<number>", a tab and a sentence, or of "<picture>.jpg,<sentence>" below a line
that names the columns. Its test sentences are translations by people, the others by a machine.

Where the English annotation of the same pictures lies beside them (`dataset_coco.json`,
`dataset_flickr30k.json`), its sentences are joined by the picture's name.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from xmr_core.datasets.annotations import AnnotatedItem, Items, with_captions
from xmr_core.datasets.image_text import read_karpathy
from xmr_core.datasets.records import Record
from xmr_core.datasets.text_files import (
    find_file,
    need_file,
    numbered_lines,
    parsed_json,
    read_text,
    read_words,
)
from xmr_core.errors import DataError
from xmr_core.types import Caption

_SPLITS = ("train", "val", "test")
_FLICKR = {
    "train": ("train_texts.jsonl", "flickr30k_cn_train.txt"),
    "val": ("valid_texts.jsonl", "flickr30k_cn_val.txt"),
    "test": ("test_texts.jsonl", "flickr30k_cn_test.txt"),
}
_COCO_LINE = re.compile(r"(?P<name>[^#\s]+)#\d{1,9}\s+(?P<text>\S.*)")
_TAB_LINE = re.compile(r"(?P<name>[^#\s]+)(#[^\t]*)?\t\s*(?P<text>\S.*)")
_COMMA_LINE = re.compile(r"(?P<name>[^,\s]+)\.jpg,\s*(?P<text>\S.*)")


def read_coco_cn(root: Path) -> Items:
    """Pictures of COCO-CN with the sentences that people wrote for them, split by split.

    Sentences that people translated (of the test part only) are left out: published results are
    on the written ones.

    Raises:
        DataError: The sentences or all lists are missing, or a line has another form.
    """
    path = need_file(root, "imageid.human-written-caption.txt")
    captions = _grouped(_pairs(path, (_COCO_LINE,)))
    lists = {split: find_file(root, f"coco-cn_{split}.txt") for split in _SPLITS}
    if not any(lists.values()):
        need_file(root, "coco-cn_test.txt")
    splits = {
        name: split
        for split, path in lists.items()
        if path is not None
        for name in read_words(path)
    }
    items = tuple(
        AnnotatedItem(name, captions.get(name, ()), split, file=f"{name}.jpg")
        for name, split in splits.items()
    )
    return _with_english(items, find_file(root, "dataset_coco.json"))


def read_flickr30k_cn(root: Path) -> Items:
    """Pictures of the splits that are there: training, validation, test.

    Raises:
        DataError: There is no split, or a line has another form.
    """
    need_file(root, *(name for names in _FLICKR.values() for name in names))
    captions: dict[str, tuple[Caption, ...]] = {}
    splits: dict[str, str] = {}
    for split, names in _FLICKR.items():
        path = find_file(root, *names)
        if path is None:
            continue
        pairs = _json_pairs(path) if path.suffix == ".jsonl" else _flickr_pairs(path)
        for name, own in _grouped(pairs).items():
            if splits.setdefault(name, split) != split:
                raise DataError(f"{path}: the picture '{name[:60]}' is also in {splits[name]}.")
            captions[name] = own
    items = tuple(
        AnnotatedItem(name, captions[name], split, file=f"{name}.jpg")
        for name, split in splits.items()
    )
    return _with_english(items, find_file(root, "dataset_flickr30k.json"))


def _grouped(pairs: Iterator[tuple[str, str]]) -> dict[str, tuple[Caption, ...]]:
    grouped: dict[str, list[Caption]] = {}
    for name, text in pairs:
        grouped.setdefault(name, []).append(Caption(text.strip(), "zh"))
    return {name: tuple(own) for name, own in grouped.items()}


def _flickr_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Lines of the text form; the first of the form with commas names the columns."""
    return _pairs(path, (_TAB_LINE, _COMMA_LINE), header="image,")


def _pairs(
    path: Path, forms: tuple[re.Pattern[str], ...], header: str | None = None
) -> Iterator[tuple[str, str]]:
    """Name of a picture and sentence of every line."""
    for number, line in numbered_lines(read_text(path)):
        if header is not None and number == 1 and line.startswith(header):
            continue
        found = next((match for form in forms if (match := form.fullmatch(line.strip()))), None)
        if found is None:
            raise DataError(
                f"{path}, line {number}: expected a picture and a sentence, found '{line[:60]}'."
            )
        yield found["name"], found["text"]


def _json_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Of the form that Chinese-CLIP publishes; a sentence may be of several pictures."""
    for number, line in numbered_lines(read_text(path)):
        where = f"{path}, line {number}"
        record = Record(parsed_json(line, where), where)
        text = record.text("text")
        for image in record.wholes("image_ids"):
            if text.strip():
                yield str(image), text


def _with_english(items: Items, path: Path | None) -> Items:
    """The items with the English sentences of the same pictures behind the Chinese ones."""
    if path is None:
        return items
    return with_captions(items, {item.id: item.captions for item in read_karpathy(path)})
