// The elementwise and blur passes of the network, forward and backward, on images stored
// channels-last. PyTorch runs them as chains of separate passes over memory, and they would then
// take six times as long as the convolutions between them. Plain C interface for ctypes; built by
// kernels.py for the machine at hand, once for each type of the images (ELEMENT: Bfloat16 or
// float). Sums are kept in float32. Thread-safe: no state.
#include <omp.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace {

struct Bfloat16 {
  uint16_t bits;  // the upper 16 of a float32
};
using Element = ELEMENT;

constexpr float kSlope = 0.2f;
constexpr float kGain = 1.4142135623730951f;
constexpr int kMaxChannels = 1024;
const float kTaps[4] = {0.125f, 0.375f, 0.375f, 0.125f};

inline float Widen(float value) { return value; }

inline float Widen(Bfloat16 half) {
  const uint32_t bits = uint32_t{half.bits} << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename T>
T Round(float value);

template <>
inline float Round<float>(float value) {
  return value;
}

template <>
inline Bfloat16 Round<Bfloat16>(float value) {  // to the nearest, ties to even
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return {static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}

inline Element Narrow(float value) { return Round<Element>(value); }

inline float Activate(float value) { return (value > 0 ? value : kSlope * value) * kGain; }
// The activation keeps the sign, so its slope can be read off its output.
inline float SlopeAt(Element output) { return Widen(output) < 0 ? kSlope * kGain : kGain; }

// Splits `count` pixels of each of `images` over the threads: body(image, first, last, thread).
template <typename Body>
void ForEachRun(int64_t images, int64_t count, Body body) {
  const int64_t runs = images * count < 4096 ? images : images * 8;
  const int64_t runs_per_image = runs / images;
#pragma omp parallel for schedule(static)
  for (int64_t run = 0; run < runs; ++run) {
    const int64_t image = run / runs_per_image, part = run % runs_per_image;
    body(image, count * part / runs_per_image, count * (part + 1) / runs_per_image,
         omp_get_thread_num());
  }
}

// One row of float32 sums for each thread, added up in the order of the threads.
class ThreadSums {
 public:
  explicit ThreadSums(int64_t width)
      : width_(width), sums_(static_cast<size_t>(width) * omp_get_max_threads()) {}
  float* Of(int thread) { return sums_.data() + thread * width_; }
  void AddTo(float* total) const {
    for (int64_t at = 0; at < static_cast<int64_t>(sums_.size()); ++at) {
      total[at % width_] += sums_[static_cast<size_t>(at)];
    }
  }

 private:
  int64_t width_;
  std::vector<float> sums_;
};

}  // namespace

extern "C" {

// Separable [1,3,3,1]/8 blur times gain, zero padding; the output is in_height + 2 pad - 3 high.
// Its own adjoint with pad 3 - pad.
void Blur(const Element* in, Element* out, int64_t images, int64_t in_height, int64_t in_width,
          int64_t channels, int64_t pad, float gain) {
  const int64_t out_height = in_height + 2 * pad - 3, out_width = in_width + 2 * pad - 3;
  const int64_t in_row = in_width * channels;
#pragma omp parallel
  {
    // The row after the vertical pass, with the horizontal padding around it.
    std::vector<float> buffer(static_cast<size_t>((in_width + 2 * pad) * channels));
    float* row = buffer.data();
#pragma omp for schedule(static) collapse(2)
    for (int64_t image = 0; image < images; ++image) {
      for (int64_t y = 0; y < out_height; ++y) {
        float* inner = row + pad * channels;
        bool first = true;
        for (int64_t tap = 0; tap < 4; ++tap) {
          const int64_t from = y + tap - pad;
          if (from < 0 || from >= in_height) continue;
          const Element* source = in + (image * in_height + from) * in_row;
          const float weight = kTaps[tap] * gain;
          if (first) {
            for (int64_t at = 0; at < in_row; ++at) inner[at] = weight * Widen(source[at]);
          } else {
            for (int64_t at = 0; at < in_row; ++at) inner[at] += weight * Widen(source[at]);
          }
          first = false;
        }
        Element* target = out + (image * out_height + y) * out_width * channels;
        const float *tap0 = row, *tap1 = row + channels, *tap2 = tap1 + channels,
                    *tap3 = tap2 + channels;
#pragma omp simd
        for (int64_t at = 0; at < out_width * channels; ++at) {
          target[at] = Narrow(0.125f * (tap0[at] + tap3[at]) + 0.375f * (tap1[at] + tap2[at]));
        }
      }
    }
  }
}

// out = sqrt(2) leaky_relu(in + bias)
void BiasActivation(const Element* in, const float* bias, Element* out, int64_t pixels,
                    int64_t channels) {
  ForEachRun(1, pixels, [=](int64_t, int64_t first, int64_t last, int) {
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const Element* source = in + pixel * channels;
      Element* target = out + pixel * channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        target[c] = Narrow(Activate(Widen(source[c]) + bias[c]));
      }
    }
  });
}

