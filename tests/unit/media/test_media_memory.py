"""What decoding costs in memory."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from xmr_core.opened import Opened

PROGRAM = """
import sys
from xmr_core.media import decord_reader
assert decord_reader.load() is decord_reader.load() is sys.modules["decord"]
assert sys.modules.get("nvidia", 0) is not None
sys.stdout.write(open("/proc/self/maps").read())
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads Linux's /proc")
@pytest.mark.skipif(find_spec("decord") is None, reason="needs decord2")
@pytest.mark.skipif(find_spec("nvidia") is None, reason="this torch brought no CUDA libraries")
def test_decoding_loads_no_cuda_library():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "libdecord" in run.stdout and "/nvidia/" not in run.stdout


def test_all_methods_share_one_decoding_process():
    methods = [Opened("scenes-clip", "scenes"), Opened("scenes-cmfh-64", "scenes")]
    assert methods[0].reader is methods[1].reader
