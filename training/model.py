"""The networks: what each finds per pixel, and how many multiplications it costs.

Input: one channel at 500 ppi, contrast normalized as in src/fingerprint/extract/normalize.rs, halved to 7 bits, (value - 64) / 32.
Output at a quarter of the resolution: MINUTIA_CHANNELS for each of the four half-resolution places of a cell (position, direction
cosine and sine, type, offset right and down), then orientation (cosine and sine of the doubled angle), log period, mask.
"""
import torch
from torch import nn
from torch.nn import functional as F

MINUTIA_CHANNELS = 6
FLOW_CHANNELS = 4
OUTPUTS = 4 * MINUTIA_CHANNELS + FLOW_CHANNELS

#        half, quarter, eighth, sixteenth, last; convolution at half resolution; pairs of convolutions at quarter, eighth, sixteenth, last
SHAPES = {
    "standard": dict(channels=(16, 32, 64, 96, 48), half=True, pairs=(1, 1, 2, 1)),
    "small": dict(channels=(16, 32, 48, 64, 32), half=False, pairs=(0, 1, 1, 0)),
}


class Conv(nn.Module):
    """Convolution, batch normalization and, unless it is to be added to something, rectification."""

    def __init__(self, inputs, outputs, size=3, stride=1, dilation=1, relu=True):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, dilation * (size // 2), dilation, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.relu = relu

    def forward(self, x):
        x = self.norm(self.conv(x))
        return F.relu(x) if self.relu else x


class Pair(nn.Module):
    """Two convolutions round which the input is added."""

    def __init__(self, channels, dilation=1):
        super().__init__()
        self.a = Conv(channels, channels, dilation=dilation)
        self.b = Conv(channels, channels, dilation=dilation, relu=False)

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


class Net(nn.Module):
    def __init__(self, shape="standard"):
        super().__init__()
        shape = SHAPES[shape]
        half, quarter, eighth, sixteenth, last = shape["channels"]
        pairs = lambda n, c, dilations=(1, 2): nn.Sequential(*[Pair(c, dilations[i]) for i in range(n)])
        self.stem = Conv(1, half, 7, 2)
        self.full = Conv(half, half) if shape["half"] else nn.Identity()
        self.down2 = Conv(half, quarter, stride=2)
        self.quarter = pairs(shape["pairs"][0], quarter)
        self.down3 = Conv(quarter, eighth, stride=2)
        self.eighth = pairs(shape["pairs"][1], eighth)
        self.down4 = Conv(eighth, sixteenth, stride=2)
        self.sixteenth = pairs(shape["pairs"][2], sixteenth)
        self.up4 = Conv(sixteenth, eighth, 1, relu=False)
        self.merge3 = Conv(eighth, eighth)
        self.up3 = Conv(eighth, last, 1, relu=False)
        self.fine = Conv(4 * half, last, 1, relu=False)
        self.side = Conv(quarter, last, 1, relu=False)
        self.merge2 = Conv(last, last)
        self.last = pairs(shape["pairs"][3], last)
        self.head = nn.Conv2d(last, OUTPUTS, 1)
        with torch.no_grad():
            self.head.bias.zero_()
            self.head.bias[: 4 * MINUTIA_CHANNELS : MINUTIA_CHANNELS] = -3.0

    def forward(self, x):
        half = self.full(self.stem(x))
        quarter = self.quarter(self.down2(half))
        eighth = self.eighth(self.down3(quarter))
        sixteenth = self.sixteenth(self.down4(eighth))
        up = lambda t: F.interpolate(t, scale_factor=2, mode="nearest")
        eighth = self.merge3(F.relu(eighth + up(self.up4(sixteenth))))
        fine = self.fine(F.pixel_unshuffle(half, 2))
        quarter = F.relu(self.side(quarter) + fine + up(self.up3(eighth)))
        return self.head(self.last(self.merge2(quarter)))


def split(outputs):
    """Minutia channels as (batch, places, channels, rows, columns), place 2 * row + column within the cell, and flow channels."""
    n, _, rows, columns = outputs.shape
    places = outputs[:, : 4 * MINUTIA_CHANNELS].reshape(n, 4, MINUTIA_CHANNELS, rows, columns)
    return places, outputs[:, 4 * MINUTIA_CHANNELS :]


def halves(places):
    """Minutia channels of `split` at half resolution: (batch, channels, 2 * rows, 2 * columns)."""
    n, _, channels, rows, columns = places.shape
    grid = places.reshape(n, 2, 2, channels, rows, columns)
    return grid.permute(0, 3, 4, 1, 5, 2).reshape(n, channels, 2 * rows, 2 * columns)


def macs(net, height, width):
    """Multiplications of one image."""
    total = 0
    def count(module, _, output):
        nonlocal total
        total += output.shape[2] * output.shape[3] * module.weight.numel()
    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        net.eval()(torch.zeros(1, 1, height, width))
    for hook in hooks:
        hook.remove()
    return total
