"""What the Hub, the network and the disk say, as sentences."""

import errno
import shutil
from collections import namedtuple

import pytest

from xmr_core.errors import HubError
from xmr_core.hub import HubAddress, parse_address
from xmr_core.hub.failures import speaking
from xmr_core.hub.fetching import _check_room

ADDRESS = HubAddress("model", "me/it", "a" * 40)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full: w.bin does not fit"),
        (PermissionError(errno.EACCES, "no", "/cache"), "/cache cannot be written; set HF_HOME"),
        (ConnectionResetError("reset"), "the Hub cannot be reached for w.bin of hf://me/it"),
        (TimeoutError(), "cannot be reached for w.bin of hf://me/it@" + "a" * 40 + " (TimeoutErr"),
        (OSError("Consistency check failed: 1 of 2\nmore"), "came incomplete"),
        (RuntimeError("odd\nthing"), "cannot be fetched: odd"),
    ],
)
def test_every_failure_is_one_sentence(monkeypatch, error, sentence):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with pytest.raises(HubError) as told, speaking(ADDRESS, "w.bin"):
        raise error
    assert sentence in str(told.value) and "\n" not in str(told.value)


def test_a_full_disk_inside_another_error_is_told():
    with pytest.raises(HubError, match="the disk is full"), speaking(ADDRESS):
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise RuntimeError("could not move the file") from error


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(TypeError), speaking(ADDRESS):
        raise TypeError("ours")


def test_what_cannot_fit_is_told_before_it_is_fetched(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "new"))
    usage = namedtuple("usage", "total used free")(10, 10, 5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    _check_room(ADDRESS, 4_000_000)
    with pytest.raises(HubError, match=r"needs 600 MB and .* has 5 MB free; make room"):
        _check_room(ADDRESS, 600_000_000)


@pytest.mark.parametrize(
    ("text", "kind", "read"),
    [
        ("hf://me/it", "model", HubAddress("model", "me/it")),
        (f"me/it@{'a' * 40}", "model", ADDRESS),
        ("hf-hub:me/it", "model", HubAddress("model", "me/it")),
        ("hf://datasets/me/it", "dataset", HubAddress("dataset", "me/it")),
        ("hf://me/..it", "model", None),
        ("hf://me/a--b", "model", None),
        ("hf://me/it/x", "model", None),
        ("hf://me/it@main", "model", None),
        (f"hf://me/it@{'A' * 40}", "model", None),
        ("hf://me/it\n", "model", None),
        ("hf://datasets/me/it", "model", None),
        ("", "model", None),
    ],
)
def test_addresses(text, kind, read):
    if read is None:
        with pytest.raises(HubError):
            parse_address(text, kind)
    else:
        assert parse_address(text, kind) == read
