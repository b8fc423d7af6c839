"""Small random models saved as the public ones are published, one folder each.

The names and formats of the files are those of the repositories; only the sizes are small.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import open_clip
import torch
import transformers
from safetensors.torch import save_file
from small_models import small_vocabulary
from tokenizers import Tokenizer, normalizers, processors
from tokenizers.models import BPE

from xmr_core.nn.tokenizer import save_tokenizer

SIDE, WIDTH = 32, 24
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
HALF = [0.5, 0.5, 0.5]
VISION = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 2,
    "image_size": SIDE, "patch_size": 8,
}  # fmt: skip
TEXT = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
}  # fmt: skip
CHINESE = "红色的汽车开向左边两只蓝色的狗跳在路上"
XLM = {
    "model_type": "xlm-roberta", "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2,
    "layer_norm_eps": 1e-5, "max_position_embeddings": 82, "type_vocab_size": 1, **TEXT,
}  # fmt: skip


def seeded(build: Callable[[], Any]) -> Any:
    """What `build` makes with the same random weights every time, biases not zero."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = build().eval()
        for name, value in model.named_parameters():
            if name.endswith("bias") and value.ndim == 1 and value.numel() > 1:
                value.normal_(std=0.1)
    return model


def write_json(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record))


def write_clip_vocabulary(folder: Path) -> None:
    """`vocab.json` and `merges.txt` of CLIP, from the copy that open_clip brings along."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = Path(open_clip.__file__).parent / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.decompress(packed.read_bytes()).decode().split("\n")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(lines[1 : 49152 - 256 - 1]))
    marks = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    encoder = open_clip.SimpleTokenizer().encoder
    write_json(folder / "vocab.json", {marks.get(k, k): v for k, v in encoder.items()})
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "CLIPTokenizer", "model_max_length": 77,
            "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>",
            "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
        },
    )  # fmt: skip


def clip4clip(folder: Path) -> None:
    """Searchium-ai/clip4clip-webvid150k: `CLIPModel`, safetensors, CLIP's own vocabulary."""
    write_clip_vocabulary(folder)
    text = {**TEXT, "vocab_size": 49408, "max_position_embeddings": 77, "eos_token_id": 49407}
    config = transformers.CLIPConfig(
        text_config=text, vision_config=dict(VISION), projection_dim=WIDTH
    )
    seeded(lambda: transformers.CLIPModel(config)).save_pretrained(folder)
    write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "CLIPImageProcessor", "do_resize": True,
            "size": {"shortest_edge": SIDE}, "do_center_crop": True,
            "crop_size": {"height": SIDE, "width": SIDE}, "resample": 3, "do_normalize": True,
            "image_mean": MEAN, "image_std": STD,
        },
    )  # fmt: skip


def write_letters(folder: Path) -> int:
    """A Gemma tokenizer as SigLIP 2 publishes it, with letters for its pieces; returns how many."""
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz", *CHINESE]
    pieces = list(dict.fromkeys(pieces))
    tokenizer = Tokenizer(BPE({piece: i for i, piece in enumerate(pieces)}, [], unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <eos>", special_tokens=[("<eos>", 1)]
    )
    tokenizer.add_special_tokens(pieces[:4])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "GemmaTokenizer", "add_bos_token": False, "add_eos_token": True,
            "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
            "unk_token": "<unk>", "model_max_length": 64, "padding_side": "right",
            "processor_class": "SiglipProcessor",
        },
    )  # fmt: skip
    return len(pieces)


def siglip2(folder: Path) -> None:
    """google/siglip2-base-patch16-224: `SiglipModel`, an attention pool, squeezed pictures."""
    text = {
        **TEXT, "vocab_size": write_letters(folder), "max_position_embeddings": 16,
        "projection_size": 32,
    }  # fmt: skip
    config = transformers.SiglipConfig(text_config=text, vision_config=dict(VISION))
    seeded(lambda: transformers.SiglipModel(config)).save_pretrained(folder)
    write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "SiglipImageProcessor", "do_resize": True,
            "size": {"height": SIDE, "width": SIDE}, "resample": 2, "do_normalize": True,
            "do_rescale": True, "rescale_factor": 1 / 255, "image_mean": HALF, "image_std": HALF,
        },
    )  # fmt: skip