void BiasActivationBackward(const Element* grad_out, const Element* out, Element* grad_in,
                            float* grad_bias, int64_t pixels, int64_t channels) {
  ThreadSums sums(channels);
  ForEachRun(1, pixels, [&](int64_t, int64_t first, int64_t last, int thread) {
    float bias[kMaxChannels] = {};
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const int64_t at = pixel * channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        const float grad = Widen(grad_out[at + c]) * SlopeAt(out[at + c]);
        grad_in[at + c] = Narrow(grad);
        bias[c] += grad;
      }
    }
    float* sum = sums.Of(thread);
    for (int64_t c = 0; c < channels; ++c) sum[c] += bias[c];
  });
  sums.AddTo(grad_bias);
}

// out = in where positive, else slope * in; one fixed slope for each channel
void ParametricRelu(const Element* in, const float* slope, Element* out, int64_t pixels,
                    int64_t channels) {
  ForEachRun(1, pixels, [=](int64_t, int64_t first, int64_t last, int) {
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const int64_t at = pixel * channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        const float value = Widen(in[at + c]), bent = value * slope[c];
        out[at + c] = Narrow(value > 0 ? value : bent);
      }
    }
  });
}

void ParametricReluBackward(const Element* grad_out, const Element* in, const float* slope,
                            Element* grad_in, int64_t pixels, int64_t channels) {
  ForEachRun(1, pixels, [=](int64_t, int64_t first, int64_t last, int) {
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const int64_t at = pixel * channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        const float grad = Widen(grad_out[at + c]), bent = grad * slope[c];
        grad_in[at + c] = Narrow(Widen(in[at + c]) > 0 ? grad : bent);
      }
    }
  });
}

// out = in * scale, one scale for each image and channel
void Modulate(const Element* in, const float* scale, Element* out, int64_t images, int64_t pixels,
              int64_t channels) {
  ForEachRun(images, pixels, [=](int64_t image, int64_t first, int64_t last, int) {
    const float* factor = scale + image * channels;
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const int64_t at = (image * pixels + pixel) * channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) out[at + c] = Narrow(Widen(in[at + c]) * factor[c]);
    }
  });
}

void ModulateBackward(const Element* grad_out, const Element* in, const float* scale,
                      Element* grad_in, float* grad_scale, int64_t images, int64_t pixels,
                      int64_t channels) {
  ThreadSums sums(images * channels);
  ForEachRun(images, pixels, [&](int64_t image, int64_t first, int64_t last, int thread) {
    const float* factor = scale + image * channels;
    float sum[kMaxChannels] = {};
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const int64_t at = (image * pixels + pixel) * channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        const float grad = Widen(grad_out[at + c]);
        grad_in[at + c] = Narrow(grad * factor[c]);
        sum[c] += grad * Widen(in[at + c]);
      }
    }
    float* total = sums.Of(thread) + image * channels;
    for (int64_t c = 0; c < channels; ++c) total[c] += sum[c];
  });
  sums.AddTo(grad_scale);
}

// out = sqrt(2) leaky_relu(cat(in * demodulation, feature * noise) + bias): 2 x channels
void StyledActivation(const Element* in, const float* demodulation, const Element* feature,
                      float noise, const float* bias, Element* out, int64_t images, int64_t pixels,
                      int64_t channels) {
  ForEachRun(images, pixels, [=](int64_t image, int64_t first, int64_t last, int) {
    const float *factor = demodulation + image * channels, *feature_bias = bias + channels;
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const int64_t at = (image * pixels + pixel) * channels;
      Element *target = out + 2 * at, *feature_target = target + channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        target[c] = Narrow(Activate(Widen(in[at + c]) * factor[c] + bias[c]));
        feature_target[c] = Narrow(Activate(Widen(feature[at + c]) * noise + feature_bias[c]));
      }
    }
  });
}

