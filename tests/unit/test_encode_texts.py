"""Many sentences are embedded a few at a time."""

import torch
from toy_encoder import ToyEncoder

from xmr_core import encoder as module
from xmr_core.encoder import encode_texts


def test_batches_are_small_and_give_the_same(monkeypatch):
    toy, sizes = ToyEncoder(), []
    original = toy.encode_text
    monkeypatch.setattr(
        toy, "encode_text", lambda texts: sizes.append(len(texts)) or original(texts)
    )
    monkeypatch.setattr(module, "TEXTS_AT_ONCE", 3)
    texts = [f"a car number {n}" for n in range(8)]
    found = encode_texts(toy, texts)
    assert sizes == [3, 3, 2]
    for name, part in original(texts).parts.items():
        torch.testing.assert_close(found[name], part)