def chinese_clip(folder: Path) -> None:
    """OFA-Sys/chinese-clip-vit-base-patch16: BERT text, `vocab.txt`, a pickle of tensors."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(CHINESE), "red", "car"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    text = {**TEXT, "vocab_size": len(words), "max_position_embeddings": 32, "pad_token_id": 0}
    config = transformers.ChineseCLIPConfig(
        text_config=text, vision_config=dict(VISION), projection_dim=WIDTH
    )
    config.save_pretrained(folder)
    model = seeded(lambda: transformers.ChineseCLIPModel(config))
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    write_json(
        folder / "preprocessor_config.json",
        {
            "feature_extractor_type": "ChineseCLIPFeatureExtractor", "do_resize": True,
            "size": {"height": SIDE, "width": SIDE}, "do_center_crop": False, "resample": 3,
            "do_normalize": True, "image_mean": MEAN, "image_std": STD,
        },
    )  # fmt: skip


def open_clip_folder(folder: Path, model_cfg: dict[str, Any], preprocess: dict[str, Any]) -> None:
    """The layout that open_clip pushes to the Hub."""
    write_json(
        folder / "open_clip_config.json", {"model_cfg": model_cfg, "preprocess_cfg": preprocess}
    )
    cfg = {key: value for key, value in model_cfg.items() if key != "custom_text"}
    kind = open_clip.CustomTextCLIP if model_cfg.get("custom_text") else open_clip.CLIP
    model = seeded(lambda: kind(**cfg))
    save_file(
        {key: value.contiguous().clone() for key, value in model.state_dict().items()},
        folder / "open_clip_model.safetensors",
    )


def openai(folder: Path) -> None:
    """timm/vit_base_patch32_clip_224.openai: QuickGELU, CLIP's own vocabulary."""
    vision = {"image_size": SIDE, "patch_size": 8, "width": 32, "layers": 3, "head_width": 16}
    text = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
    open_clip_folder(
        folder,
        {"embed_dim": WIDTH, "quick_gelu": True, "vision_cfg": vision, "text_cfg": text},
        {"mean": MEAN, "std": STD, "interpolation": "bicubic", "resize_mode": "shortest"},
    )


def _map_pool(embed_dim: int, init_logit_bias: float | None, text: dict[str, Any]) -> dict:
    """A timm tower that pools by attention."""
    vision = {
        "image_size": 160, "timm_model_name": "test_vit3", "timm_model_pretrained": False,
        "timm_pool": "map", "timm_proj": "none" if init_logit_bias is not None else None,
    }  # fmt: skip
    bias = {} if init_logit_bias is None else {"init_logit_bias": init_logit_bias}
    return {
        "embed_dim": embed_dim, **bias, "custom_text": True, "vision_cfg": vision, "text_cfg": text,
    }  # fmt: skip


def siglip2_open_clip(folder: Path) -> None:
    """timm/ViT-B-16-SigLIP2: a bias, bidirectional text, its tokenizer in the folder."""
    vocabulary = small_vocabulary()
    folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(vocabulary, folder)
    text = {
        "context_length": 16, "vocab_size": vocabulary.get_vocab_size(), "width": 96, "heads": 2,
        "layers": 2, "hf_tokenizer_name": "somewhere/else",
        "tokenizer_kwargs": {"clean": "canonicalize"}, "no_causal_mask": True, "proj_bias": True,
        "pool_type": "last",
    }  # fmt: skip
    open_clip_folder(
        folder,
        _map_pool(96, -10.0, text),
        {"mean": HALF, "std": HALF, "interpolation": "bicubic", "resize_mode": "squash"},
    )


def pe_core(folder: Path) -> None:
    """timm/PE-Core-B-16: a timm tower with a projection, CLIP's vocabulary, a short context."""
    text = {"context_length": 32, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
    open_clip_folder(
        folder,
        _map_pool(WIDTH, None, text),
        {"mean": HALF, "std": HALF, "interpolation": "bilinear", "resize_mode": "squash"},
    )


def xlm_roberta(folder: Path) -> dict[str, Any]:
    """laion/CLIP-ViT-B-32-xlm-roberta-base-laion5B-s13B-b90k: a pickle and a tokenizer, no config.

    Returns:
        What its card must say in `source`.
    """
    tokenizer = small_vocabulary()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    # Its special tokens are <pad> 0, <start> 1, <unk> 2 here; the real ones differ.
    text = {**XLM, "vocab_size": tokenizer.get_vocab_size(), "pad_token_id": 0}
    config = {
        "embed_dim": WIDTH,
        "vision_cfg": {
            "image_size": SIDE, "patch_size": 8, "width": 32, "layers": 3, "head_width": 16,
        },
        "text_cfg": {
            "hf_model_name": "xlm-roberta-base", "hf_tokenizer_name": "xlm-roberta-base",
            "hf_pooler_type": "mean_pooler",
        },
    }  # fmt: skip
    # open_clip knows the real architecture by name; the small one is made known to it.
    named = folder.parent / "small-xlm-roberta.json"
    write_json(named, config)
    open_clip.add_model_config(named)
    settings = folder.parent / "text-settings"
    write_json(settings / "config.json", text)
    cfg = json.loads(json.dumps(config))
    cfg["text_cfg"] |= {"hf_model_name": str(settings), "hf_model_pretrained": False}
    model = seeded(lambda: open_clip.CustomTextCLIP(**cfg))
    torch.save(model.state_dict(), folder / "open_clip_pytorch_model.bin")
    return {
        "kind": "open_clip",
        "architecture": "small-xlm-roberta",
        "tag": "",
        "repo": "owner/name",
        "revision": "0" * 40,
        "files": {"open_clip_pytorch_model.bin": "", "tokenizer.json": ""},
        "text_config": text,
        "tokenizer_config": {
            "tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>",
            "bos_token": "<start>", "eos_token": "<end>", "unk_token": "<unk>",
        },
    }  # fmt: skip


WITHOUT_CARD: dict[str, Callable[[Path], None]] = {
    "openai": openai,
    "siglip2-open-clip": siglip2_open_clip,
    "pe-core": pe_core,
    "clip4clip": clip4clip,
    "siglip2": siglip2,
    "chinese-clip": chinese_clip,
}
