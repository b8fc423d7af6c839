"""Decoding in other processes: what happens when they hang, crash or lose their parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from painted import number_of, write_painted

from xmr_core.errors import VideoUnavailableError
from xmr_core.media.frames import sample_frames
from xmr_core.media.limits import MediaLimits
from xmr_core.media.worker import MediaReader, ReadRequest, decoder_in_use

posix = pytest.mark.skipif(os.name != "posix", reason="stops processes by POSIX signals")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_painted(tmp_path_factory.mktemp("film") / "film.mp4", [40 * k for k in range(75)])


@pytest.fixture(scope="module")
def reader():
    with MediaReader() as reader:
        yield reader


def process_of(reader):
    """The process of the only worker."""
    (worker,) = reader._workers
    assert worker.process is not None
    return worker.process


def test_it_reads_what_the_function_reads(reader, film):
    here, there = sample_frames(film, 5, max_side=88), reader.read(film, 5, max_side=88)
    np.testing.assert_array_equal(here.frames, there.frames)
    np.testing.assert_array_equal(here.times_s, there.times_s)
    assert (here.duration_s, here.decoder) == (there.duration_s, there.decoder)
    assert [number_of(f) for f in reader.read(str(film), 2, start_s=1, end_s=2).frames] == [31, 43]


def test_errors_keep_their_sentence(reader, tmp_path):
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(VideoUnavailableError, match=r"'empty\.mp4' cannot be read.*0 bytes"):
        reader.read(tmp_path / "empty.mp4", 4)
    with pytest.raises(ValueError, match="num_frames"):
        reader.read(tmp_path / "empty.mp4", 0)


def test_one_worker_serves_all_reads(reader, film):
    before = process_of(reader).pid
    reader.read(film, 1)
    assert process_of(reader).pid == before


@posix
def test_a_worker_that_dies_costs_one_file(reader, film, tmp_path):
    reader.read(film, 1)
    for sign in (signal.SIGKILL, signal.SIGSEGV):
        process = process_of(reader)
        process.send_signal(signal.SIGSTOP)  # so that it dies while it is reading
        threading.Timer(0.2, process.send_signal, [sign]).start()
        threading.Timer(0.3, process.send_signal, [signal.SIGCONT]).start()
        with pytest.raises(VideoUnavailableError, match=r"film\.mp4.*crashed"):
            reader.read(film, 1)
        assert len(reader.read(film, 3).frames) == 3


@posix
def test_a_worker_that_died_between_reads_costs_nothing(reader, film):
    reader.read(film, 1)
    process_of(reader).kill()
    process_of(reader).wait()
    assert len(reader.read(film, 3).frames) == 3


@posix
def test_a_worker_that_hangs_is_killed(film):
    with MediaReader(limits=MediaLimits(timeout_s=10)) as reader:
        reader.read(film, 1)
        hanging = process_of(reader)
        hanging.send_signal(signal.SIGSTOP)
        reader._workers[0]._limits = MediaLimits(timeout_s=0.3)
        with pytest.raises(VideoUnavailableError, match=r"film\.mp4.*longer than 0\.3 s"):
            reader.read(film, 1)
        assert hanging.poll() == -signal.SIGKILL
        reader._workers[0]._limits = MediaLimits(timeout_s=10)
        assert len(reader.read(film, 3).frames) == 3


def test_many_requests_come_back_in_order_and_ahead(film, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    asked = []

    def requests():
        for k in range(12):
            asked.append(k)
            yield ReadRequest(tmp_path / "bad.mp4" if k == 5 else film, 1, start_s=k * 0.2)

    with MediaReader(workers=2) as reader:
        seen = []
        for request, video in reader.read_many(requests()):
            assert request.start_s == pytest.approx(len(seen) * 0.2)
            assert len(asked) <= len(seen) + 5  # two per worker wait, one is in our hands
            seen.append(video)
    assert isinstance(seen[5], VideoUnavailableError)
    assert all(not isinstance(video, Exception) for k, video in enumerate(seen) if k != 5)


def test_threads_share_a_reader(reader, film):
    found = {}

    def ask(k):
        found[k] = number_of(reader.read(film, 1, start_s=k * 0.4, end_s=k * 0.4 + 0.04).frames[0])

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: 10 * k for k in range(6)}


def test_a_closed_reader_says_so(film):
    reader = MediaReader()
    reader.read(film, 1)
    process = process_of(reader)
    reader.close()
    assert process.poll() is not None
    with pytest.raises(RuntimeError, match="closed"):
        reader.read(film, 1)


def test_a_forgotten_reader_leaves_nothing_behind(film):
    reader = MediaReader()
    reader.read(film, 1)
    process = process_of(reader)
    del reader
    assert process.wait(5) is not None


@posix
def test_workers_end_when_their_parent_is_killed(film):
    program = (
        "import sys, time\n"
        "from xmr_core.media.worker import MediaReader\n"
        "reader = MediaReader()\n"
        "reader.read(sys.argv[1], 1)\n"
        "print(reader._workers[0].process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, film]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid):
    """Whether a process runs; one that nobody waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_importing_and_starting_is_light(film):
    program = (
        "import sys\n"
        "import xmr_core.media.worker, xmr_core.media.frames, xmr_core.media.poster\n"
        "print([name for name in ('torch', 'av', 'decord') if name in sys.modules])\n"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert printed.stdout.strip() == "[]"


def test_the_readers_have_names():
    assert "PyAV" in decoder_in_use()
