"""Fetching from a Hub on 127.0.0.1 with the unmodified huggingface_hub."""

import hashlib
import json
from pathlib import Path

import pytest
from hub_server import TOKEN
from unit.hub.hub_caller import Caller

WEIGHTS = bytes(range(256)) * 200  # large enough to be kept apart by the Hub
SHA = hashlib.sha256(WEIGHTS).hexdigest()
FILES = {"config.json": b'{"width": 4}', "model.safetensors": WEIGHTS}


@pytest.fixture(autouse=True)
def _forget(hub):
    hub.requests.clear()
    hub.spoilt.clear()


def test_files_of_a_pinned_revision_come_once(hub, call):
    revision = hub.add_model("me/first", FILES)
    hub.add_model("me/first", {"config.json": b"{}"})
    folder, names, _, _ = call.value("fetch", f"hf://me/first@{revision}")
    assert Path(folder).name == revision
    assert names == ["config.json", "model.safetensors"]
    assert (Path(folder) / "model.safetensors").read_bytes() == WEIGHTS
    hub.requests.clear()
    assert call.value("fetch", f"hf://me/first@{revision}")[0] == folder
    assert hub.requests == []


def test_without_a_revision_the_newest_is_taken_and_named(hub, call):
    hub.add_model("me/moving", {"config.json": b"{}"})
    newest = hub.add_model("me/moving", FILES)
    assert call.value("pinned", "hf://me/moving") == f"hf://me/moving@{newest}"
    assert Path(call.value("fetch", "hf://me/moving")[0]).name == newest
    assert call.value("pinned", "checkpoints/scenes-clip") == "checkpoints/scenes-clip"


def test_what_can_run_code_is_not_fetched_unless_named(hub, call):
    hostile = {"pytorch_model.bin": b"p", "a.pkl": b"p", "run.py": b"p", ".env.json": b"{}"}
    revision = hub.add_model("me/mixed", FILES | hostile)
    _, names, _, _ = call.value("fetch", f"hf://me/mixed@{revision}")
    assert names == ["config.json", "model.safetensors"]
    asked = " ".join(request.path for request in hub.requests)
    assert not any(name in asked for name in hostile)
    named = {"pytorch_model.bin": ""}
    assert (
        "pytorch_model.bin" in call.value("fetch", f"hf://me/mixed@{revision}", "model", named)[1]
    )


def test_progress_counts_megabytes(hub, call):
    revision = hub.add_model("me/heavy", {"a.safetensors": b"\0" * 3_500_000})
    _, _, steps, total = call.value("fetch", f"hf://me/heavy@{revision}")
    assert (steps, total) == (4, [4])


def test_a_cut_download_goes_on_where_it_was(hub, call):
    content = b"\0\1\2\3" * 3_000_000
    revision = hub.add_model("me/cut", {"a.safetensors": content})
    hub.fail_next("cut", path="a.safetensors", method="GET", after=11_000_000)
    folder = call.value("fetch", f"hf://me/cut@{revision}")[0]
    assert (Path(folder) / "a.safetensors").read_bytes() == content
    ranges = [r.range for r in hub.requests if r.method == "GET" and "a.safetensors" in r.path]
    assert ranges[0] is None and ranges[1] and ranges[1] != "bytes=0-"


def test_a_busy_hub_is_asked_again_after_its_pause(hub, call):
    revision = hub.add_model("me/patient", {"config.json": b"{}"})
    hub.fail_next(429, path="resolve", method="GET", headers={"Retry-After": "0"})
    assert call.value("fetch", f"hf://me/patient@{revision}")[1] == ["config.json"]


def test_too_many_requests_says_when_to_come_back(hub, call):
    hub.add_model("me/busy", FILES)
    hub.fail_next(429, path="me/busy", headers={"Retry-After": "77"})
    assert "try again in 77 s" in call.error("fetch", "hf://me/busy")
    hub.fail_next(429, path="me/busy", headers={"RateLimit": '"api";r=0;t=55'})
    assert "try again in 55 s" in call.error("fetch", "hf://me/busy")
    hub.fail_next(503, path="me/busy")
    assert "HTTP 503" in call.error("fetch", "hf://me/busy")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("hf://me/nothing", "no model me/nothing that you may read"),
        ("hf://me/secret", "no model me/secret that you may read"),
        (f"hf://me/open@{'f' * 40}", f"me/open has no revision {'f' * 40}"),
        ("hf://me/gated", "accept them at"),
        ("hf://me", "write owner/name"),
        ("hf://../../etc", "write owner/name"),
        ("hf://me/open@main", "40 hexadecimal digits"),
        ("hf://me/traversal", "has a file with the name '../evil.json'"),
        ("hf://me/absolute", "has a file with the name '/tmp/evil.json'"),
        ("hf://me/windows", "which is not allowed"),
        ("hf://me/programs", "no file that can be used here"),
    ],
)
def test_every_refusal_is_a_sentence(hub, call, address, sentence):
    hub.add_model("me/secret", FILES, private=True)
    hub.add_model("me/gated", FILES, gated=True)
    hub.add_model("me/open", FILES)
    hub.add_model("me/traversal", {"../evil.json": b"{}"})
    hub.add_model("me/absolute", {"/tmp/evil.json": b"{}"})
    hub.add_model("me/windows", {"C:\\evil.json": b"{}"})
    hub.add_model("me/programs", {"run.py": b"", "model.bin": b""})
    assert sentence in call.error("fetch", address)


