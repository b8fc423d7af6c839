"""The image tower of a CLIP-like transformers model, as one module that embeds pictures."""

from typing import Any

from jaxtyping import Float
from torch import Tensor, nn


class TransformersVision(nn.Module):
    """Image tower and projection of `CLIPModel` and its relatives.

    Args:
        model: Holds the tower as `vision_model` and, where the tower does not end in the shared
            space by itself, the projection as `visual_projection`.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        parts: Any = model
        self.tower: Any = parts.vision_model
        self.projection: nn.Module = getattr(parts, "visual_projection", None) or nn.Identity()

    def forward(self, pixels: Float[Tensor, "images 3 height width"]) -> Float[Tensor, "images d"]:
        """Image embeddings, not normalised."""
        return self.projection(self.tower(pixel_values=pixels).pooler_output)
