"""Which published data sets are read here, what they need, and what of it is there."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from xmr_core.datasets.annotations import Items, find_clips
from xmr_core.datasets.text_files import find_file
from xmr_core.errors import ConfigError, DataError


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A file of an annotation.

    Attributes:
        names: Its name, or names of which one is enough.
        what: What it holds.
        optional: Whether the reader does without.
    """

    names: tuple[str, ...]
    what: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class DataSet:
    """A published data set.

    Attributes:
        title: One line about it.
        reader: "module:function", called with the folder.
        files: What the folder should hold.
        source: Where to get it.
    """

    title: str
    reader: str
    files: tuple[NeededFile, ...]
    source: str

    def read(self, root: Path) -> Items:
        """The items in the folder.

        Raises:
            DataError: A file is missing or damaged.
        """
        module, name = self.reader.split(":")
        function: Callable[[Path], Items] = getattr(import_module(module), name)
        return function(root)


_HERE = "xmr_core.datasets."
_KARPATHY = "cs.stanford.edu/people/karpathy/deepimagesent (caption_datasets.zip)"
_MLCMR = "github.com/HuiGuanLab/MLCMR, folder VisualSearch"

DATASETS: dict[str, DataSet] = {
    "msrvtt": DataSet(
        "MSR-VTT, 10,000 clips, 20 English sentences each; test 1k-A",
        _HERE + "msrvtt:read_msrvtt",
        (
            NeededFile(
                ("MSRVTT_data.json", "train_val_annotation.zip", "train_val_videodatainfo.json"),
                "sentences and sources",
            ),
            NeededFile(
                ("MSRVTT_data.json", "test_videodatainfo.json.zip", "test_videodatainfo.json"),
                "sentences and sources of the test part",
            ),
            NeededFile(("MSRVTT_JSFUSION_test.csv",), "the 1,000 test pairs of 1k-A"),
            NeededFile(("MSRVTT_train.9k.csv",), "the 9,000 training clips of 1k-A"),
        ),
        "github.com/WingsBrokenAngel/MSR-VTT-DataCleaning (annotation) and "
        "github.com/ArrowLuo/CLIP4Clip (msrvtt_data.zip: lists)",
    ),
    "msrvtt-cn": DataSet(
        "MSR-VTT-CN, the 1,000 test clips of 1k-A in English and Chinese",
        _HERE + "msrvtt:read_msrvtt_cn",
        (
            NeededFile(("msrvtt10kyutest.caption.txt",), "English sentences"),
            NeededFile(("msrvtt10kyutest_zh.caption.txt",), "Chinese sentences"),
        ),
        _MLCMR,
    ),
    "vatex": DataSet(
        "VATEX, 28,991 clips, 10 English and 10 Chinese sentences each",
        _HERE + "vatex:read_vatex",
        (
            NeededFile(
                ("vatex_data.json", "vatextest.caption.txt", "vatex_training_v1.0.json"),
                "English sentences",
            ),
            NeededFile(
                ("vatex_data.json", "vatextest_zh.caption.txt", "vatex_training_v1.0.json"),
                "Chinese sentences",
                optional=True,
            ),
        ),
        f"eric-xw.github.io/vatex-website, or {_MLCMR}",
    ),
    "msvd": DataSet(
        "MSVD, 1,970 clips, about 40 English sentences each, with MSVD-CN",
        _HERE + "msvd:read_msvd",
        (
            NeededFile(("AllVideoDescriptions.txt",), "English sentences"),
            NeededFile(("test_list.txt",), "the test clips", optional=True),
            NeededFile(("msvd_cn_captions_release_utf8.tsv",), "Chinese sentences", optional=True),
            NeededFile(("youtube_mapping.txt",), "numbers of the clips", optional=True),
        ),
        "www.cs.utexas.edu/~ml/clamp/videoDescription, github.com/layer6ai-labs/xpool (lists), "
        "github.com/mcislab-machine-learning/MSVD-CN",
    ),
    "flickr30k": DataSet(
        "Flickr30k, 31,014 pictures, 5 English sentences each",
        _HERE + "image_text:read_flickr30k",
        (NeededFile(("dataset_flickr30k.json",), "sentences and splits"),),
        _KARPATHY,
    ),
    "flickr8k": DataSet(
        "Flickr8k, 8,000 pictures, 5 English sentences each",
        _HERE + "image_text:read_flickr8k",
        (NeededFile(("dataset_flickr8k.json",), "sentences and splits"),),
        _KARPATHY,
    ),
    "coco": DataSet(
        "COCO, 123,287 pictures, 5 English sentences each",
        _HERE + "image_text:read_coco",
        (NeededFile(("dataset_coco.json",), "sentences and splits"),),
        _KARPATHY,
    ),
    "cuhk-pedes": DataSet(
        "CUHK-PEDES, 40,206 pictures of 13,003 people",
        _HERE + "image_text:read_pedes_folder",
        (NeededFile(("reid_raw.json",), "sentences, people and splits"),),
        "github.com/ShuangLI59/Person-Search-with-Natural-Language-Description (on request)",
    ),
    "multi30k": DataSet(
        "Multi30K task 1, 31,014 pictures in English, German, French and Czech",
        _HERE + "multi30k:read_multi30k",
        (NeededFile(("test_2016_flickr.txt",), "lists of pictures (data/task1/image_splits)"),),
        "github.com/multi30k/dataset",
    ),
    "ucf101": DataSet(
        "UCF101, 13,320 clips of 101 actions, official split 1",
        _HERE + "actions:read_ucf101_folder",
        (
            NeededFile(("classInd.txt",), "names of the actions"),
            NeededFile(("trainlist01.txt",), "training clips"),
            NeededFile(("testlist01.txt",), "test clips"),
        ),
        "www.crcv.ucf.edu/data/UCF101.php (UCF101TrainTestSplits)",
    ),
    "hmdb51": DataSet(
        "HMDB-51, 6,766 clips of 51 actions, official split 1",
        _HERE + "actions:read_hmdb51_folder",
        (NeededFile(("wave_test_split1.txt",), "training and test clips of each action"),),
        "serre-lab.clps.brown.edu/resource/hmdb-a-large-human-motion-database (test_train_splits)",
    ),
}