def test_a_missing_file_is_named(hub, call):
    revision = hub.add_model("me/sparse", FILES)
    wanted = {"config.json": "", "text/vocab.txt": ""}
    error = call.error("fetch", f"hf://me/sparse@{revision}", "model", wanted)
    assert f"hf://me/sparse@{revision} has no file text/vocab.txt" in error
    assert "is no file name" in call.error(
        "fetch", f"hf://me/sparse@{revision}", "model", {"../../x": ""}
    )


def test_private_and_gated_ones_come_with_a_token(hub, tmp_path):
    hub.add_model("me/mine", FILES, private=True)
    hub.add_model("me/agreed", FILES, gated=True)
    caller = Caller(hub.environment(tmp_path, TOKEN))
    assert caller.value("fetch", "hf://me/mine")[1] == sorted(FILES)
    assert caller.value("fetch", "hf://me/agreed")[1] == sorted(FILES)
    caller.close()
    wrong = Caller(hub.environment(tmp_path, "hf_wrong"))
    assert "refuses the token" in wrong.error("fetch", "hf://me/agreed")
    wrong.close()


def test_another_content_than_the_card_says_is_not_used(hub, call):
    revision = hub.add_model("me/changed", FILES)
    wrong = {"model.safetensors": "0" * 64}
    assert "has not the checksum" in call.error(
        "fetch", f"hf://me/changed@{revision}", "model", wrong
    )
    assert not any(r.method == "GET" and "resolve" in r.path for r in hub.requests)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_another_content_than_the_listing_says_is_not_used(hub, call, name):
    revision = hub.add_model(f"me/spoilt-{len(name)}", FILES)
    address = f"hf://me/spoilt-{len(name)}@{revision}"
    hub.spoil(name, b"\1" * len(FILES[name]))
    assert "has not the checksum" in call.error("fetch", address)
    hub.spoilt.clear()
    folder = call.value("fetch", address)[0]
    assert (Path(folder) / name).read_bytes() == FILES[name]


def test_a_damaged_copy_is_noticed_and_fetched_again(hub, call):
    source = {"repo": "me/pinned", "revision": hub.add_model("me/pinned", FILES)}
    source["files"] = {"model.safetensors": SHA}
    folder = Path(call.value("fetch_source", source))
    assert not (folder / "config.json").exists()
    (folder / "model.safetensors").resolve().write_bytes(b"other")
    assert "the copy in the cache is damaged" in call.error("fetch_source", source)
    call.value("fetch_source", source)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("sha256", [SHA, ""])
def test_files_of_a_card_are_verified_where_they_are(hub, call, sha256):
    name = f"me/verified-{len(sha256)}"
    source = {"repo": name, "revision": hub.add_model(name, FILES)}
    source["files"] = {"config.json": "", "model.safetensors": sha256}
    assert "xmr checkpoints pull some" in call.error("verify_source", source)
    folder = Path(call.value("fetch_source", source))
    call.value("verify_source", source)
    (folder / "model.safetensors").resolve().write_bytes(WEIGHTS[:-1] + b"!")
    assert "another file" in call.error("verify_source", source)


def test_a_card_without_files_says_so(call):
    assert "does not say where its files are" in call.error(
        "fetch_source", {"repo": "me/first", "revision": ""}
    )


def test_offline_serves_what_is_cached_and_names_what_is_not(hub, call, cache):
    revision = hub.add_model("me/kept", FILES)
    call.value("fetch", f"hf://me/kept@{revision}")
    hub.requests.clear()
    offline = Caller(hub.environment(cache) | {"HF_HUB_OFFLINE": "1"})
    assert offline.value("fetch", f"hf://me/kept@{revision}")[1] == sorted(FILES)
    assert offline.value("pinned", "hf://me/kept") == f"hf://me/kept@{revision}"
    other = f"hf://me/kept@{'a' * 40}"
    error = offline.error("fetch", other, "model", {"config.json": ""})
    assert "HF_HUB_OFFLINE is set and config.json" in error and revision in error
    assert "HF_HUB_OFFLINE is set" in offline.error("fetch", other)
    assert "nothing of me/unknown is cached" in offline.error("fetch", "hf://me/unknown")
    offline.close()
    assert hub.requests == []


def test_no_network_is_a_sentence(hub, tmp_path):
    nowhere = hub.environment(tmp_path) | {"HF_ENDPOINT": "http://127.0.0.1:9"}
    caller = Caller(nowhere)
    assert "the Hub cannot be reached" in caller.error("fetch", "hf://me/first")
    assert "the Hub cannot be reached" in caller.error("fetch", f"hf://me/first@{'a' * 40}")
    caller.close()


def test_a_cache_that_cannot_be_written_is_a_sentence(hub, tmp_path):
    hub.add_model("me/first", FILES)
    (tmp_path / "file").write_text("in the way")
    caller = Caller(hub.environment(tmp_path / "file" / "cache"))
    assert "file" in caller.error("fetch", "hf://me/first")
    caller.close()


def test_the_listing_kept_on_disk_is_not_trusted_when_broken(hub, call, cache):
    revision = hub.add_model("me/listed", FILES)
    call.value("fetch", f"hf://me/listed@{revision}")
    (kept,) = cache.rglob(f"{revision}.json")
    assert {record["name"] for record in json.loads(kept.read_text())} == set(FILES)
    kept.write_text("[{")
    assert call.value("fetch", f"hf://me/listed@{revision}")[1] == sorted(FILES)
