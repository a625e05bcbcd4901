"""The network's operations between its convolutions. There are three ways to run them:
  plain    PyTorch alone: any type, exportable, the reference
  kernels  fused, for bfloat16 and float32 images on a CPU
  folded   for a GPU: plain, but the blurs are part of the convolutions beside them, since a GPU does one
           of 6x6 sooner than one of 3x3 and a blur of every channel"""

import contextlib
import math

import torch
import torch.nn.functional as F

from . import kernels

SLOPE, GAIN = 0.2, math.sqrt(2)


WAYS = ["plain", "kernels", "folded"]
_forced = None


@contextlib.contextmanager
def forced(way):
    """All operations of all threads run this way meanwhile; None: as fits the image."""
    global _forced
    before, _forced = _forced, way
    try:
        yield
    finally:
        _forced = before


def way(image):
    if torch.jit.is_tracing():
        return "plain"
    if _forced is not None:
        return _forced
    if image.is_cuda:
        return "folded"
    return "kernels" if image.is_cpu and kernels.library(image.dtype) is not None else "plain"


def native(image):
    return way(image) == "kernels"


def folded(image):
    return way(image) == "folded"


def channels_last(image):
    return image.contiguous(memory_format=torch.channels_last)


def like(image, channels=None, height=None, width=None):
    """An uninitialised channels-last image of the same type."""
    batch, own_channels, own_height, own_width = image.shape
    return torch.empty((batch, channels or own_channels, height or own_height, width or own_width),
                       dtype=image.dtype, memory_format=torch.channels_last)


def blur_kernel(gain=1.0):
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = taps[:, None] * taps
    return kernel / kernel.sum() * gain


# --- blur -------------------------------------------------------------------------------------

class Blur(torch.autograd.Function):
    @staticmethod
    def forward(context, image, pad, gain):
        context.pad, context.gain = pad, gain
        image = channels_last(image)
        batch, channels, height, width = image.shape
        out = like(image, height=height + 2 * pad - 3, width=width + 2 * pad - 3)
        kernels.call("Blur", image, out, batch, height, width, channels, pad, gain)
        return out

    @staticmethod
    def backward(context, gradient):  # the kernel is symmetric: the adjoint is the same blur
        return Blur.apply(gradient, 3 - context.pad, context.gain), None, None


def blur(image, kernel, pad, gain):
    if native(image):
        return Blur.apply(image, pad, float(gain))
    channels = image.shape[1]
    weight = kernel.to(image.dtype).expand(channels, 1, 4, 4)
    return F.conv2d(image, weight, padding=pad, groups=channels)


def fold_blur(weight, gain):
    """The weight of one convolution that does what this one (outputs x inputs x side x side) does after
    a blur, or before it if it is transposed; 3 wider and higher."""
    outputs, inputs, side, _ = weight.shape
    kernel = blur_kernel(gain).to(weight)[None, None]
    wide = F.conv2d(weight.reshape(outputs * inputs, 1, side, side), kernel, padding=3)
    return wide.reshape(outputs, inputs, side + 3, side + 3)


# --- bias and leaky ReLU ----------------------------------------------------------------------

