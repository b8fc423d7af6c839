"""A small Hub on 127.0.0.1 that the unmodified `huggingface_hub` talks to through HF_ENDPOINT.

It speaks what that library asks of the Hub: repository info, tree listings, HEAD and GET of files
with the Hub's headers, redirects of large files to another host, ranges, revisions, errors with
`X-Error-Code`, and uploads (preupload, LFS batch, commit). Everything is held in memory.

    with HubServer() as hub:
        revision = hub.add_model("me/tiny", {"config.json": b"{}"})
        hub.fail_next(429, path="config.json", headers={"Retry-After": "0"})
        subprocess.run([...], env={**os.environ, **hub.environment(tmp_path)})

`huggingface_hub` reads HF_ENDPOINT when it is imported, so a test runs it in another process.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "hf_ThisOneIsOnlyGoodHere"
_LARGE = 10_000  # bytes; the Hub too keeps larger files apart
_DATE = "2026-01-01T00:00:00.000Z"

_API = re.compile(r"/api/(models|datasets)/([^/]+/[^/]+)(?:/(.*))?")
_RESOLVE = re.compile(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_BATCH = re.compile(r"/(?:datasets/)?[^/]+/[^/]+\.git/info/lfs/objects/batch")


def git_id(content: bytes) -> str:
    """What git calls a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def is_large(content: bytes) -> bool:
    """Whether the Hub would keep it as a large file, named by its sha256."""
    return len(content) > _LARGE or b"\0" in content[:512]


@dataclass
class Repository:
    """The commits of one repository, oldest first: 40 hexadecimal digits and the files."""

    kind: str
    name: str
    gated: bool = False
    private: bool = False
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)

    def commit(self, files: Mapping[str, bytes], revision: str = "") -> str:
        seed = json.dumps([self.kind, self.name, len(self.commits)])
        names = "".join(f"{name}{git_id(files[name])}" for name in sorted(files))
        sha = revision or hashlib.sha1((seed + names).encode()).hexdigest()
        self.commits.append((sha, dict(files)))
        return sha

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        if revision == "main":
            return self.commits[-1] if self.commits else ("0" * 40, {})
        return next((commit for commit in self.commits if commit[0] == revision), None)


@dataclass
class Failure:
    """What goes wrong with the next requests whose path contains `path`."""

    kind: int | str
    path: str
    method: str
    times: int
    headers: Mapping[str, str]
    after: int


@dataclass(frozen=True)
class Request:
    """What was asked: method, path, and the range if only a part was wanted."""

    method: str
    path: str
    range: str | None
    authorized: bool


