import torch
from transformers import BertConfig, BertModel

from xmr_core.nn.text import BertTower, SmallTextTower, WordIds
from xmr_core.nn.tokenizer import train_tokenizer

TOKENIZER = train_tokenizer(["a red car drives"] * 5, [("红色的汽车", ["红色", "汽车"])] * 5)


def test_words_become_ids_with_marks_and_padding():
    ids, mask = WordIds(TOKENIZER)(["a red car", "红色"])
    assert ids.shape == mask.shape == (2, 5)
    assert mask.sum(1).tolist() == [5, 3]
    assert ids[~mask].unique().tolist() == [0]


def test_long_texts_are_cut():
    ids, mask = WordIds(TOKENIZER, context_length=6)(["a red car " * 20])
    assert ids.shape == (1, 6)
    assert mask.all()


def test_a_text_does_not_depend_on_its_batch():
    torch.manual_seed(0)
    towers = [
        SmallTextTower(TOKENIZER.get_vocab_size(), width=16, layers=2, heads=2).eval(),
        BertTower(
            BertModel(
                BertConfig(
                    vocab_size=TOKENIZER.get_vocab_size(),
                    hidden_size=16,
                    num_hidden_layers=2,
                    num_attention_heads=2,
                    intermediate_size=32,
                )
            )
        ).eval(),
    ]
    for tower in towers:
        ids, mask = WordIds(TOKENIZER)(["红色", "a red car drives"])
        alone = WordIds(TOKENIZER)(["红色"])
        together = tower(ids, mask)
        assert together.shape == (2, 6, tower.hidden)
        assert torch.allclose(together[0, mask[0]], tower(*alone)[0], atol=1e-5)
