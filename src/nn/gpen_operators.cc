#include "nn/gpen_operators.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include "kernels/layers.h"

namespace gpen::nn {
namespace {

// An operator's input as the kernels see it. A wrong shape is the model's fault: it ends the run
// with a message.
class Tensor {
 public:
  Tensor(const Ort::KernelContext& context, std::size_t index)
      : Tensor(context.GetInput(index), index) {}

  const float* data() const { return data_; }
  int dimension(std::size_t i) const { return static_cast<int>(shape_.at(i)); }

  void RequireRank(std::size_t rank) const {
    if (shape_.size() != rank) {
      throw Ort::Exception(
          fmt::format("input {}: expected {} dimensions, found {}", index_, rank, shape_.size()),
          ORT_INVALID_GRAPH);
    }
  }

  // `data`, after a check that there are as many values.
  const float* Values(std::int64_t count) const {
    if (count != count_) {
      throw Ort::Exception(
          fmt::format("input {}: expected {} values, found {}", index_, count, count_),
          ORT_INVALID_GRAPH);
    }
    return data_;
  }
  const float* Values(std::int64_t a, std::int64_t b, std::int64_t c = 1) const {
    return Values(a * b * c);
  }

 private:
  Tensor(const Ort::ConstValue& value, std::size_t index)
      : shape_(value.GetTensorTypeAndShapeInfo().GetShape()),
        count_(static_cast<std::int64_t>(value.GetTensorTypeAndShapeInfo().GetElementCount())),
        index_(index),
        data_(value.GetTensorData<float>()) {}

  std::vector<std::int64_t> shape_;
  std::int64_t count_ = 0;
  std::size_t index_ = 0;
  const float* data_ = nullptr;
};

float* Output(const Ort::KernelContext& context, std::array<std::int64_t, 4> shape) {
  return context.GetOutput(0, shape.data(), shape.size()).GetTensorMutableData<float>();
}

// 1 x height x width x channels.
struct MapShape {
  explicit MapShape(const Tensor& map) {
    map.RequireRank(4);
    height = map.dimension(1);
    width = map.dimension(2);
    channels = map.dimension(3);
    map.Values(height, width, channels);
  }
  int height = 0;
  int width = 0;
  int channels = 0;
};

// out / block x 3 x 3 x in x block, for `in` channels.
kernels::Weights WeightsOf(const Tensor& tensor, int in) {
  tensor.RequireRank(5);
  const int block = tensor.dimension(4);
  if (block < 1) {
    throw Ort::Exception("a weight: expected blocks of one channel or more, found none",
                         ORT_INVALID_GRAPH);
  }
  const int out = tensor.dimension(0) * block;
  return {tensor.Values(std::int64_t{9} * in, out), in, out, block};
}

// Inputs 0 to 4 of every layer of the decoder.
class DecoderInput {
 public:
  explicit DecoderInput(const Ort::KernelContext& context)
      : image_(context, 0),
        feature_(context, 1),
        scale_(context, 2),
        bias_(context, 3),
        style_(context, 4) {}

  kernels::StyledInput Get() const {
    const MapShape shape(image_);
    return {image_.data(),
            feature_.Values(shape.height, shape.width, shape.channels),
            *scale_.Values(1),
            bias_.Values(shape.channels),
            style_.Values(2, shape.channels),
            shape.height,
            shape.width,
            shape.channels};
  }

 private:
  Tensor image_, feature_, scale_, bias_, style_;
};

// Inputs 0 to 7 of a convolution of the decoder.
class DecoderConvolution {
 public:
  explicit DecoderConvolution(const Ort::KernelContext& context)
      : input_(context), weight_(context, 5), factor_(context, 6), bias_(context, 7) {}

  template <typename Layer>
  void FillIn(Layer& layer) const {
    layer.input = input_.Get();
    layer.weights = WeightsOf(weight_, 2 * layer.input.channels);
    layer.ending = {factor_.Values(layer.weights.out), bias_.Values(layer.weights.out)};
  }

 private:
  DecoderInput input_;
  Tensor weight_, factor_, bias_;
};

using Workers = kernels::Workers;

struct PointwiseConvolution {
  static constexpr const char* kName = "PointwiseConvolution";
  static constexpr std::size_t kInputs = 3;

  void Compute(const Ort::KernelContext& context, const Workers& workers) const {
    const Tensor input(context, 0), weight(context, 1), bias(context, 2);
    input.RequireRank(4);
    weight.RequireRank(2);
    const int colors = input.dimension(1), height = input.dimension(2), width = input.dimension(3);
    const int channels = weight.dimension(1);
    kernels::Run({input.Values(colors, height, width), weight.Values(colors, channels),
                  bias.Values(channels), colors, height, width, channels},
                 Output(context, {1, height, width, channels}), workers);
  }
};

struct EncoderConvolution {
  static constexpr const char* kName = "EncoderConvolution";
  static constexpr std::size_t kInputs = 4;

