"""The network's operations between its convolutions, each written twice: in plain PyTorch (any
type, exportable, the reference) and on the fused kernels, which bfloat16 images on a CPU take."""

import math

import torch
import torch.nn.functional as F

from . import kernels

SLOPE, GAIN = 0.2, math.sqrt(2)


def native(image):
    return image.dtype == torch.bfloat16 and not torch.jit.is_tracing() \
        and kernels.library() is not None


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
    """`fused`: the network runs on the kernels (the picture itself is float32 either way)."""
    if fused:
        return Upsample.apply(image)
    channels = image.shape[1]
    return F.conv_transpose2d(image, kernel.expand(channels, 1, 4, 4), stride=2, padding=1,
                              groups=channels)