class HubServer:
    """Two servers, one for the Hub and one for the host that it redirects large files to."""

    def __init__(self) -> None:
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.large: dict[str, bytes] = {}
        self.requests: list[Request] = []
        self.spoilt: dict[str, bytes] = {}
        self._failures: list[Failure] = []
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._servers = [self._start(_HubHandler), self._start(_LargeHandler)]
        self.url, self.large_url = (f"http://127.0.0.1:{s.server_port}" for s in self._servers)
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _start(self, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.hub = self  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def add_model(self, name: str, files: Mapping[str, bytes], **options: Any) -> str:
        """Adds a commit with exactly these files; returns its revision.

        Options: `gated`, `private`, and `revision` where it must have a certain one.
        """
        return self._add("model", name, files, options)

    def add_dataset(self, name: str, files: Mapping[str, bytes], **options: Any) -> str:
        """As `add_model`."""
        return self._add("dataset", name, files, options)

    def _add(
        self, kind: str, name: str, files: Mapping[str, bytes], options: Mapping[str, Any]
    ) -> str:
        repository = self.repositories.setdefault((kind, name), Repository(kind, name))
        repository.gated = options.get("gated", False)
        repository.private = options.get("private", False)
        for content in files.values():
            self.large[hashlib.sha256(content).hexdigest()] = content
        return repository.commit(files, options.get("revision", ""))

    def files(self, kind: str, name: str) -> dict[str, bytes]:
        """The files of the newest commit."""
        return self.repositories[kind, name].commits[-1][1]

    def spoil(self, name: str, content: bytes) -> None:
        """From now on this content is sent for every file of that name, under the old hashes."""
        self.spoilt[name] = content

    def fail_next(
        self,
        kind: int | str,
        *,
        path: str = "",
        method: str = "",
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        after: int = 0,
    ) -> None:
        """Makes the next fitting requests fail.

        Args:
            kind: An HTTP status; or "cut": the connection breaks in the middle of a file; or
                "hang up": it is closed before any answer.
            path: Only requests whose path contains this.
            method: Only requests of this method.
            times: How often.
            headers: Sent with the status.
            after: With "cut": bytes that still arrive.
        """
        self._failures.append(Failure(kind, path, method, times, headers or {}, after))

    def failure(self, method: str, path: str) -> Failure | None:
        with self._lock:
            for failure in self._failures:
                fits = failure.path in path and failure.method in ("", method)
                if failure.times and fits:
                    failure.times -= 1
                    return failure
        return None

    def environment(self, cache: Path, token: str | None = None) -> dict[str, str]:
        """What a process needs to meet this Hub and nothing else: for `subprocess.run(env=)`."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING"))}
        kept = {k: v for k, v in kept.items() if "proxy" not in k.lower()}
        own = {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(cache),
            "HF_HUB_DISABLE_XET": "1",  # its own protocol, which no such server can speak
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
        }
        return kept | own | ({"HF_TOKEN": token} if token else {})


class _Handler(BaseHTTPRequestHandler):
    """What both servers share."""

    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> HubServer:
        return self.server.hub  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        pass

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(
        self, status: int, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        given = dict(headers or {})
        for name, value in ({"Content-Length": str(len(content))} | given).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def reply_json(
        self, value: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        content = json.dumps(value).encode()
        self.reply(status, content, {"Content-Type": "application/json", **(headers or {})})

    def refuse(self, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message} if code else {}
        self.reply_json({"error": message}, status, headers)

    def failed(self) -> bool:
        """Notes the request, and lets it fail if that is wished."""
        path = unquote(urlsplit(self.path).path)
        request = Request(self.command, path, self.headers.get("Range"), self.authorized())
        self.hub.requests.append(request)
        self.cut_after: int | None = None
        failure = self.hub.failure(self.command, path)
        if failure is None:
            return False
        if failure.kind == "cut":
            self.cut_after = failure.after
            return False
        self.body()
        if failure.kind == "hang up":
            self.close_connection = True
            return True
        self.reply_json({"error": "as wished"}, int(failure.kind), failure.headers)
        return True

    def authorized(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def send_file(self, content: bytes, headers: Mapping[str, str]) -> None:
        first, wanted = 0, self.headers.get("Range")
        status, given = 200, {"Accept-Ranges": "bytes", **headers}
        if wanted:
            first = int(wanted.removeprefix("bytes=").partition("-")[0])
            status = 206
            given["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        rest = content[first:]
        if self.cut_after is None or self.command == "HEAD":
            self.reply(status, rest, given)
            return
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(rest))} | given).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest[: self.cut_after])
        self.wfile.flush()
        self.close_connection = True


class _LargeHandler(_Handler):
    """Where large files are: `/<sha256>/<name>`."""

    def do_GET(self) -> None:
        if self.failed():
            return
        _, sha256, name = unquote(self.path).split("/", 2)
        self.send_file(self.hub.spoilt.get(name, self.hub.large[sha256]), {"ETag": f'"{sha256}"'})

    def do_PUT(self) -> None:
        if self.failed():
            return
        content = self.body()
        if hashlib.sha256(content).hexdigest() != self.path.split("/")[1]:
            self.refuse(400, "", "this is not the file that was announced")
            return
        self.hub.large[self.path.split("/")[1]] = content
        self.reply(200)


class _HubHandler(_Handler):
    """The Hub itself."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if self.failed():
            return
        path = unquote(urlsplit(self.path).path)
        if found := _API.fullmatch(path):
            self._api(found[1].removesuffix("s"), found[2], found[3] or "revision/main")
        elif found := _RESOLVE.fullmatch(path):
            self._resolve("dataset" if found[1] else "model", *found.groups()[1:])
        else:
            self.refuse(404, "", "no such page")

    def do_POST(self) -> None:
        if self.failed():
            return
        path, content = unquote(urlsplit(self.path).path), self.body()
        if path == "/api/validate-yaml":
            self.reply_json({"errors": [], "warnings": []})
        elif not self.authorized():
            self.refuse(401, "", "Invalid username or password.")
        elif path == "/api/repos/create":
            self._create(json.loads(content))
        elif _BATCH.fullmatch(path):
            self._batch(json.loads(content))
        elif path == "/verify":
            self.reply_json({})
        elif found := _API.fullmatch(path):
            action = (found[3] or "").partition("/")[0]
            repository = self.hub.repositories.get((found[1].removesuffix("s"), found[2]))
            if repository is None:
                self.refuse(404, "RepoNotFound", "Repository not found")
            elif action == "preupload":
                self._preupload(json.loads(content), repository)
            elif action == "commit":
                self._commit(content, repository)
            else:
                self.refuse(404, "", "no such page")
        else:
            self.refuse(404, "", "no such page")

    def _repository(self, kind: str, name: str, *, content: bool) -> Repository | None:
        """The repository if the visitor may see it; an error is sent otherwise."""
        given = self.headers.get("Authorization")
        if given and not self.authorized():
            self.refuse(401, "", "Invalid credentials in Authorization header")
            return None
        repository = self.hub.repositories.get((kind, name))
        if repository is None or (repository.private and not self.authorized()):
            # The Hub does not tell strangers whether a repository exists.
            self.refuse(404 if given else 401, "RepoNotFound", "Repository not found")
            return None
        if content and repository.gated and not self.authorized():
            message = f"Access to {kind} {name} is restricted."
            self.refuse(401, "GatedRepo", message)
            return None
        return repository

    def _at(self, repository: Repository, revision: str) -> tuple[str, dict[str, bytes]] | None:
        commit = repository.at(revision)
        if commit is None:
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    def _api(self, kind: str, name: str, rest: str) -> None:
        action, _, revision = rest.partition("/")
        repository = self._repository(kind, name, content=action == "tree")
        commit = repository and self._at(repository, revision.partition("/")[0])
        if not repository or not commit:
            return
        if action == "tree":
            self.reply_json([_entry(path, content) for path, content in commit[1].items()])
            return
        self.reply_json(
            {
                "id": name,
                "modelId": name,
                "sha": commit[0],
                "private": repository.private,
                "gated": "manual" if repository.gated else False,
                "lastModified": _DATE,
                "createdAt": _DATE,
                "tags": [],
                "downloads": 0,
                "likes": 0,
                "siblings": [{"rfilename": path} for path in commit[1]],
            }
        )

    def _resolve(self, kind: str, name: str, revision: str, path: str) -> None:
        repository = self._repository(kind, name, content=True)
        commit = repository and self._at(repository, revision)
        if not commit:
            return
        headers = {"X-Repo-Commit": commit[0]}
        content = commit[1].get(path)
        if content is None:
            self.reply_json(
                {"error": "Entry not found"},
                404,
                headers | {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"},
            )
        elif is_large(content):
            sha256 = hashlib.sha256(content).hexdigest()
            linked = {
                "Location": f"{self.hub.large_url}/{sha256}/{path}",
                "X-Linked-ETag": f'"{sha256}"',
                "X-Linked-Size": str(len(content)),
            }
            self.reply(302, b"", headers | linked)
        else:
            sent = self.hub.spoilt.get(path, content)
            self.send_file(sent, headers | {"ETag": f'"{git_id(content)}"'})

    def _create(self, wish: dict[str, Any]) -> None:
        kind, name = wish.get("type") or "model", f"{wish['organization']}/{wish['name']}"
        prefix = "datasets/" if kind == "dataset" else ""
        url = {"url": f"{self.hub.url}/{prefix}{name}", "name": name, "id": name}
        if (kind, name) in self.hub.repositories:
            self.reply_json({"error": "You already created this repo", **url}, 409)
            return
        private = wish.get("visibility") == "private" or bool(wish.get("private"))
        self.hub.repositories[kind, name] = Repository(kind, name, private=private)
        self.reply_json(url)

    def _preupload(self, wish: dict[str, Any], repository: Repository) -> None:
        there = repository.at("main")
        assert there is not None
        answers = []
        for file in wish["files"]:
            sample = base64.b64decode(file["sample"])
            large = file["size"] > _LARGE or b"\0" in sample
            known = there[1].get(file["path"])
            answers.append(
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if large else "regular",
                    "shouldIgnore": False,
                    "oid": None if known is None else _entry("", known)["oid"],
                }
            )
        self.reply_json({"files": answers})

    def _batch(self, wish: dict[str, Any]) -> None:
        objects = []
        for item in wish["objects"]:
            answer = {"oid": item["oid"], "size": item["size"]}
            if item["oid"] not in self.hub.large:
                answer["actions"] = {
                    "upload": {"href": f"{self.hub.large_url}/{item['oid']}"},
                    "verify": {"href": f"{self.hub.url}/verify"},
                }
            objects.append(answer)
        self.reply_json({"transfer": "basic", "objects": objects})

    def _commit(self, content: bytes, repository: Repository) -> None:
        newest = repository.at("main")
        assert newest is not None
        files = dict(newest[1])
        for line in content.splitlines():
            operation = json.loads(line)
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                files[value["path"]] = self.hub.large[value["oid"]]
            elif operation["key"] == "deletedFile":
                del files[value["path"]]
        sha = repository.commit(files)
        prefix = "datasets/" if repository.kind == "dataset" else ""
        url = f"{self.hub.url}/{prefix}{repository.name}/commit/{sha}"
        self.reply_json({"success": True, "commitUrl": url, "commitOid": sha})


def _entry(path: str, content: bytes) -> dict[str, Any]:
    """A file as the tree listing shows it."""
    entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content)}
    if not is_large(content):
        return {**entry, "oid": git_id(content)}
    sha256 = hashlib.sha256(content).hexdigest()
    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {len(content)}\n"
    ).encode()
    lfs = {"oid": sha256, "size": len(content), "pointerSize": len(pointer)}
    return {**entry, "oid": git_id(pointer), "lfs": lfs}