  void Compute(const Ort::KernelContext& context, const Workers& workers) const {
    const Tensor image(context, 0), weight(context, 1), bias(context, 2), blur(context, 3);
    const MapShape shape(image);
    const auto weights = WeightsOf(weight, shape.channels);
    const kernels::EncoderConvolution layer = {image.data(), shape.height,
                                               shape.width,  blur.Values(16),
                                               weights,      {nullptr, bias.Values(weights.out)}};
    kernels::Run(layer, Output(context, {1, shape.height / 2, shape.width / 2, weights.out}),
                 workers);
  }
};

class StyledConvolution {
 public:
  static constexpr const char* kName = "StyledConvolution";
  static constexpr std::size_t kInputs = 8;

  void Compute(const Ort::KernelContext& context, const Workers& workers) {
    kernels::StyledConvolution layer;
    DecoderConvolution(context).FillIn(layer);
    const int height = layer.input.height, width = layer.input.width;
    if (kernels::IsWinogradWorthIt(height, width)) {
      // The weights are constants of the model.
      std::call_once(once_, [&] { winograd_.emplace(layer.weights, workers); });
      layer.winograd = &*winograd_;
    }
    kernels::Run(layer, Output(context, {1, height, width, layer.weights.out}), workers);
  }

 private:
  std::once_flag once_;
  std::optional<kernels::WinogradWeights> winograd_;
};

struct StyledUpConvolution {
  static constexpr const char* kName = "StyledUpConvolution";
  static constexpr std::size_t kInputs = 9;

  void Compute(const Ort::KernelContext& context, const Workers& workers) const {
    kernels::StyledUpConvolution layer;
    DecoderConvolution(context).FillIn(layer);
    const Tensor blur(context, 8);
    layer.blur = blur.Values(16);
    kernels::Run(layer,
                 Output(context, {1, std::int64_t{2} * layer.input.height,
                                  std::int64_t{2} * layer.input.width, layer.weights.out}),
                 workers);
  }
};

struct ToRgb {
  static constexpr const char* kName = "ToRgb";
  static constexpr std::size_t kInputs = 9;

  void Compute(const Ort::KernelContext& context, const Workers& workers) const {
    const DecoderInput input(context);
    const Tensor weight(context, 5), bias(context, 6), skip(context, 7), enlarge(context, 8);
    kernels::ToRgb layer = {input.Get(), nullptr, bias.data(), nullptr, enlarge.Values(16)};
    layer.colors = bias.dimension(0);
    layer.weight = weight.Values(layer.colors, std::int64_t{2} * layer.input.channels);
    layer.skip = skip.Values(layer.colors, layer.input.height / 2, layer.input.width / 2);
    kernels::Run(layer, Output(context, {1, layer.colors, layer.input.height, layer.input.width}),
                 workers);
  }
};

// The session's own threads.
Workers SessionThreads(const Ort::KernelContext& context, int threads) {
  return {threads, [&context](int count, const std::function<void(int)>& work) {
            std::mutex mutex;
            std::exception_ptr failure;
            const std::function<void(int)> guarded = [&](int i) {
              try {
                work(i);
              } catch (...) {
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
              }
            };
            context.ParallelFor(
                [](void* data, std::size_t i) {
                  (*static_cast<const std::function<void(int)>*>(data))(static_cast<int>(i));
                },
                static_cast<std::size_t>(count), 0,
                const_cast<std::function<void(int)>*>(&guarded));
            if (failure) std::rethrow_exception(failure);
          }};
}

template <typename Layer>
class Kernel {
 public:
  explicit Kernel(int threads) : threads_(threads) {}

  OrtStatusPtr ComputeV2(OrtKernelContext* runtime_context) {
    const Ort::KernelContext context(runtime_context);
    try {
      layer_.Compute(context, SessionThreads(context, threads_));
      return nullptr;
    } catch (const Ort::Exception& exception) {
      return Ort::Status(exception).release();
    } catch (const std::exception& exception) {  // std::bad_alloc says so itself.
      return Ort::Status(exception.what(), ORT_RUNTIME_EXCEPTION).release();
    }
  }

 private:
  const int threads_;
  Layer layer_;
};

template <typename Layer>
class Operator : public Ort::CustomOpBase<Operator<Layer>, Kernel<Layer>, true> {
 public:
  explicit Operator(int threads) : threads_(threads) {}

  OrtStatusPtr CreateKernelV2(const OrtApi&, const OrtKernelInfo*, void** kernel) const {
    *kernel = new (std::nothrow) Kernel<Layer>(threads_);
    return *kernel ? nullptr : Ort::Status("std::bad_alloc", ORT_RUNTIME_EXCEPTION).release();
  }
  const char* GetName() const { return Layer::kName; }
  std::size_t GetInputTypeCount() const { return Layer::kInputs; }
  ONNXTensorElementDataType GetInputType(std::size_t) const { return kFloat; }
  std::size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(std::size_t) const { return kFloat; }

 private:
  static constexpr auto kFloat = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  const int threads_;
};

}  // namespace

GpenOperators::GpenOperators(int threads)
    : operators_{std::make_shared<const Operator<PointwiseConvolution>>(threads),
                 std::make_shared<const Operator<EncoderConvolution>>(threads),
                 std::make_shared<const Operator<StyledConvolution>>(threads),
                 std::make_shared<const Operator<StyledUpConvolution>>(threads),
                 std::make_shared<const Operator<ToRgb>>(threads)},
      domain_("gpen") {
  for (const auto& each : operators_) domain_.Add(each.get());
}

GpenOperators::~GpenOperators() = default;

}  // namespace gpen::nn
