"""MSVD: 1,970 short YouTube clips with about 40 English sentences each, and MSVD-CN.

Chen and Dolan, "Collecting Highly Parallel Data for Paraphrase Evaluation", ACL 2011. Read are
`AllVideoDescriptions.txt` ("<YouTube id>_<start>_<end> <sentence>", "#" begins a comment) and the
usual lists `{train,val,test}_list.txt` of 1,200 / 100 / 670 clips. MSVD-CN (Chinese sentences by
people) numbers the clips; `youtube_mapping.txt` says which number is which clip.
"""

import re
from pathlib import Path

from xmr_core.datasets.annotations import AnnotatedItem, Items, with_captions
from xmr_core.datasets.text_files import find_file, need_file, numbered_lines, read_text, read_words
from xmr_core.datasets.youtube import stretch_of
from xmr_core.errors import DataError
from xmr_core.types import Caption

_SPLITS = ("train", "val", "test")
_CHINESE = "msvd_cn_captions_release_utf8.tsv"


def read_msvd(root: Path) -> Items:
    """All clips with their English sentences, and the Chinese ones where they are there.

    A clip that no list names is in the split "".

    Raises:
        DataError: There are no sentences, or a file is damaged.
    """
    sentences = _sentences(need_file(root, "AllVideoDescriptions.txt"))
    splits: dict[str, str] = {}
    for split in _SPLITS:
        names = find_file(root, f"{split}_list.txt")
        splits |= {clip_id: split for clip_id in read_words(names)} if names else {}
    items = [_item(clip_id, own, splits.get(clip_id, "")) for clip_id, own in sentences.items()]
    chinese = find_file(root, _CHINESE)
    if chinese is None:
        return tuple(items)
    numbers = _numbers(need_file(root, "youtube_mapping.txt", hint=f"{_CHINESE} needs it."))
    return with_captions(items, _chinese_sentences(chinese, numbers))


def _sentences(path: Path) -> dict[str, tuple[Caption, ...]]:
    sentences: dict[str, list[Caption]] = {}
    for line_number, line in numbered_lines(read_text(path)):
        if line.startswith("#"):
            continue
        clip_id, _, sentence = line.strip().partition(" ")
        if stretch_of(clip_id) is None or not sentence.strip():
            raise DataError(
                f"{path}, line {line_number}: expected '<clip> <sentence>', found '{line[:60]}'."
            )
        sentences.setdefault(clip_id, []).append(Caption(sentence.strip(), "en"))
    return {clip_id: tuple(own) for clip_id, own in sentences.items()}


def _item(clip_id: str, captions: tuple[Caption, ...], split: str) -> AnnotatedItem:
    stretch = stretch_of(clip_id)
    if stretch is None:
        raise ValueError(f"{clip_id} was checked before")
    return AnnotatedItem(
        clip_id, captions, split, url=stretch.url, start_s=stretch.start_s, end_s=stretch.end_s
    )


def _numbers(path: Path) -> dict[str, str]:
    """The clip of each number such as "vid1"."""
    clips: dict[str, str] = {}
    for line_number, line in numbered_lines(read_text(path)):
        clip_id, _, number = line.strip().partition(" ")
        if not re.fullmatch(r"vid\d{1,5}", number):
            raise DataError(f"{path}, line {line_number}: expected '<clip> vid<number>'.")
        clips[number] = clip_id
    return clips


def _chinese_sentences(path: Path, clips: dict[str, str]) -> dict[str, tuple[Caption, ...]]:
    """Sentences of clips that the numbering knows; one line is number, video and sentence."""
    sentences: dict[str, tuple[Caption, ...]] = {}
    for line_number, line in numbered_lines(read_text(path)):
        fields = line.split("\t")
        if line_number == 1 and fields[0] == "id":
            continue
        if len(fields) != 3 or not fields[2].strip():
            raise DataError(f"{path}, line {line_number}: expected three fields between tabs.")
        clip_id = clips.get(fields[1].removesuffix(".mp4"))
        if clip_id is not None:
            caption = Caption(fields[2].strip(), "zh")
            sentences[clip_id] = (*sentences.get(clip_id, ()), caption)
    return sentences
