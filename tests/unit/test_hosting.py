"""What a Space and a container are told is right, as far as files can tell."""

import fnmatch
import json
import re
import shlex
from pathlib import Path

import pytest
from huggingface_hub import SpaceHardware
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
FRONT = (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1]
# The Hub's reference of what a Space's front matter may hold.
KEYS = set(
    "title emoji colorFrom colorTo sdk python_version sdk_version suggested_hardware"
    " suggested_storage app_file app_build_command app_port base_path fullWidth header"
    " short_description models datasets tags thumbnail pinned hf_oauth disable_embedding"
    " startup_duration_timeout custom_headers preload_from_hub license".split()
)
COLOURS = set("red yellow green blue indigo purple pink gray".split())
ZEROGPU_PYTHON = ("3.10.13", "3.12.12")


@pytest.fixture(scope="module")
def front():
    return pytest.importorskip("yaml").safe_load(FRONT)


def required(package):
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        wanted = line.split("#")[0].strip()
        if wanted and Requirement(wanted).name == package:
            return Requirement(wanted).specifier
    raise LookupError(package)


def supported_python():
    text = (ROOT / "pyproject.toml").read_text()
    return SpecifierSet(re.search(r'requires-python = "(.*)"', text)[1])


def test_front_matter_is_what_the_hub_reads(front):
    assert set(front) <= KEYS
    assert {front["colorFrom"], front["colorTo"]} <= COLOURS
    assert front["sdk"] == "gradio" and (ROOT / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60
    assert front["header"] in ("mini", "default") and front["fullWidth"] is True
    assert front["license"] == "mit" and all(isinstance(tag, str) for tag in front["tags"])


def test_front_matter_fits_a_free_account(front):
    assert front["suggested_hardware"] in {kind.value for kind in SpaceHardware}
    assert front["suggested_hardware"] == "zero-a10g"
    # A number would lose digits: 3.10 is 3.1.
    assert isinstance(front["python_version"], str)
    assert front["python_version"] in ZEROGPU_PYTHON
    assert front["python_version"] in supported_python()
    assert front["sdk_version"] in required("gradio")
    assert "preload_from_hub" not in front, "a cold start needs nothing but this repository"


def instructions():
    """The Dockerfile as (word, rest), lines joined and comments gone."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def of(word):
    return [rest for name, rest in instructions() if name == word]


def kept(path):
    """Whether .dockerignore lets a path of the repository through; the last rule that fits wins."""
    verdict = True
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        if not rule or rule.startswith("#"):
            continue
        pattern = rule.removeprefix("!").removeprefix("**/")
        fits = fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, f"{pattern}/*")
        if fits or (rule.startswith("**/") and fnmatch.fnmatch(path, f"*/{pattern}*")):
            verdict = rule.startswith("!")
    return verdict


def test_every_copied_path_exists_and_is_not_ignored():
    copied = [source for rest in of("COPY") for source in shlex.split(rest)[:-1]]
    assert "app.py" in copied and "xmr_core" in copied
    for source in copied:
        found = list(ROOT.glob(source))
        assert found, source
        assert all(kept(path.relative_to(ROOT).as_posix()) for path in found), source
    ignored = ".git/config tests/conftest.py runs/x .venv/bin/python README.md"
    inside = "xmr_core/__pycache__/engine.cpython-312.pyc assets/screenshots/search.webp"
    for path in [*ignored.split(), *inside.split()]:
        assert not kept(path), path
    for path in ("demo/assets/kit.js", "checkpoints/scenes-clip/card.toml"):
        assert (ROOT / path).is_file() and kept(path), path


def test_the_container_runs_the_page_without_rights():
    assert [name for name, _ in instructions()].index("USER") < len(instructions()) - 1
    assert of("USER") == ["app"] and any("--uid 1000" in rest for rest in of("RUN"))
    (base,) = of("FROM")
    assert re.fullmatch(r"python:3\.\d+-slim", base)
    assert base.split(":")[1].removesuffix("-slim") + ".0" in supported_python()
    variables = dict(pair.split("=", 1) for rest in of("ENV") for pair in shlex.split(rest))
    assert variables["GRADIO_SERVER_NAME"] == "0.0.0.0"
    assert of("EXPOSE") == [variables["GRADIO_SERVER_PORT"]] == ["7860"]
    assert Path(variables["HF_HOME"]).is_relative_to(*of("VOLUME"))
    assert json.loads(*of("CMD")) == ["python", "app.py"]
    (health,) = of("HEALTHCHECK")
    compile(json.loads(health.split("CMD")[1])[2], "healthcheck", "exec")
    for rest in of("RUN"):
        assert "--no-cache-dir" in rest or "pip install" not in rest
