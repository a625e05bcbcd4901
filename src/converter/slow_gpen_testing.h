// The slow plain twin of the converted graph, for tests: GPEN as its reference implementation
// writes it, in double precision, with loops. Weights are modulated, nothing is folded.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "converter/checkpoint_testing.h"
#include "converter/gpen_description.h"

namespace gpen::converter {

/// Channels x size x size.
struct Planes {
  int channels = 0;
  int size = 0;
  std::vector<double> values;

  Planes(int c, int s) : channels(c), size(s), values(static_cast<std::size_t>(c * s * s)) {}
  double& At(int c, int y, int x) {
    return values[static_cast<std::size_t>((c * size + y) * size + x)];
  }
  double Get(int c, int y, int x) const {
    if (y < 0 || x < 0 || y >= size || x >= size) return 0;
    return values[static_cast<std::size_t>((c * size + y) * size + x)];
  }
};

class SlowGpen {
 public:
  SlowGpen(const GpenDescription& description, const TestTensors& tensors)
      : description_(description), tensors_(tensors) {}

  /// `input` and the result are 3 x size x size.
  Planes Run(const Planes& input) const {
    const int u = description_.unshuffle;
    Planes x = u == 1 ? input : Unshuffle(input, u);
    std::vector<Planes> features;
    x = Activate(Convolve(x, Weight("ecd0.0.0.weight"), 1, 1, 0), Values("ecd0.0.1.bias"));
    features.push_back(x);
    for (int i = 1; i <= description_.levels(); ++i) {
      const std::string name = "ecd" + std::to_string(i) + ".0.";
      x = Blur(x, Values(name + "0.kernel"), 2, 2);
      x = Activate(Convolve(x, Weight(name + "1.weight"), 3, 2, 0), Values(name + "2.bias"));
      features.push_back(x);
    }
    const std::vector<double> style = Mapping(Linear(x.values, "final_linear.0", 1.0, true));
    Planes image = Decode(features, style);
    return u == 1 ? image : Shuffle(image, u);
  }

 private:
  using Vector = std::vector<double>;

  const std::vector<float>& Values(const std::string& name) const {
    return tensors_.at(name).values;
  }

  // Scaled as EqualConv2d and ModulatedConv2d do: by 1/sqrt(fan in).
  Vector Weight(const std::string& name) const {
    const auto& tensor = tensors_.at(name);
    const std::size_t n = tensor.shape.size();
    const double fan_in =
        static_cast<double>(tensor.shape[n - 3] * tensor.shape[n - 2] * tensor.shape[n - 1]);
    Vector weight(tensor.values.begin(), tensor.values.end());
    for (double& value : weight) value /= std::sqrt(fan_in);
    return weight;
  }

  static double Lrelu(double x) { return std::sqrt(2.0) * (x < 0 ? 0.2 * x : x); }

  static Planes Activate(Planes x, const std::vector<float>& bias) {
    const std::size_t plane = x.values.size() / static_cast<std::size_t>(x.channels);
    for (std::size_t i = 0; i < x.values.size(); ++i)
      x.values[i] = Lrelu(x.values[i] + bias[i / plane]);
    return x;
  }

  Vector Linear(const Vector& x, const std::string& name, double rate, bool activate) const {
    const auto& weight = Values(name + ".weight");
    const auto& bias = Values(name + ".bias");
    Vector y(bias.size());
    for (std::size_t o = 0; o < y.size(); ++o) {
      for (std::size_t i = 0; i < x.size(); ++i) y[o] += x[i] * weight[o * x.size() + i];
      y[o] = y[o] * rate / std::sqrt(static_cast<double>(x.size())) + bias[o] * rate;
      if (activate) y[o] = Lrelu(y[o]);
    }
    return y;
  }

  Vector Mapping(Vector z) const {
    double mean = 0;
    for (const double value : z) mean += value * value / static_cast<double>(z.size());
    for (double& value : z) value /= std::sqrt(mean + 1e-8);
    for (int i = 1; i <= description_.mapping_layers; ++i) {
      z = Linear(z, "generator.style." + std::to_string(i), 0.01, true);
    }
    return z;
  }

  static Planes Convolve(const Planes& x, const Vector& weight, int taps, int stride, int pad) {
    const int out = static_cast<int>(weight.size()) / (x.channels * taps * taps);
    Planes y(out, (x.size + 2 * pad - taps) / stride + 1);
    std::size_t w = 0;
    for (int o = 0; o < out; ++o) {
      for (int c = 0; c < x.channels; ++c) {
        for (int ky = 0; ky < taps; ++ky) {
          for (int kx = 0; kx < taps; ++kx, ++w) {
            for (int i = 0; i < y.size; ++i) {
              for (int j = 0; j < y.size; ++j) {
                y.At(o, i, j) += weight[w] * x.Get(c, i * stride + ky - pad, j * stride + kx - pad);
              }
            }
          }
        }
      }
    }
    return y;
  }

