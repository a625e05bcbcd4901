"""GPEN under the reference's state-dict names, for any size, with a trunk behind a pixel unshuffle
(`unshuffle=2`: ours) or plain. Modulated convolutions are static: the style scales their input and
the demodulation their output. Parameters are float32, whatever the type of the inside."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from . import operations


def channels_at(resolution, narrow, multiplier):
    if resolution <= 32:
        return int(512 * narrow)
    return int(16384 // resolution * multiplier * narrow)


class EqualLinear(nn.Module):
    def __init__(self, inputs, outputs, rate=1.0, bias=0.0, activation=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), float(bias)))
        self.scale, self.rate, self.activation = rate / math.sqrt(inputs), rate, activation

    def forward(self, values):
        out = F.linear(values, self.weight * self.scale, self.bias * self.rate)
        return operations.activate(out) if self.activation else out


class EqualConvolution(nn.Module):
    def __init__(self, inputs, outputs, size, stride=1, pad=0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.scale, self.stride, self.pad = 1 / math.sqrt(inputs * size * size), stride, pad

    def forward(self, image):
        weight = (self.weight * self.scale).to(image.dtype)
        return F.conv2d(image, weight, stride=self.stride, padding=self.pad)


class Activation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, image):
        return operations.bias_activation(image, self.bias)


class Blur(nn.Module):
    def __init__(self, pad, gain=1.0):
        super().__init__()
        self.register_buffer("kernel", operations.blur_kernel(gain))
        self.pad, self.gain = pad, gain

    def forward(self, image):
        return operations.blur(image, self.kernel, self.pad, self.gain)


class ModulatedConvolution(nn.Module):
    """Returns the image before demodulation and the factors of the demodulation."""

    def __init__(self, inputs, outputs, style_width, up):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, 3, 3))
        self.modulation = EqualLinear(style_width, inputs, bias=1)
        self.scale, self.up = 1 / math.sqrt(inputs * 9), up
        if up:
            self.blur = Blur(1, 4.0)

    def forward(self, image, style):
        modulation = self.modulation(style)
        weight = self.weight[0] * self.scale
        demodulation = torch.rsqrt(F.linear(modulation.square(), weight.square().sum((2, 3))) + 1e-8)
        image, weight = operations.modulate(image, modulation), weight.to(image.dtype)
        if self.up and operations.folded(image):
            wide = operations.fold_blur(weight, self.blur.gain).transpose(0, 1)
            image = F.conv_transpose2d(image, wide, stride=2, padding=3 - self.blur.pad)
        elif self.up:
            image = self.blur(F.conv_transpose2d(image, weight.transpose(0, 1), stride=2))
        else:
            image = F.conv2d(image, weight, padding=1)
        return image, demodulation


class Noise(nn.Module):
    """The reference's name for the factor of the encoder's feature."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))


class StyledConvolution(nn.Module):
    def __init__(self, inputs, outputs, style_width, up=False):
        super().__init__()
        self.conv = ModulatedConvolution(inputs, outputs, style_width, up)
        self.noise = Noise()
        self.activate = Activation(2 * outputs)

    def forward(self, image, style, feature):
        image, demodulation = self.conv(image, style)
        return operations.styled_activation(image, demodulation, feature, self.noise.weight,
                                            self.activate.bias)


def padded(tensor, dimension):
    """Zeros up to a multiple of 16 in this dimension."""
    missing = -tensor.shape[dimension] % 16
    return F.pad(tensor, (0, 0) * (tensor.dim() - 1 - dimension) + (0, missing))


class PictureConvolution(nn.Module):
    """Modulated 1x1 convolution without demodulation. On the kernels its 3 or 12 outputs are
    padded to 16: with 3, oneDNN 3.7's backward is wrong in bfloat16, and with 12 it is slow."""

    def __init__(self, inputs, outputs, style_width):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, 1, 1))
        self.modulation = EqualLinear(style_width, inputs, bias=1)
        self.scale = 1 / math.sqrt(inputs)

    def forward(self, image, style):
        image = operations.modulate(image, self.modulation(style))
        weight = (self.weight[0] * self.scale).to(image.dtype)
        if operations.native(image):
            weight = padded(weight, 0)
        return F.conv2d(image, weight).float()


