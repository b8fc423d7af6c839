"""Which published data sets are read here, and what they need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from xmr_core.datasets.annotations import Items, in_split
from xmr_core.errors import ConfigError


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
        protocols: What the reader takes as its second argument, by the name of the protocol; the
            first is the usual one. Empty where there is only one protocol.
        everything: The protocol under which every item has all of its sentences; "" for the usual
            one.
    """

    title: str
    reader: str
    files: tuple[NeededFile, ...]
    source: str
    protocols: Mapping[str, Any] = field(default_factory=dict)
    everything: str = ""

    def read(self, root: Path, protocol: str = "") -> Items:
        """The items in the folder.

        Args:
            root: Folder of the annotation.
            protocol: One of `protocols`; the usual one by default.

        Raises:
            DataError: A file is missing or damaged.
            ConfigError: There is no such protocol.
        """
        if protocol and protocol not in self.protocols:
            there = ", ".join(self.protocols) or "none to choose from"
            raise ConfigError(f"There is no protocol '{protocol}' here; there are: {there}.")
        module, name = self.reader.split(":")
        function: Callable[..., Items] = getattr(import_module(module), name)
        return function(root, self.protocols[protocol]) if protocol else function(root)


@dataclass(frozen=True, slots=True)
class Part:
    """Some items of a data set.

    Attributes:
        name: Key in `DATASETS`.
        protocol: One of the data set's protocols; "" where it has none.
        split: One of the splits of its items, or "all".
    """

    name: str
    protocol: str
    split: str

    def __str__(self) -> str:
        return " ".join(word for word in (self.name, self.protocol, self.split) if word)

    def read(self, root: Path) -> Items:
        """The items of the part.

        Raises:
            DataError: The annotation is missing or damaged, or there is no such split.
            ConfigError: There is no such protocol.
        """
        items = dataset(self.name).read(root, self.protocol)
        return items if self.split == "all" else in_split(items, self.split)


def part_of(name: str, text: str, *, otherwise: str = "test") -> Part:
    """What a user calls a part: "1k-A", "test", "full/val", "all".

    Args:
        name: Of the data set.
        text: A protocol (and then its test part is meant), a split of the usual protocol, or
            "PROTOCOL/SPLIT".
        otherwise: The split that is meant by "": "test", or "all" items with all their sentences.

    Raises:
        ConfigError: There is no such data set.
    """
    data = dataset(name)
    usual = next(iter(data.protocols), "")
    if not text:
        return Part(name, (data.everything if otherwise == "all" else "") or usual, otherwise)
    if text in data.protocols:
        return Part(name, text, "test")
    protocol, slash, split = text.partition("/")
    if slash and protocol:
        return Part(name, protocol, split or "test")
    if text == "all":
        return Part(name, data.everything or usual, "all")
    return Part(name, usual, text)


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
            NeededFile(("MSRVTT_train.7k.csv",), "the 7,010 of 1k-A-7k", optional=True),
        ),
        "github.com/WingsBrokenAngel/MSR-VTT-DataCleaning (annotation) and "
        "github.com/ArrowLuo/CLIP4Clip (msrvtt_data.zip: lists)",
        protocols={name: name for name in ("1k-A", "1k-A-7k", "full")},
        everything="full",
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
    "coco-cn": DataSet(
        "COCO-CN, 20,341 pictures of COCO with Chinese sentences",
        _HERE + "chinese_pictures:read_coco_cn",
        (
            NeededFile(("imageid.human-written-caption.txt",), "Chinese sentences"),
            NeededFile(("coco-cn_test.txt",), "the test pictures"),
            NeededFile(("coco-cn_train.txt",), "the training pictures", optional=True),
            NeededFile(("coco-cn_val.txt",), "the validation pictures", optional=True),
            NeededFile(("dataset_coco.json",), "English sentences", optional=True),
        ),
        "github.com/li-xirong/coco-cn (coco-cn-version1805v1.1.tar.gz)",
    ),
    "flickr30k-cn": DataSet(
        "Flickr30k-CN, 5 Chinese sentences a picture; those of the test part translated by people",
        _HERE + "chinese_pictures:read_flickr30k_cn",
        (
            NeededFile(("test_texts.jsonl", "flickr30k_cn_test.txt"), "Chinese sentences"),
            NeededFile(("dataset_flickr30k.json",), "English sentences", optional=True),
        ),
        "github.com/OFA-Sys/Chinese-CLIP (Flickr30k-CN.zip), pictures of Flickr30k",
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
        protocols={"task1": 1, "task2": 2},
    ),
    "ucf101": DataSet(
        "UCF101, 13,320 clips of 101 actions, official splits 1 to 3",
        _HERE + "actions:read_ucf101_folder",
        (
            NeededFile(("classInd.txt",), "names of the actions"),
            NeededFile(("trainlist01.txt",), "training clips"),
            NeededFile(("testlist01.txt",), "test clips"),
        ),
        "www.crcv.ucf.edu/data/UCF101.php (UCF101TrainTestSplits)",
        protocols={"1": 1, "2": 2, "3": 3},
    ),
    "hmdb51": DataSet(
        "HMDB-51, 6,766 clips of 51 actions, official splits 1 to 3",
        _HERE + "actions:read_hmdb51_folder",
        (NeededFile(("wave_test_split1.txt",), "training and test clips of each action"),),
        "serre-lab.clps.brown.edu/resource/hmdb-a-large-human-motion-database (test_train_splits)",
        protocols={"1": 1, "2": 2, "3": 3},
    ),
}


def dataset(name: str) -> DataSet:
    """A data set by name.

    Raises:
        ConfigError: There is none; the message lists those there are.
    """
    if name not in DATASETS:
        raise ConfigError(f"There is no data set '{name}'. There are: {', '.join(DATASETS)}.")
    return DATASETS[name]
