"""One commit with exactly the files that are given."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from xmr_core.errors import HubError
from xmr_core.hub.address import HubAddress
from xmr_core.hub.failures import is_offline, speaking
from xmr_core.hub.listing import is_safe_name
from xmr_core.progress import Progress, no_progress

_OURS = re.compile(
    r"card\.(toml|json)|items\.jsonl|pictures\.tar|[^/]+\.safetensors"
    r"|(posters|stills|media)/.*"
)
"""Files that an earlier version may have left in the repository and the new one would not have."""

_AT_ONCE = 20  # files per step of the progress


def upload(
    address: HubAddress,
    files: Mapping[str, Path | bytes],
    message: str,
    *,
    private: bool,
    progress: Progress = no_progress,
) -> HubAddress:
    """Makes one commit with these files, in a repository that is created if there is none.

    Args:
        address: Where to; its revision is not used.
        files: A file on the disk, or its content, by name in the repository.
        message: What the commit is called.
        private: A new repository is private; an old one stays as it is.
        progress: Told the steps of the upload.

    Returns:
        The address with the revision of the commit.

    Raises:
        HubError: A name is not allowed there, or the Hub does not take it.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    if unsafe := [name for name in files if not is_safe_name(name)]:
        raise HubError(f"{unsafe[0]!r} cannot be the name of a published file; rename it")
    if is_offline():
        raise HubError("HF_HUB_OFFLINE is set; unset it to publish something")
    api = HfApi()
    with speaking(address):
        api.create_repo(address.repo, repo_type=address.kind, private=private, exist_ok=True)
        there = api.list_repo_files(address.repo, repo_type=address.kind)
        left = [name for name in there if name not in files and _OURS.fullmatch(name)]
        added = [
            CommitOperationAdd(name, content if isinstance(content, bytes) else str(content))
            for name, content in files.items()
        ]
        steps = [added[first : first + _AT_ONCE] for first in range(0, len(added), _AT_ONCE)]
        megabytes = sum(operation.upload_info.size for operation in added) / 1e6
        desc = f"uploading {len(added):,} files, {megabytes:,.1f} MB"
        for step in progress(steps, desc=desc, total=len(steps)):
            api.preupload_lfs_files(address.repo, step, repo_type=address.kind, free_memory=False)
        commit = api.create_commit(
            address.repo,
            [*added, *(CommitOperationDelete(name) for name in left)],
            commit_message=message,
            repo_type=address.kind,
        )
    return replace(address, revision=str(commit.oid))
