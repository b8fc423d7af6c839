import pytest
import torch
from torch import nn

from xmr_core.nn.momentum import follow


def test_parameters_move_by_the_given_share_and_buffers_stay():
    slow, fast = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    with torch.no_grad():
        fast.weight.fill_(2.0)
        fast.running_mean.fill_(7.0)
    follow(slow, fast, 0.9)
    assert torch.allclose(slow.weight, torch.full((3,), 1.1))
    assert torch.equal(slow.running_mean, torch.zeros(3))
    assert fast.weight.grad is None


def test_another_architecture_is_refused():
    with pytest.raises(ValueError, match="zip"):
        follow(nn.Linear(2, 2), nn.Linear(2, 2, bias=False), 0.5)