class Upsample(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kernel", operations.blur_kernel(4.0))


class ToPicture(nn.Module):
    def __init__(self, inputs, outputs, style_width, up=True):
        super().__init__()
        self.conv = PictureConvolution(inputs, outputs, style_width)
        self.bias = nn.Parameter(torch.zeros(1, outputs, 1, 1))
        if up:
            self.upsample = Upsample()

    def forward(self, image, style, picture=None):
        fused = operations.native(image)
        out = self.conv(image, style) + (padded(self.bias, 1) if fused else self.bias)
        if picture is None:
            return out
        return out + operations.upsample(picture, self.upsample.kernel, fused)


class Down(nn.Sequential):
    def __init__(self, inputs, outputs, size=3):
        super().__init__(Blur(2 if size == 3 else 1),
                         EqualConvolution(inputs, outputs, size, stride=2), Activation(outputs))

    def forward(self, image):
        if not operations.folded(image):
            return super().forward(image)
        blur, convolution, activation = self
        weight = (convolution.weight * convolution.scale).to(image.dtype)
        weight = operations.fold_blur(weight, blur.gain)
        return activation(F.conv2d(image, weight, stride=convolution.stride, padding=blur.pad))


class Generator(nn.Module):
    def __init__(self, levels, channels, style_width, mapping_layers, picture_channels):
        super().__init__()
        self.style = nn.Sequential(
            nn.Identity(),  # the place of the reference's parameterless PixelNorm
            *[EqualLinear(style_width, style_width, rate=0.01, activation=True)
              for _ in range(mapping_layers)])
        self.input = nn.Module()
        self.input.input = nn.Parameter(torch.randn(1, channels[2], 4, 4))
        self.conv1 = StyledConvolution(channels[2], channels[2], style_width)
        self.to_rgb1 = ToPicture(2 * channels[2], picture_channels, style_width, up=False)
        self.convs, self.to_rgbs = nn.ModuleList(), nn.ModuleList()
        inputs = channels[2]
        for level in range(3, levels + 1):
            outputs = channels[level]
            self.convs.append(StyledConvolution(2 * inputs, outputs, style_width, up=True))
            self.convs.append(StyledConvolution(2 * outputs, outputs, style_width))
            self.to_rgbs.append(ToPicture(2 * outputs, picture_channels, style_width))
            inputs = outputs

    def forward(self, code, features):
        style = self.style(code * torch.rsqrt(code.square().mean(1, keepdim=True) + 1e-8))
        image = self.input.input.to(features[0].dtype).expand(code.shape[0], -1, -1, -1)
        image = self.conv1(image, style, features[0])
        picture = self.to_rgb1(image, style)
        for level, to_picture in enumerate(self.to_rgbs):
            feature = features[level + 1]
            image = self.convs[2 * level](image, style, feature)
            image = self.convs[2 * level + 1](image, style, feature)
            picture = to_picture(image, style, picture)
        return picture[:, :self.to_rgb1.bias.shape[1]]


class Gpen(nn.Module):
    """`residual`: the output is the input plus the network's picture."""

    def __init__(self, size=256, narrow=0.25, multiplier=1, unshuffle=1, residual=True,
                 style_width=512, mapping_layers=8):
        super().__init__()
        self.size, self.narrow, self.multiplier = size, narrow, multiplier
        self.unshuffle, self.residual = unshuffle, residual
        levels = int(math.log2(size // unshuffle))
        if size != unshuffle * 2 ** levels or levels < 3:
            raise ValueError(f"expected a size of 8 or more that is {unshuffle} times a power of "
                             f"two, found {size}")
        channels = {level: channels_at(2 ** level, narrow, multiplier)
                    for level in range(2, levels + 1)}
        picture_channels = 3 * unshuffle ** 2
        self.encoder_levels = levels - 1
        self.ecd0 = nn.Sequential(nn.Sequential(
            EqualConvolution(picture_channels, channels[levels], 1), Activation(channels[levels])))
        for number, level in enumerate(range(levels, 2, -1), start=1):
            setattr(self, f"ecd{number}",
                    nn.Sequential(Down(channels[level], channels[level - 1])))
        self.final_linear = nn.Sequential(
            EqualLinear(channels[2] * 16, style_width, activation=True))
        self.generator = Generator(levels, channels, style_width, mapping_layers, picture_channels)

    def last_layer(self):
        """The weight through which all losses reach the others."""
        return self.generator.to_rgbs[-1].conv.weight

    def forward(self, photo, dtype=torch.float32):
        """float32 RGB in [-1, 1], N x 3 x size x size, to the same. `dtype`: of the inside."""
        image = photo.to(dtype)
        if self.unshuffle > 1:
            image = F.pixel_unshuffle(image, self.unshuffle)
        features = []
        for level in range(self.encoder_levels):
            image = getattr(self, f"ecd{level}")(image)
            features.append(image)
        code = self.final_linear(image.flatten(1).float())
        picture = self.generator(code, features[::-1])
        if self.unshuffle > 1:
            picture = F.pixel_shuffle(picture, self.unshuffle)
        return photo + picture if self.residual else picture