@dataclass(frozen=True, slots=True)
class DataCheck:
    """What of a data set is there.

    Attributes:
        name: Key in `DATASETS`.
        found: Annotation files that are there.
        missing: Annotation files that are not.
        problem: Why the annotation cannot be read; "" if it can.
        splits: Number of items by split.
        sentences: Number of sentences by language.
        media: Media files by split, as (there, wanted).
    """

    name: str
    found: tuple[Path, ...]
    missing: tuple[NeededFile, ...]
    problem: str
    splits: dict[str, int]
    sentences: dict[str, int]
    media: dict[str, tuple[int, int]]

    @property
    def is_complete(self) -> bool:
        """Whether the annotation can be read and every media file is there."""
        return not self.problem and all(there == wanted for there, wanted in self.media.values())

    def lines(self) -> list[str]:
        """What a person wants to know, one fact a line."""
        data = DATASETS[self.name]
        lines = [data.title]
        lines += [f"  there: {path}" for path in self.found]
        for file in self.missing:
            need = "missing (optional)" if file.optional else "missing"
            lines.append(f"  {need}: {' or '.join(file.names)}, {file.what}")
        if self.problem:
            lines.append(f"  {self.problem}")
        for split, (there, wanted) in self.media.items():
            lines.append(f"  {split or 'no split'}: {there:,} of {wanted:,} media files are there")
        if self.sentences:
            counts = (f"{count:,} {language}" for language, count in self.sentences.items())
            lines.append(f"  sentences: {', '.join(counts)}")
        if self.problem or any(not file.optional for file in self.missing):
            lines.append(f"  get it from: {data.source}")
        return lines


def dataset(name: str) -> DataSet:
    """A data set by name.

    Raises:
        ConfigError: There is none; the message lists those there are.
    """
    if name not in DATASETS:
        raise ConfigError(f"There is no data set '{name}'. There are: {', '.join(DATASETS)}.")
    return DATASETS[name]


def check_data(name: str, root: Path, media: Path | None = None) -> DataCheck:
    """Looks at what is in a folder; missing files are counted, never an error.

    Args:
        name: Key in `DATASETS`.
        root: Where the annotation is.
        media: Where the videos or pictures are; `root` if None.

    Raises:
        ConfigError: There is no such data set.
        DataError: There is no such folder.
    """
    data = dataset(name)
    if not root.is_dir():
        raise DataError(f"There is no folder {root}.")
    places = {file: find_file(root, *file.names) for file in data.files}
    found = tuple(dict.fromkeys(path for path in places.values() if path is not None))
    missing = tuple(file for file, path in places.items() if path is None)
    problem, items = "", ()
    try:
        items = data.read(root)
    except DataError as error:
        problem = str(error)
    gone = set(find_clips(items, media or root).missing)
    splits = Counter(item.split for item in items)
    there = Counter(item.split for item in items if item.id not in gone)
    return DataCheck(
        name=name,
        found=found,
        missing=missing,
        problem=problem,
        splits=dict(splits),
        sentences=dict(Counter(c.language for item in items for c in item.captions)),
        media={split: (there[split], count) for split, count in splits.items()},
    )
