"""Every sentence that the page translates is one that the core says."""

import re
from pathlib import Path

import pytest

from demo import wording_errors
from demo.wording_errors import for_both, in_chinese
from xmr_core import Engine, XmrError
from xmr_core.hub import HubAddress
from xmr_core.hub.failures import speaking

CORE = Path(wording_errors.__file__).parents[1] / "xmr_core"


def plain(text: str) -> str:
    """Code and sentences made comparable: strings joined, values and quotes out, spaces one."""
    text = re.sub(r'"\s*\n\s*f?"', "", text)
    return re.sub(r"\s+", " ", re.sub(r"\{[^{}]*\}", "{}", text))


@pytest.fixture(scope="module")
def core() -> str:
    pages = [path for path in CORE.with_name("demo").glob("*.py") if "wording" not in path.name]
    sources = [*sorted(CORE.rglob("*.py")), *sorted(pages)]
    return "\n".join(plain(path.read_text("utf-8")) for path in sources)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("english", wording_errors._CLAUSES)
def test_the_core_still_says_it(core: str, english: str):
    for words in re.split(r"\{\w+\}", english):
        assert plain(words).strip() in core


@pytest.mark.parametrize("english", [text for text in wording_errors._SENTENCES if "Hub" in text])
def test_the_core_still_says_it_of_the_hub(core: str, english: str):
    for words in re.split(r"\{\w+\}", english):
        assert plain(words).strip() in core


def test_a_lost_network_is_said_in_chinese(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with pytest.raises(XmrError) as error, speaking(HubAddress("model", "me/it"), "w.bin"):
        raise ConnectionResetError("reset")
    assert in_chinese(str(error.value)) == (
        "无法连接 Hub 以获取 w.bin of hf://me/it（reset）；请检查网络后重试，已完整下载的文件会保留"
    )


@pytest.mark.parametrize("query", ["", "x" * 600, "qwertzuiop", "blorp zzzz", "!?"])
def test_what_is_wrong_with_a_query_is_said_in_chinese(engine: Engine, query: str):
    with pytest.raises(XmrError) as error:
        engine.search(query)
    assert re.search("[\u4e00-\u9fff]", in_chinese(str(error.value)) or "")


def test_what_is_wrong_with_a_clip_is_said_in_chinese(engine: Engine, tmp_path: Path):
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for video in ("scene9999", str(empty)):
        with pytest.raises(XmrError) as error:
            engine.similar(video)
        assert in_chinese(str(error.value))
    assert in_chinese(str(error.value)) == "无法读取“empty.mp4”：文件是空的（0 字节）。"


def test_values_are_escaped_in_both_languages():
    message = "The gallery '<b>' has no clip '<img src=x>'."
    assert "<b>" not in for_both(message) and for_both(message).count("&lt;img src=x&gt;") == 2


def test_other_messages_stay_as_they_are():
    assert for_both("Something <else>.") == "Something &lt;else&gt;."