class BiasActivation(torch.autograd.Function):
    @staticmethod
    def forward(context, image, bias):
        image = channels_last(image)
        out = like(image)
        kernels.call("BiasActivation", image, bias, out, image.numel() // image.shape[1],
                     image.shape[1])
        context.save_for_backward(out)
        return out

    @staticmethod
    def backward(context, gradient):
        out, = context.saved_tensors
        gradient = channels_last(gradient)
        channels = out.shape[1]
        image_gradient, bias_gradient = like(out), torch.zeros(channels)
        kernels.call("BiasActivationBackward", gradient, out, image_gradient, bias_gradient,
                     out.numel() // channels, channels)
        return image_gradient, bias_gradient


def activate(values):
    return F.leaky_relu(values, SLOPE) * GAIN


def bias_activation(image, bias):
    if native(image):
        return BiasActivation.apply(image, bias)
    return activate(image + bias.view(1, -1, 1, 1).to(image.dtype))


# --- leaky ReLU with a fixed slope for each channel (the identity network's) ------------------

class ParametricRelu(torch.autograd.Function):
    @staticmethod
    def forward(context, image, slope):
        image = channels_last(image)
        context.save_for_backward(image, slope)
        out, channels = like(image), image.shape[1]
        kernels.call("ParametricRelu", image, slope, out, image.numel() // channels, channels)
        return out

    @staticmethod
    def backward(context, gradient):
        image, slope = context.saved_tensors
        out, channels = like(image), image.shape[1]
        kernels.call("ParametricReluBackward", channels_last(gradient), image, slope, out,
                     image.numel() // channels, channels)
        return out, None


def parametric_relu(image, slope):
    if native(image):
        return ParametricRelu.apply(image, slope.float())
    return F.prelu(image, slope)


# --- one factor for each image and channel ----------------------------------------------------

class Modulate(torch.autograd.Function):
    @staticmethod
    def forward(context, image, style):
        image, style = channels_last(image), style.contiguous()
        context.save_for_backward(image, style)
        batch, channels, height, width = image.shape
        out = like(image)
        kernels.call("Modulate", image, style, out, batch, height * width, channels)
        return out

    @staticmethod
    def backward(context, gradient):
        image, style = context.saved_tensors
        gradient = channels_last(gradient)
        batch, channels, height, width = image.shape
        image_gradient, style_gradient = like(image), torch.zeros_like(style)
        kernels.call("ModulateBackward", gradient, image, style, image_gradient, style_gradient,
                     batch, height * width, channels)
        return image_gradient, style_gradient


def modulate(image, style):
    if native(image):
        return Modulate.apply(image, style)
    return image * style.to(image.dtype)[:, :, None, None]


# --- demodulation, concatenation with the encoder's feature, bias and leaky ReLU --------------

class StyledActivation(torch.autograd.Function):
    @staticmethod
    def forward(context, image, demodulation, feature, noise, bias):
        image, feature = channels_last(image), channels_last(feature)
        batch, channels, height, width = image.shape
        out = like(image, channels=2 * channels)
        kernels.call("StyledActivation", image, demodulation, feature, noise.item(), bias, out,
                     batch, height * width, channels)
        context.save_for_backward(out, image, demodulation, feature, noise)
        return out

    @staticmethod
    def backward(context, gradient):
        out, image, demodulation, feature, noise = context.saved_tensors
        gradient = channels_last(gradient)
        batch, channels, height, width = image.shape
        image_gradient, feature_gradient = like(image), like(feature)
        demodulation_gradient = torch.zeros_like(demodulation)
        noise_gradient, bias_gradient = torch.zeros_like(noise), torch.zeros(2 * channels)
        kernels.call("StyledActivationBackward", gradient, out, image, demodulation, feature,
                     noise.item(), image_gradient, feature_gradient, demodulation_gradient,
                     noise_gradient, bias_gradient, batch, height * width, channels)
        return (image_gradient, demodulation_gradient, feature_gradient, noise_gradient,
                bias_gradient)


def styled_activation(image, demodulation, feature, noise, bias):
    if native(image):
        return StyledActivation.apply(image, demodulation.contiguous(), feature, noise, bias)
    image = image * demodulation.to(image.dtype)[:, :, None, None]
    both = torch.cat([image, feature * noise.to(image.dtype)], 1)
    return activate(both + bias.view(1, -1, 1, 1).to(image.dtype))


# --- doubling of the float32 picture that the levels add to -----------------------------------

class Upsample(torch.autograd.Function):
    @staticmethod
    def forward(context, image):
        image = channels_last(image)
        context.shape = batch, channels, height, width = image.shape
        out = like(image, height=2 * height, width=2 * width)
        kernels.call("Upsample", image, out, batch, height, width, channels)
        return out

    @staticmethod
    def backward(context, gradient):
        gradient = channels_last(gradient)
        batch, channels, height, width = context.shape
        out = like(gradient, height=height, width=width)
        kernels.call("UpsampleBackward", gradient, out, batch, height, width, channels)
        return out


def upsample(image, kernel, fused):
    """`fused`: the network runs on the kernels (the picture is float32 whatever the network's type)."""
    if fused:
        return Upsample.apply(image)
    if folded(image):  # two weighted sums: a GPU is slow at transposed convolutions of one channel
        for dimension in (2, 3):
            first, last = (torch.zeros_like(image.narrow(dimension, 0, 1)) for _ in range(2))
            wide = torch.cat([first, image, last], dimension)
            before, middle, after = (wide.narrow(dimension, start, image.shape[dimension])
                                     for start in range(3))
            pairs = [0.25 * before + 0.75 * middle, 0.75 * middle + 0.25 * after]
            image = torch.stack(pairs, dimension + 1).flatten(dimension, dimension + 1)
        return image
    channels = image.shape[1]
    return F.conv_transpose2d(image, kernel.expand(channels, 1, 4, 4), stride=2, padding=1,
                              groups=channels)
