"""Each fused kernel against its plain PyTorch twin, forward and backward."""

import unittest

import torch

from gpen_training import kernels, operations, processor

WITHOUT_COMPILER = "SKIPPED LOUDLY: no C++ compiler, no kernels to test"


def twin(tensor):
    """The same values in float64, where the plain operations run."""
    return tensor.detach().double().contiguous().requires_grad_()


class Cases:
    """For each type of image: `dtype`, and the `error` that it may make."""

    def setUp(self):
        torch.manual_seed(3)

    def image(self, *shape):
        values = torch.randn(*shape).to(self.dtype)
        return values.contiguous(memory_format=torch.channels_last).requires_grad_()

    def check(self, operation, *inputs):
        plain_inputs = [twin(tensor) for tensor in inputs]
        out, plain = operation(*inputs), operation(*plain_inputs)
        gradient = torch.randn(out.shape)
        found = [out, *torch.autograd.grad(out, inputs, gradient.to(out.dtype))]
        expected = [plain, *torch.autograd.grad(plain, plain_inputs, gradient.double())]
        for number, (own, other) in enumerate(zip(found, expected)):
            error = (own.double() - other).norm() / other.norm()
            self.assertLess(error, self.error,
                            f"{'output' if number == 0 else f'gradient {number}'}")

    def test_blur(self):
        for channels, side, pad, gain in ((32, 20, 2, 1.0), (20, 17, 1, 4.0), (3, 9, 1, 1.0)):
            kernel = operations.blur_kernel(gain)
            self.check(lambda x: operations.blur(x, kernel, pad, gain), self.image(2, channels, side, side))

    def test_bias_activation(self):
        self.check(operations.bias_activation, self.image(3, 24, 11, 13),
                   torch.randn(24, requires_grad=True))

    def test_modulate(self):
        self.check(operations.modulate, self.image(3, 48, 70, 70),
                   torch.rand(3, 48).add(0.5).requires_grad_())

    def test_parametric_relu(self):
        slope = torch.randn(40)
        self.check(lambda x: operations.parametric_relu(x, slope.to(x.dtype)), self.image(2, 40, 9, 9))

    def test_styled_activation(self):
        for side in (4, 70):
            self.check(operations.styled_activation, self.image(2, 32, side, side),
                       torch.rand(2, 32).add(0.5).requires_grad_(), self.image(2, 32, side, side),
                       torch.full((1,), 0.7, requires_grad=True),
                       torch.randn(64, requires_grad=True))

    def test_upsample(self):
        picture = torch.randn(2, 12, 9, 7).contiguous(memory_format=torch.channels_last)
        kernel = operations.blur_kernel(4.0)
        self.check(lambda x: operations.upsample(x, kernel.to(x.dtype), x.dtype == torch.float32),
                   picture.requires_grad_())


@unittest.skipIf(kernels.find_compiler() is None, WITHOUT_COMPILER)
class Bfloat16Test(Cases, unittest.TestCase):
    dtype, error = torch.bfloat16, 0.01


@unittest.skipIf(kernels.find_compiler() is None, WITHOUT_COMPILER)
class Float32Test(Cases, unittest.TestCase):
    dtype, error = torch.float32, 1e-5


class PrecisionTest(unittest.TestCase):
    def test_bfloat16_where_the_processor_has_it(self):
        for flags, native in (("flags\t\t: fpu avx2 avx512_bf16 aes", True),
                              ("flags : fpu amx_bf16 amx_tile", True),
                              ("Features\t: fp asimd bf16 i8mm", True),
                              ("flags\t\t: fpu avx2 avx512f", False),
                              ("model name : bf16", False), ("", False)):
            self.assertEqual(processor.has_bfloat16("processor\t: 0\n" + flags + "\n"), native, flags)

    def test_a_precision_that_is_named_is_taken(self):
        for name in ("float32", "bfloat16"):
            self.assertEqual(processor.dtype(name), getattr(torch, name))
        self.assertIn(processor.dtype("auto"), (torch.float32, torch.bfloat16))


if __name__ == "__main__":
    unittest.main()
