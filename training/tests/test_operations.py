"""Each fused kernel against its plain PyTorch twin, forward and backward."""

import unittest

import torch

from gpen_training import kernels, operations


def image(*shape):
    values = torch.randn(*shape).bfloat16().contiguous(memory_format=torch.channels_last)
    return values.requires_grad_()


def twin(tensor):
    """The same values in float64, where the plain operations run."""
    return tensor.detach().double().contiguous().requires_grad_()


@unittest.skipIf(kernels.library() is None, "SKIPPED LOUDLY: no C++ compiler, no kernels to test")
class OperationsTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)

    def check(self, operation, *inputs):
        plain_inputs = [twin(tensor) for tensor in inputs]
        out, plain = operation(*inputs), operation(*plain_inputs)
        gradient = torch.randn(out.shape)
        found = [out, *torch.autograd.grad(out, inputs, gradient.to(out.dtype))]
        expected = [plain, *torch.autograd.grad(plain, plain_inputs, gradient.double())]
        for number, (own, other) in enumerate(zip(found, expected)):
            error = (own.double() - other).norm() / other.norm()
            self.assertLess(error, 0.01, f"{'output' if number == 0 else f'gradient {number}'}")

    def test_blur(self):
        for channels, side, pad, gain in ((32, 20, 2, 1.0), (20, 17, 1, 4.0), (3, 9, 1, 1.0)):
            kernel = operations.blur_kernel(gain)
            self.check(lambda x: operations.blur(x, kernel, pad, gain), image(2, channels, side, side))

    def test_bias_activation(self):
        self.check(operations.bias_activation, image(3, 24, 11, 13),
                   torch.randn(24, requires_grad=True))

    def test_modulate(self):
        self.check(operations.modulate, image(3, 48, 70, 70),
                   torch.rand(3, 48).add(0.5).requires_grad_())

    def test_parametric_relu(self):
        slope = torch.randn(40)
        self.check(lambda x: operations.parametric_relu(x, slope.to(x.dtype)), image(2, 40, 9, 9))

    def test_styled_activation(self):
        for side in (4, 70):
            self.check(operations.styled_activation, image(2, 32, side, side),
                       torch.rand(2, 32).add(0.5).requires_grad_(), image(2, 32, side, side),
                       torch.full((1,), 0.7, requires_grad=True),
                       torch.randn(64, requires_grad=True))

    def test_upsample(self):
        picture = torch.randn(2, 12, 9, 7).contiguous(memory_format=torch.channels_last)
        kernel = operations.blur_kernel(4.0)
        self.check(lambda x: operations.upsample(x, kernel.to(x.dtype), x.dtype == torch.float32),
                   picture.requires_grad_())


if __name__ == "__main__":
    unittest.main()
