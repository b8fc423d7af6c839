"""Nothing in the program calls what could run a file's content, whoever writes it there."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = [ROOT / place for place in ("xmr_core", "demo", "benchmarks")]
PROGRAM = [ROOT / "app.py", *(path for place in PLACES for path in sorted(place.rglob("*.py")))]

NEVER = {
    "eval", "exec", "compile", "__import__",
    "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads",
    "shelve.open", "dill.load", "dill.loads", "joblib.load", "cloudpickle.load", "yaml.load",
    "yaml.unsafe_load", "torch.jit.load", "torch.hub.load", "torch.package.PackageImporter",
    "os.system", "os.popen", "os.execv", "os.execvp", "os.spawnv", "pty.spawn",
    "shutil.unpack_archive", "tempfile.mktemp", "ssl._create_unverified_context",
    "scipy.io.loadmat", "pandas.read_pickle", "pd.read_pickle", "importlib.reload",
}  # fmt: skip
NEVER_METHODS = {"extractall", "read_pickle", "loadmat"}
WITH = {
    "torch.load": ("weights_only", True),
    "np.load": ("allow_pickle", False),
    "numpy.load": ("allow_pickle", False),
    "from_pretrained": ("trust_remote_code", False),
}
"""A call by this name or method is allowed only with this argument, spelled out."""


def name_of(node):
    """A dotted name, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return ""


def real_names(tree):
    """What names stand for: `from torch import load as read` makes read = torch.load."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.asname: a.name for a in node.names if a.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def reads_nothing(call):
    """Whether the first argument is None: a model is made of what is in memory."""
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value is None


def complaints(source, where="program"):
    """What is unsafe in a program."""
    tree = ast.parse(source)
    names = real_names(tree)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        first, dot, rest = name_of(node.func).partition(".")
        name = names.get(first, first) + dot + rest
        method = name.rpartition(".")[2] if "." in name_of(node.func) else ""
        given = {word.arg: word.value for word in node.keywords if word.arg}
        if name in NEVER or method in NEVER_METHODS:
            found.append(f"{where}:{node.lineno}: {name}")
        for asked, (argument, value) in WITH.items():
            if asked not in (name, method) or (asked == method and reads_nothing(node)):
                continue
            said = given.get(argument)
            if not (isinstance(said, ast.Constant) and said.value is value):
                found.append(f"{where}:{node.lineno}: {asked} without {argument}={value}")
        shell = given.get("shell")
        if shell is not None and not (isinstance(shell, ast.Constant) and shell.value is False):
            found.append(f"{where}:{node.lineno}: shell")
        opens_picture = name in ("PIL.Image.open", "Image.open")
        if opens_picture and where.startswith("xmr_core") and "formats" not in given:
            found.append(f"{where}:{node.lineno}: a picture of any format")
    return found


@pytest.mark.parametrize("path", PROGRAM, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_unsafe_is_called(path):
    where = str(path.relative_to(ROOT))
    assert not complaints(path.read_text(encoding="utf-8"), where)


@pytest.mark.parametrize(
    "line",
    [
        "import torch\ntorch.load(p)",
        "import torch\ntorch.load(p, weights_only=False)",
        "import torch\ntorch.load(p, weights_only=flag)",
        "from torch import load as read\nread(p)",
        "import numpy as np\nnp.load(p)",
        "import numpy\nnumpy.load(p, allow_pickle=True)",
        "from pickle import loads\nloads(b)",
        "import pickle as p\np.load(f)",
        "eval(text)",
        "import os\nos.system('ls')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "archive.extractall(folder)",
        "AutoModel.from_pretrained(name)",
        "AutoModel.from_pretrained(name, trust_remote_code=True)",
        "import scipy.io\nscipy.io.loadmat(p)",
        "from scipy.io import loadmat\nloadmat(p)",
    ],
)
def test_the_test_sees_what_is_unsafe(line):
    assert complaints(line)


def test_the_test_lets_safe_calls_be():
    safe = (
        "import numpy as np, torch, ast, json\n"
        "np.load(p, allow_pickle=False)\ntorch.load(p, weights_only=True)\n"
        "ast.literal_eval(t)\njson.loads(t)\nmodel.eval()\nre.compile(t)\n"
        "A.from_pretrained(n, trust_remote_code=False)\n"
    )
    assert complaints(safe) == []
