"""Pictures with English sentences: Flickr30k, Flickr8k and COCO, and CUHK-PEDES.

The first three come as the JSON files of Karpathy and Li, "Deep Visual-Semantic Alignments for
Generating Image Descriptions", CVPR 2015 (`dataset_flickr30k.json`, `dataset_coco.json`): every
picture is an identity of its own. CUHK-PEDES (Li et al., "Person Search with Natural Language
Description", CVPR 2017) comes as `reid_raw.json`: the identity is the person.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

from xmr_core.datasets.annotations import AnnotatedItem, Items, unique
from xmr_core.datasets.records import Record, list_of_records
from xmr_core.datasets.text_files import need_file, read_json
from xmr_core.types import Caption

Wording = Literal["raw", "tokens"]


def read_karpathy(path: Path, wording: Wording = "raw") -> Items:
    """Pictures of a Karpathy file, in its order.

    Splits are "train", "val" and "test", and for COCO also "restval": 30,504 pictures of COCO's
    validation part that most work trains on; CMPL leaves them out.

    Args:
        path: The JSON file.
        wording: "raw", the sentences as written, or "tokens", lower-cased words between single
            blanks without punctuation, which CMPL makes its vocabulary from.

    Raises:
        DataError: The file cannot be read or has another form.
    """
    name = str(path)
    images = Record(read_json(path), name).records("images", "image")
    return unique((_karpathy_item(image, wording) for image in images), name)


def read_cuhk_pedes(path: Path) -> Items:
    """Pictures of `reid_raw.json`, in its order; the identity is the person, counted from 1.

    Splits are "train", "val" and "test", of different people.

    Raises:
        DataError: The file cannot be read or has another form.
    """
    name = str(path)
    images = list_of_records(read_json(path), name, "image")
    return unique((_pedes_item(image) for image in images), name)


def read_flickr30k(root: Path) -> Items:
    """Flickr30k from a folder; see `read_karpathy`."""
    return read_karpathy(need_file(root, "dataset_flickr30k.json"))


def read_flickr8k(root: Path) -> Items:
    """Flickr8k from a folder; see `read_karpathy`."""
    return read_karpathy(need_file(root, "dataset_flickr8k.json"))


def read_coco(root: Path) -> Items:
    """COCO from a folder; see `read_karpathy`."""
    return read_karpathy(need_file(root, "dataset_coco.json"))


def read_pedes_folder(root: Path) -> Items:
    """CUHK-PEDES from a folder; see `read_cuhk_pedes`."""
    return read_cuhk_pedes(need_file(root, "reid_raw.json"))


def _karpathy_item(image: Record, wording: Wording) -> AnnotatedItem:
    file_name = image.text("filename")
    texts = (
        sentence.text("raw") if wording == "raw" else " ".join(sentence.texts("tokens"))
        for sentence in image.records("sentences", "sentence")
    )
    return AnnotatedItem(
        id=PurePosixPath(file_name).stem,
        captions=tuple(Caption(text.strip(), "en") for text in texts if text.strip()),
        split=image.text("split"),
        file=str(PurePosixPath(image.text("filepath", "")) / file_name),
        identity=image.whole("imgid"),
    )


def _pedes_item(image: Record) -> AnnotatedItem:
    file = PurePosixPath(image.text("file_path"))
    return AnnotatedItem(
        id=str(file.with_suffix("")),
        captions=tuple(Caption(text.strip(), "en") for text in image.texts("captions")),
        split=image.text("split"),
        file=str(file),
        identity=image.whole("id"),
    )
