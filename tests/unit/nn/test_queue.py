import pytest
import torch
import torch.nn.functional as F

from xmr_core.nn.queue import KeyQueue


def test_it_starts_with_random_unit_keys():
    queue = KeyQueue(6, 4, torch.Generator().manual_seed(0))
    assert torch.allclose(queue.keys.norm(dim=1), torch.ones(6))
    assert torch.equal(queue.keys, KeyQueue(6, 4, torch.Generator().manual_seed(0)).keys)


def test_new_keys_overwrite_the_oldest_in_a_ring():
    queue = KeyQueue(6, 4)
    first, second, third, fourth = (torch.randn(2, 4) for _ in range(4))
    for keys in (first, second, third, fourth):
        queue.push(keys)
    wanted = F.normalize(torch.cat([fourth, second, third]), dim=1)
    assert torch.allclose(queue.keys, wanted)
    assert int(queue.pointer) == 2


def test_a_batch_must_divide_the_queue():
    with pytest.raises(ValueError, match="queue of 6 keys cannot take batches of 4"):
        KeyQueue(6, 4).push(torch.randn(4, 4))


def test_negatives_are_not_changed_by_a_later_push():
    queue = KeyQueue(4, 3)
    negatives = queue.negatives()
    before = negatives.clone()
    queue.push(torch.randn(2, 3))
    assert torch.equal(negatives, before)
    assert not torch.equal(queue.negatives(), before)


def test_the_queue_is_part_of_the_state():
    queue, other = KeyQueue(4, 3), KeyQueue(4, 3)
    queue.push(torch.randn(2, 3))
    other.load_state_dict(queue.state_dict())
    assert torch.equal(other.keys, queue.keys)
    assert int(other.pointer) == 2
