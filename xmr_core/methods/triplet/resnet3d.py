"""3D residual networks of 18 and 34 layers, with the parameter names of 3D-ResNets-PyTorch."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from xmr_core.methods.triplet.config import BackboneConfig

_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}

Clips = Float[Tensor, "clips 3 frames height width"]


class ResNet3d(nn.Module):
    """From clips to pooled features.

    Implements the ResNet-18 and -34 of Hara et al., 2018 (arXiv:1711.09577), table 1.

    Args:
        config: The network; `kind` is "3d-resnet".
    """

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        width, frames = config.width, config.stem_frames
        self.conv1 = nn.Conv3d(
            3, width, (frames, 7, 7), stride=(1, 2, 2), padding=(frames // 2, 3, 3), bias=False
        )
        self.bn1 = nn.BatchNorm3d(width)
        self.pool = nn.MaxPool3d(3, stride=2, padding=1) if config.stem_pool else nn.Identity()
        channels = width
        for stage, blocks in enumerate(_BLOCKS[config.depth]):
            out = width << stage
            layers = [_Block(channels, out, 1 if stage == 0 else 2, config)]
            layers += [_Block(out, out, 1, config) for _ in range(blocks - 1)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
            channels = out
        for module in self.modules():
            if isinstance(module, nn.Conv3d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, clips: Clips) -> Float[Tensor, "clips features"]:
        """The mean of the last feature map over space and time."""
        return F.adaptive_avg_pool3d(self.feature_map(clips), 1).flatten(1)

    def feature_map(self, clips: Clips) -> Float[Tensor, "clips features t y x"]:
        """The last feature map: an eighth of the frames and a 32nd of the picture, rounded up.

        With the pooling of the stem it is a 16th of the frames.
        """
        x = self.pool(F.relu(self.bn1(self.conv1(clips))))
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return x


class _Block(nn.Module):
    """Two 3x3x3 convolutions and a shortcut around them."""

    def __init__(self, channels: int, out: int, stride: int, config: BackboneConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm3d(out)
        self.conv2 = nn.Conv3d(out, out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm3d(out)
        self.downsample: nn.Module | None = None
        if stride != 1 or channels != out:
            self.downsample = (
                _ShortcutA(out - channels, stride, config.legacy_detached_shortcut)
                if config.shortcut == "A"
                else nn.Sequential(
                    nn.Conv3d(channels, out, 1, stride, bias=False), nn.BatchNorm3d(out)
                )
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(x)) + shortcut)


class _ShortcutA(nn.Module):
    """Every second value, and zeros for the new channels; it has no parameters."""

    def __init__(self, new_channels: int, stride: int, detached: bool) -> None:
        super().__init__()
        self._new_channels, self._stride, self._detached = new_channels, stride, detached

    def forward(self, x: Tensor) -> Tensor:
        s = self._stride
        small = x[:, :, ::s, ::s, ::s]  # average pooling over one value
        padded = F.pad(small, (0, 0, 0, 0, 0, 0, 0, self._new_channels))
        return padded.detach() if self._detached else padded


def build_backbone(config: BackboneConfig) -> nn.Module:
    """The network with random weights: clips (clips, 3, frames, height, width) to features."""
    if config.kind == "3d-resnet":
        return ResNet3d(config)
    from torchvision.models.video import r3d_18

    network = r3d_18(weights=None)
    network.fc = nn.Identity()  # type: ignore[assignment]
    return network