void StyledActivationBackward(const Element* grad_out, const Element* out, const Element* in,
                              const float* demodulation, const Element* feature, float noise,
                              Element* grad_in, Element* grad_feature, float* grad_demodulation,
                              float* grad_noise, float* grad_bias, int64_t images, int64_t pixels,
                              int64_t channels) {
  ThreadSums demodulation_sums(images * channels), bias_sums(2 * channels), noise_sums(1);
  ForEachRun(images, pixels, [&](int64_t image, int64_t first, int64_t last, int thread) {
    const float* factor = demodulation + image * channels;
    float factor_sum[kMaxChannels] = {}, noise_sum[kMaxChannels] = {};
    float bias_sum[kMaxChannels] = {}, side_bias_sum[kMaxChannels] = {};
    for (int64_t pixel = first; pixel < last; ++pixel) {
      const int64_t at = (image * pixels + pixel) * channels;
      const Element *grads = grad_out + 2 * at, *outputs = out + 2 * at;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        const float grad = Widen(grads[c]) * SlopeAt(outputs[c]);
        grad_in[at + c] = Narrow(grad * factor[c]);
        factor_sum[c] += grad * Widen(in[at + c]);
        bias_sum[c] += grad;
      }
      const Element *side_grads = grads + channels, *side_outputs = outputs + channels;
#pragma omp simd
      for (int64_t c = 0; c < channels; ++c) {
        const float grad = Widen(side_grads[c]) * SlopeAt(side_outputs[c]);
        grad_feature[at + c] = Narrow(grad * noise);
        side_bias_sum[c] += grad;
        noise_sum[c] += grad * Widen(feature[at + c]);
      }
    }
    float *factors = demodulation_sums.Of(thread) + image * channels,
          *biases = bias_sums.Of(thread);
    for (int64_t c = 0; c < channels; ++c) {
      factors[c] += factor_sum[c];
      biases[c] += bias_sum[c];
      biases[channels + c] += side_bias_sum[c];
      *noise_sums.Of(thread) += noise_sum[c];
    }
  });
  demodulation_sums.AddTo(grad_demodulation);
  bias_sums.AddTo(grad_bias);
  noise_sums.AddTo(grad_noise);
}

// Doubles a float32 image with the [1,3,3,1]/4 kernel: even pixels lean on the left neighbour, odd
// ones on the right.
void Upsample(const float* in, float* out, int64_t images, int64_t height, int64_t width,
              int64_t channels) {
  const int64_t row = width * channels;
#pragma omp parallel
  {
    std::vector<float> buffer(static_cast<size_t>(row + 2 * channels));
    float* inner = buffer.data() + channels;  // one zero pixel on either side
#pragma omp for schedule(static) collapse(2)
    for (int64_t image = 0; image < images; ++image) {
      for (int64_t y = 0; y < 2 * height; ++y) {
        const int64_t near = y / 2, far = y % 2 ? near + 1 : near - 1;
        const bool has_far = far >= 0 && far < height;
        const float* near_row = in + (image * height + near) * row;
        const float* far_row = in + (image * height + (has_far ? far : near)) * row;
        const float far_weight = has_far ? 0.25f : 0.0f;
        for (int64_t at = 0; at < row; ++at) {
          inner[at] = 0.75f * near_row[at] + far_weight * far_row[at];
        }
        float* target = out + (image * 2 * height + y) * 2 * row;
        for (int64_t x = 0; x < width; ++x) {
          const float* source = inner + x * channels;
          float* pair = target + 2 * x * channels;
          for (int64_t c = 0; c < channels; ++c) {
            pair[c] = 0.75f * source[c] + 0.25f * source[c - channels];
            pair[channels + c] = 0.75f * source[c] + 0.25f * source[c + channels];
          }
        }
      }
    }
  }
}

void UpsampleBackward(const float* grad_out, float* grad_in, int64_t images, int64_t height,
                      int64_t width, int64_t channels) {
  const int64_t out_row = 2 * width * channels;
#pragma omp parallel
  {
    std::vector<float> buffer(static_cast<size_t>(out_row + 2 * channels));
    float* inner = buffer.data() + channels;
#pragma omp for schedule(static) collapse(2)
    for (int64_t image = 0; image < images; ++image) {
      for (int64_t y = 0; y < height; ++y) {
        for (int64_t at = 0; at < out_row; ++at) inner[at] = 0;
        for (int64_t tap = 0; tap < 4; ++tap) {
          const int64_t from = 2 * y + tap - 1;
          if (from < 0 || from >= 2 * height) continue;
          const float weight = 2 * kTaps[tap];
          const float* source = grad_out + (image * 2 * height + from) * out_row;
          for (int64_t at = 0; at < out_row; ++at) inner[at] += weight * source[at];
        }
        float* target = grad_in + (image * height + y) * width * channels;
        for (int64_t x = 0; x < width; ++x) {
          const float* source = inner + (2 * x - 1) * channels;
          for (int64_t c = 0; c < channels; ++c) {
            target[x * channels + c] = 0.25f * (source[c] + source[3 * channels + c]) +
                                       0.75f * (source[channels + c] + source[2 * channels + c]);
          }
        }
      }
    }
  }
}

}  // extern "C"
