"""Files that a stranger might send: each would leave a mark if anything in it ran."""

import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import torch


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return Path.touch, (Path(self.mark),)


class Shell(Touch):
    """The same through a shell."""

    def __reduce__(self):
        return os.system, (f"touch '{self.mark}'",)


class Evaluated(Touch):
    """The same through the interpreter."""

    def __reduce__(self):
        return eval, (f"open({self.mark!r}, 'w').close()",)


def pickles(folder, mark):
    """Hostile checkpoints in every container that torch has had, by name."""
    folder.mkdir()
    states = {
        "model": [{"w": Touch(mark)}],
        "opt": Shell(mark),
        "state_dict": {"w": Evaluated(mark)},
    }
    for protocol in (0, 2, 4):
        (folder / f"plain{protocol}.bin").write_bytes(pickle.dumps(states, protocol))
    torch.save(states, folder / "zip.pth")
    torch.save(states, folder / "old.pth.tar", _use_new_zipfile_serialization=False)
    torch.save({"w": torch.ones(2), "epoch": Touch(mark)}, folder / "hidden.pt")
    with zipfile.ZipFile(folder / "script.pt", "w") as archive:  # as torch.jit.save lays it out
        archive.writestr("script/data.pkl", pickle.dumps(Shell(mark), 2))
        archive.writestr("script/constants.pkl", pickle.dumps(Evaluated(mark), 2))
        archive.writestr("script/version", "3\n")
        archive.writestr("script/code/__torch__.py", f"open({str(mark)!r}, 'w')")
    return {path.name: path for path in sorted(folder.iterdir())}


def object_array(mark):
    """A NumPy file whose items are objects."""
    file = io.BytesIO()
    np.save(file, np.array([[Touch(mark), Shell(mark)]], dtype=object), allow_pickle=True)
    return file.getvalue()


def safetensors(header, data=b"", length=None):
    """A safetensors file with a header of one's own."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def part(dtype="F32", shape=(2, 2), offsets=(0, 16)):
    """One entry of such a header."""
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}
