"""Folders in the layout of transformers: CLIP, SigLIP and SigLIP 2, Chinese-CLIP.

Everything that differs between them is read from the folder: widths, context length, padding,
image size, mean and deviation. transformers 5 returns an object where version 4 returned a tensor;
both are taken. Weights are safetensors, or a `pytorch_model.bin` of nothing but tensors; code of a
repository is never run.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jaxtyping import Float
from open_clip.transform import PreprocessCfg
from torch import Tensor, nn
from torch.nn import functional as F

from xmr_core.errors import CheckpointError
from xmr_core.nn.untrusted import read_weights
from xmr_core.nn.vision import TransformersVision

TRANSFORMERS_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_SIGLIP = "siglip"
_KINDS = {"clip": "CLIPModel", _SIGLIP: "SiglipModel", "chinese_clip": "ChineseCLIPModel"}
_NOT_COMPARED = {"logit_scale", "logit_bias"}  # neither changes the order of cosines
_INTERPOLATION = {2: "bilinear", 3: "bicubic"}  # Pillow's numbers


class TransformersTowers(nn.Module):
    """A transformers model that answers to the names of open_clip.

    Args:
        model: `CLIPModel`, `SiglipModel` or `ChineseCLIPModel`.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self._model: Any = model
        self.visual = TransformersVision(model)

    @property
    def logit_scale(self) -> Tensor:
        """Logarithm of the factor of the cosine in training."""
        return self._model.logit_scale

    @property
    def logit_bias(self) -> Tensor | None:
        """What SigLIP adds to the scaled cosine before the sigmoid; None for the others."""
        return getattr(self._model, "logit_bias", None)

    def encode_image(
        self, pixels: Float[Tensor, "images 3 height width"], normalize: bool = False
    ) -> Float[Tensor, "images d"]:
        """Image embeddings."""
        return _vectors(self._model.get_image_features(pixel_values=pixels), normalize)

    def encode_text(self, tokens: Any, normalize: bool = False) -> Float[Tensor, "texts d"]:
        """Text embeddings of what the tokenizer made."""
        return _vectors(self._model.get_text_features(**tokens), normalize)


def _vectors(output: Any, normalize: bool) -> Tensor:
    vectors = output if isinstance(output, Tensor) else output.pooler_output
    return F.normalize(vectors, dim=-1) if normalize else vectors


def transformers_parts(
    weights: Path,
) -> tuple[nn.Module, Callable[[list[str]], Any], PreprocessCfg]:
    """The model of a folder in evaluation mode, its tokenizer and its preprocessing.

    Args:
        weights: The weights; all other files are looked for beside them.

    Raises:
        CheckpointError: Something is missing, damaged, or of a kind that is not read here.
    """
    from transformers import AutoConfig

    folder = weights.parent
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        if config.model_type not in _KINDS:
            raise CheckpointError(
                f"{folder.name}: no model of the kind {config.model_type!r} is read here; these"
                f" are: {', '.join(_KINDS)}"
            )
        model = _model(config, read_weights(weights), weights.name)
        return model, _tokenizer(folder, config), _preprocess(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{folder.name}: transformers cannot read it: {reason}") from error


def _model(config: Any, state: dict[str, Tensor], name: str) -> nn.Module:
    """The model with all its weights; one that is missing would be left random."""
    import transformers

    model: nn.Module = getattr(transformers, _KINDS[config.model_type])(config).float()
    try:
        report = model.load_state_dict(state, strict=False)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]]
        raise CheckpointError(f"{name} does not fit its settings: {lines[0][:300]}") from error
    missing = sorted(set(report.missing_keys) - _NOT_COMPARED)
    if missing:
        raise CheckpointError(
            f"{name} does not fit its settings: {len(missing)} tensors are missing, such as"
            f" {missing[0]}"
        )
    for scalar in _NOT_COMPARED & set(report.missing_keys):
        nn.init.constant_(model.get_parameter(scalar), math.nan)  # unknown, not random
    return TransformersTowers(model.eval())


def _tokenizer(folder: Path, config: Any) -> Callable[[list[str]], Any]:
    """Cuts sentences as the model was trained: SigLIP pads to its full length, in lower case."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    full: int = config.text_config.max_position_embeddings
    siglip = config.model_type == _SIGLIP
    length = full if siglip else min(full, tokenizer.model_max_length)

    def cut(texts: Sequence[str]) -> Any:
        lowered = [text.lower() if siglip else text for text in texts]
        tokens = tokenizer(
            lowered,
            padding="max_length" if siglip else True,
            truncation=True,
            max_length=length,
            return_tensors="pt",
        )
        if siglip:  # its text tower looks at the padding too
            tokens.pop("attention_mask", None)
        tokens.pop("token_type_ids", None)  # a single sentence is always of the first type
        return tokens

    return cut


def _preprocess(folder: Path) -> PreprocessCfg:
    """What the folder's image processor does, in open_clip's terms."""
    from transformers import AutoImageProcessor

    processor: Any = AutoImageProcessor.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    size = dict(processor.size)
    crop = dict(getattr(processor, "crop_size", None) or {})
    crops = bool(getattr(processor, "do_center_crop", False)) and bool(crop)
    target = (crop["height"], crop["width"]) if crops else _both(size, folder)
    if "shortest_edge" in size and size["shortest_edge"] != min(target):
        raise CheckpointError(
            f"{folder.name}: its pictures are resized to {size['shortest_edge']} pixels and cut to"
            f" {target[0]} x {target[1]}; only a cut of the shorter edge is read here"
        )
    if abs(getattr(processor, "rescale_factor", 1 / 255) * 255 - 1) > 1e-3:
        raise CheckpointError(f"{folder.name}: its pixel values are not scaled by 1/255")
    return PreprocessCfg(
        size=target,
        mean=tuple(processor.image_mean),
        std=tuple(processor.image_std),
        interpolation=_INTERPOLATION.get(int(processor.resample), "bicubic"),
        resize_mode="shortest" if "shortest_edge" in size else "squash",
    )


def _both(size: dict[str, int], folder: Path) -> tuple[int, int]:
    if "height" not in size or "width" not in size:
        raise CheckpointError(f"{folder.name}: its image processor gives no height and width")
    return size["height"], size["width"]
