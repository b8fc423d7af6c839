"""Two gloo processes against one process with the large batch."""

import multiprocessing
import os
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn

from xmr_core.nn.distributed import gather, gather_keys, is_distributed

LOCAL = 3


def _parts() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    towers = nn.ModuleDict({"text": nn.Linear(5, 4), "video": nn.Linear(6, 4)})
    return towers, torch.randn(2 * LOCAL, 5), torch.randn(2 * LOCAL, 2, 6)


def _loss(towers: nn.Module, texts: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
    from xmr_core.methods.hmmc.loss import fine_tuning_loss

    found = towers["video"](frames)  # type: ignore[index]
    parts = [gather(x) for x in (towers["text"](texts), found.mean(1), found)]  # type: ignore[index]
    return torch.stack(list(fine_tuning_loss(*parts, scale=3.0).values())).sum()


def _work(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder / 'store'}", rank=rank, world_size=2
    )
    try:
        towers, texts, frames = _parts()
        mine = slice(rank * LOCAL, (rank + 1) * LOCAL)
        loss = _loss(towers, texts[mine], frames[mine])
        loss.backward()
        for parameter in towers.parameters():
            dist.all_reduce(parameter.grad)  # what DistributedDataParallel does
            parameter.grad /= 2
        found = {name: p.grad for name, p in towers.named_parameters()}
        found |= {"loss": loss.detach(), "keys": gather_keys(texts[mine])}
        torch.save(found, folder / f"{rank}.pt")
    finally:
        dist.destroy_process_group()


def test_two_processes_have_the_gradients_of_the_large_batch(tmp_path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_work, args=(rank, tmp_path)) for rank in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    towers, texts, frames = _parts()
    loss = _loss(towers, texts, frames)
    loss.backward()
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert torch.allclose(found["loss"], loss.detach(), atol=1e-6)
        assert torch.equal(found["keys"], texts)
        for name, parameter in towers.named_parameters():
            assert torch.allclose(found[name], parameter.grad, atol=1e-6), name


def test_alone_it_is_the_identity():
    rows = torch.randn(2, 3, requires_grad=True)
    assert not is_distributed()
    assert gather(rows) is rows
    assert not gather_keys(rows).requires_grad


if os.name == "nt":
    pytestmark = pytest.mark.skip("forks")
