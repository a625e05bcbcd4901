// Times every layer of GPEN's kernels for one shape, with each set of vector instructions, in CPU
// time of one thread.
//
//   kernel_bench --shape bfr256
//   kernel_bench --instructions SSE4          one set alone
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "kernels/instructions.h"
#include "kernels/layers.h"

namespace {

namespace kernels = gpen::kernels;

struct Shape {
  int size;
  int channels_at_4;
  int channels_at_64;  // Halved by each doubling from there on.
};

const std::map<std::string, Shape> kShapes = {
    {"light", {256, 128, 64}},
    {"ours", {128, 128, 64}},
    {"bfr256", {256, 256, 128}},
    {"bfr512", {512, 512, 512}},
};

int Channels(const Shape& shape, int resolution) {
  return resolution < 64 ? shape.channels_at_4 : shape.channels_at_64 * 64 / resolution;
}

std::vector<float> Some(int count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::sin(static_cast<float>(i)) * 0.1F;
  }
  return values;
}

// CPU time, so that others who run beside do not count.
double BestMilliseconds(const std::function<void()>& work) {
  std::clock_t best = std::numeric_limits<std::clock_t>::max();
  for (int i = 0; i < 7; ++i) {
    const std::clock_t start = std::clock();
    work();
    best = std::min(best, std::clock() - start);
  }
  return 1e3 * static_cast<double>(best) / CLOCKS_PER_SEC;
}

class LayerTimes {
 public:
  explicit LayerTimes(const Shape& shape) : shape_(shape) {
    workers_ = {1, [](int count, const std::function<void(int)>& work) {
                  for (int i = 0; i < count; ++i) work(i);
                }};
  }

  void Print() {
    for (int resolution = shape_.size; resolution > 4; resolution /= 2) PrintEncoder(resolution);
    for (int resolution = 8; resolution <= shape_.size; resolution *= 2) PrintDecoder(resolution);
    fmt::print("all: {:.1f} ms, {:.0f} GFLOP/s of the plain sums\n", total_,
               2 * products_ / total_ / 1e6);
  }

 private:
  void PrintLayer(const std::string& name, int resolution, double products, double time) {
    fmt::print("{:10} {:5} {:8.2f} ms {:8.0f} GFLOP/s\n", name, resolution, time,
               2 * products / time / 1e6);
    total_ += time;
    products_ += products;
  }

  static kernels::Weights Pack(const std::vector<float>& values, int in, int out) {
    return {values.data(), in, out, std::min(out, 32)};
  }

  void PrintEncoder(int resolution) {
    const int in = Channels(shape_, resolution), out = Channels(shape_, resolution / 2);
    const auto input = Some(resolution * resolution * in), weights = Some(9 * in * out),
               bias = Some(out), blur = Some(16);
    std::vector<float> output(static_cast<std::size_t>(resolution * resolution / 4 * out));
    const kernels::EncoderConvolution layer = {
        input.data(),          resolution, resolution, blur.data(), Pack(weights, in, out),
        {nullptr, bias.data()}};
    PrintLayer("encoder", resolution / 2, resolution * resolution / 4.0 * 9 * in * out,
               BestMilliseconds([&] { kernels::Run(layer, output.data(), workers_); }));
  }

  void PrintDecoder(int resolution) {
    const int before = Channels(shape_, resolution / 2), out = Channels(shape_, resolution);
    const auto image = Some(resolution * resolution * std::max(before, out));
    const auto feature = image, style = Some(2 * std::max(before, out)), bias = style;
    const auto weights = Some(18 * std::max(before, out) * out), blur = Some(16);
    std::vector<float> output(static_cast<std::size_t>(resolution * resolution * out));
    const auto input = [&](int side, int channels) {
      return kernels::StyledInput{image.data(), feature.data(), 1.0F, bias.data(),
                                  style.data(), side,           side, channels};
    };
    const kernels::Ending ending = {style.data(), bias.data()};
    const kernels::StyledUpConvolution up = {input(resolution / 2, before),
                                             Pack(weights, 2 * before, out), blur.data(), ending};
    PrintLayer("up", resolution, resolution * resolution / 4.0 * 18 * before * out,
               BestMilliseconds([&] { kernels::Run(up, output.data(), workers_); }));
    kernels::StyledConvolution convolution = {input(resolution, out), Pack(weights, 2 * out, out),
                                              nullptr, ending};
    const kernels::WinogradWeights winograd(convolution.weights, workers_);
    if (kernels::IsWinogradWorthIt(resolution, resolution)) convolution.winograd = &winograd;
    PrintLayer("second", resolution, resolution * double(resolution) * 18 * out * out,
               BestMilliseconds([&] { kernels::Run(convolution, output.data(), workers_); }));
    const kernels::ToRgb rgb = {input(resolution, out), weights.data(), bias.data(),
                                image.data(),           blur.data(),    3};
    PrintLayer("rgb", resolution, resolution * double(resolution) * 6 * out,
               BestMilliseconds([&] { kernels::Run(rgb, output.data(), workers_); }));
  }

  Shape shape_;
  kernels::Workers workers_;
  double total_ = 0;
  double products_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::string shape = "bfr256", only;
  CLI::App app("Times the kernels");
  app.add_option("--shape", shape)->check(CLI::IsMember(kShapes));
  app.add_option("--instructions", only, "Only this set of vector instructions");
  CLI11_PARSE(app, argc, argv);
  for (const auto& name : kernels::InstructionSets()) {
    if (!only.empty() && name != only) continue;
    kernels::UseInstructionSet(name);
    fmt::print("{}, {}\n", shape, kernels::InstructionSet());
    LayerTimes(kShapes.at(shape)).Print();
  }
}
