"""Official split lists of UCF101 and HMDB-51."""

import pytest

from xmr_core.datasets.actions import read_hmdb51, read_ucf101
from xmr_core.datasets.annotations import class_labels
from xmr_core.errors import ConfigError, DataError


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


@pytest.fixture
def ucf(tmp_path):
    return write(
        tmp_path / "ucf",
        classInd="1 ApplyEyeMakeup\r\n2 Archery\r\n",
        trainlist01="ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1\r\nArchery/v_Archery_g1.avi 2\n",
        testlist01="Archery/v_Archery_g02_c03.avi\n",
    )


def test_ucf101(ucf):
    items = read_ucf101(ucf)
    assert [(item.split, item.category, item.identity) for item in items] == [
        ("train", "ApplyEyeMakeup", 0),
        ("train", "Archery", 1),
        ("test", "Archery", 1),
    ]
    assert items[2].file == "Archery/v_Archery_g02_c03.avi"
    assert items[2].id == "Archery/v_Archery_g02_c03"
    assert class_labels(items).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("classInd", "1 A\n3 B\n", "classInd.txt, line 2"),
        ("classInd", "1 A\n2 A\n", "classInd.txt, line 2"),
        ("trainlist01", "Archery/a.avi 1\n", "line 1: Archery has the number 2, not 1"),
        ("trainlist01", "\nDancing/a.avi 1\n", "trainlist01.txt, line 2: expected"),
        ("testlist01", "Archery/../a.avi\n", "testlist01.txt, line 1: expected"),
        ("testlist01", "Archery/v_Archery_g1.avi\n", "names 'Archery/v_Archery_g1' twice"),
    ],
)
def test_wrong_lists_of_ucf101_are_named(ucf, name, text, message):
    write(ucf, **{name: text})
    with pytest.raises(DataError, match=message):
        read_ucf101(ucf)


def test_other_splits_need_their_files(ucf):
    with pytest.raises(DataError, match=r"trainlist02\.txt"):
        read_ucf101(ucf, 2)
    for reader in (read_ucf101, read_hmdb51):
        with pytest.raises(ConfigError, match="1, 2 and 3"):
            reader(ucf, 4)


@pytest.fixture
def hmdb(tmp_path):
    return write(
        tmp_path / "hmdb",
        climb_stairs_test_split1="#20_a_climb_stairs (1).avi 1 \nb.avi 2 \nc.avi 0 \n",
        climb_test_split1="a.avi 2\n",
        wave_test_split1="a.avi 1 \n",
        wave_test_split2="a.avi 2 \n",
    )


def test_hmdb51(hmdb):
    items = read_hmdb51(hmdb)
    assert [(item.file, item.split, item.identity) for item in items] == [
        ("climb/a.avi", "test", 0),
        ("climb_stairs/#20_a_climb_stairs (1).avi", "train", 1),
        ("climb_stairs/b.avi", "test", 1),
        ("wave/a.avi", "train", 2),
    ]
    assert [item.split for item in read_hmdb51(hmdb, unused=True)].count("") == 1
    assert [item.split for item in read_hmdb51(hmdb, 2)] == ["test"]


@pytest.mark.parametrize("line", ["a.avi 3", "a.avi", "a.mp4 1", "../a.avi 1"])
def test_wrong_lines_of_hmdb51_are_named(hmdb, line):
    write(hmdb, wave_test_split1=f"a.avi 1 \n{line}\n")
    with pytest.raises(DataError, match=r"wave_test_split1\.txt, line 2: expected"):
        read_hmdb51(hmdb)
    with pytest.raises(DataError, match="no files"):
        read_hmdb51(hmdb, 3)