  // upfirdn2d without resampling: a true convolution, the kernel turned.
  static Planes Blur(const Planes& x, const std::vector<float>& kernel, int before, int after) {
    Planes y(x.channels, x.size + before + after - 3);
    for (int c = 0; c < x.channels; ++c) {
      for (int i = 0; i < y.size; ++i) {
        for (int j = 0; j < y.size; ++j) {
          for (int k = 0; k < 16; ++k) {
            y.At(c, i, j) += kernel[static_cast<std::size_t>(15 - k)] *
                             x.Get(c, i + k / 4 - before, j + k % 4 - before);
          }
        }
      }
    }
    return y;
  }

  static Planes TransposedConvolve(const Planes& x, const Vector& weight, int out) {
    Planes y(out, 2 * x.size + 1);
    for (int o = 0; o < out; ++o) {
      for (int c = 0; c < x.channels; ++c) {
        for (int k = 0; k < 9; ++k) {
          const double w = weight[static_cast<std::size_t>((o * x.channels + c) * 9 + k)];
          for (int i = 0; i < x.size; ++i) {
            for (int j = 0; j < x.size; ++j)
              y.At(o, 2 * i + k / 3, 2 * j + k % 3) += w * x.Get(c, i, j);
          }
        }
      }
    }
    return y;
  }

  Planes Modulated(const Planes& x, const std::string& name, const Vector& style, int taps, bool up,
                   bool demodulate) const {
    Vector weight = Weight(name + ".weight");
    const Vector s = Linear(style, name + ".modulation", 1.0, false);
    const std::size_t filter = s.size() * static_cast<std::size_t>(taps * taps);
    for (std::size_t o = 0; o < weight.size(); o += filter) {
      double sum = 1e-8;
      for (std::size_t i = 0; i < filter; ++i) {
        weight[o + i] *= s[i / static_cast<std::size_t>(taps * taps)];
        sum += weight[o + i] * weight[o + i];
      }
      for (std::size_t i = 0; demodulate && i < filter; ++i) weight[o + i] /= std::sqrt(sum);
    }
    if (!up) return Convolve(x, weight, taps, 1, taps / 2);
    const int out = static_cast<int>(weight.size() / filter);
    return Blur(TransposedConvolve(x, weight, out), Values(name + ".blur.kernel"), 1, 1);
  }

  Planes Styled(const Planes& x, const std::string& name, const Vector& style,
                const Planes& feature, bool up) const {
    Planes y = Modulated(x, name + ".conv", style, 3, up, true);
    const double noise = Values(name + ".noise.weight")[0];
    y.channels *= 2;
    for (const double value : feature.values) y.values.push_back(noise * value);
    return Activate(y, Values(name + ".activate.bias"));
  }

  Planes ToRgb(const Planes& x, const std::string& name, const Vector& style,
               const Planes* skip) const {
    Planes y = Modulated(x, name + ".conv", style, 1, false, false);
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      y.values[i] += Values(name + ".bias")[i / static_cast<std::size_t>(y.size * y.size)];
    }
    if (skip == nullptr) return y;
    Planes spaced(skip->channels, 2 * skip->size);
    for (int c = 0; c < skip->channels; ++c) {
      for (int i = 0; i < skip->size; ++i) {
        for (int j = 0; j < skip->size; ++j) spaced.At(c, 2 * i, 2 * j) = skip->Get(c, i, j);
      }
    }
    const Planes enlarged = Blur(spaced, Values(name + ".upsample.kernel"), 2, 1);
    for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += enlarged.values[i];
    return y;
  }

  Planes Decode(const std::vector<Planes>& features, const Vector& style) const {
    const auto& start = tensors_.at("generator.input.input");
    Planes x(static_cast<int>(start.shape[1]), 4);
    x.values.assign(start.values.begin(), start.values.end());
    x = Styled(x, "generator.conv1", style, features.back(), false);
    Planes image = ToRgb(x, "generator.to_rgb1", style, nullptr);
    for (int level = 0; level < description_.levels(); ++level) {
      const Planes& feature = features[static_cast<std::size_t>(description_.levels() - 1 - level)];
      x = Styled(x, "generator.convs." + std::to_string(2 * level), style, feature, true);
      x = Styled(x, "generator.convs." + std::to_string(2 * level + 1), style, feature, false);
      image = ToRgb(x, "generator.to_rgbs." + std::to_string(level), style, &image);
    }
    return image;
  }

  static Planes Unshuffle(const Planes& x, int u) {
    Planes y(x.channels * u * u, x.size / u);
    for (int c = 0; c < y.channels; ++c) {
      for (int i = 0; i < y.size; ++i) {
        for (int j = 0; j < y.size; ++j) {
          y.At(c, i, j) = x.Get(c / (u * u), i * u + c / u % u, j * u + c % u);
        }
      }
    }
    return y;
  }

  static Planes Shuffle(const Planes& x, int u) {
    Planes y(x.channels / (u * u), x.size * u);
    for (int c = 0; c < y.channels; ++c) {
      for (int i = 0; i < y.size; ++i) {
        for (int j = 0; j < y.size; ++j) {
          y.At(c, i, j) = x.Get(c * u * u + i % u * u + j % u, i / u, j / u);
        }
      }
    }
    return y;
  }

  const GpenDescription& description_;
  const TestTensors& tensors_;
};

}  // namespace gpen::converter
