"""Multi30K: the pictures of Flickr30k with English, German, French and Czech sentences.

Elliott et al., "Multi30K: Multilingual English-German Image Descriptions", 2016; French and Czech
were added for WMT 2017 and 2018. Task 1 has one English sentence per picture with its translations
by people; task 2 has five independent English and five German sentences. Read is the published
repository as it is: lists of pictures, and packed sentences in the same order.
"""

from pathlib import Path
from typing import Literal

from xmr_core.datasets.annotations import AnnotatedItem, Items, unique
from xmr_core.datasets.text_files import read_text
from xmr_core.errors import ConfigError, DataError
from xmr_core.types import Caption

LANGUAGES = ("en", "de", "fr", "cs")

_LISTS = {
    1: {"train": "train", "val": "val", "test": "test_2016_flickr"},
    2: {"train": "train_images", "val": "val_images", "test": "test_2016_images"},
}
_SENTENCES = {
    1: {"train": ("train",), "val": ("val",), "test": ("test_2016_flickr",)},
    2: {
        split: tuple(f"{name}.{number}" for number in range(1, 6))
        for split, name in (("train", "train"), ("val", "val"), ("test", "test_2016"))
    },
}


def read_multi30k(root: Path, task: Literal[1, 2] = 1) -> Items:
    """Pictures of the splits that are there: training, validation, test 2016.

    Args:
        root: The repository, or its folder `data`.
        task: 1 for translations, 2 for independent sentences.

    Raises:
        DataError: There is no such task, or sentences do not fit the list of pictures.
        ConfigError: The task is neither 1 nor 2.
    """
    if task not in _LISTS:
        raise ConfigError(f"There is no task {task} of Multi30K; there are 1 and 2.")
    name = f"task{task}"
    folder = next((f for f in (root / "data" / name, root / name) if f.is_dir()), None)
    if folder is None:
        raise DataError(f"{root} holds no data/{name} of the Multi30K repository.")
    items = [item for split in _LISTS[task] for item in _split_items(folder, task, split)]
    if not items:
        raise DataError(f"{folder}/image_splits holds none of the lists {_LISTS[task]}.")
    return unique(items, str(folder))


def _split_items(folder: Path, task: int, split: str) -> list[AnnotatedItem]:
    listed = folder / "image_splits" / f"{_LISTS[task][split]}.txt"
    if not listed.is_file():
        return []
    files = _lines(listed)
    captions: list[list[Caption]] = [[] for _ in files]
    for language in LANGUAGES:
        for name in _SENTENCES[task][split]:
            path = folder / "raw" / f"{name}.{language}.gz"
            if not path.is_file():
                continue
            sentences = _lines(path)
            if len(sentences) != len(files):
                raise DataError(
                    f"{path} has {len(sentences):,} sentences for {len(files):,} pictures."
                )
            for own, sentence in zip(captions, sentences, strict=True):
                if sentence:
                    own.append(Caption(sentence, language))
    return [
        AnnotatedItem(Path(file).stem, tuple(own), split, file=file)
        for file, own in zip(files, captions, strict=True)
    ]


def _lines(path: Path) -> list[str]:
    """All lines, blank ones too: they are joined with others by their place."""
    lines = [line.strip() for line in read_text(path).split("\n")]
    return lines[:-1] if lines and not lines[-1] else lines
