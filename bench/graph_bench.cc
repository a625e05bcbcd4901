// Compares the forms of GPEN's graph with the plain export of the reference code, in one run.
//
//   graph_bench [SHAPE] [THREADS] [ROUNDS] [STOCK.onnx WEIGHTS.pth]
//
// SHAPE: light (256, narrow 0.25), bfr256, bfr512; random weights. All graphs take turns, and each
// is compared with the stock graph of the same round. With a stock export and its weights these are
// used instead. Every graph's output is compared too.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "graph_stock.h"
#include "model/gpen_graph.h"
#include "model/model_check.h"
#include "model/onnx_writer.h"
#include "model/test_checkpoint.h"
#include "nn/session.h"

namespace {

using namespace gpen;
using namespace gpen::model;

struct Candidate {
  std::string name;
  std::unique_ptr<nn::Session> session;
  std::vector<double> times;
  std::vector<double> speedups;
  double difference = 0;
};

template <typename T>
T Must(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}\n", result.error().message());
  std::exit(1);
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::string shape = argc > 1 ? argv[1] : "light";
  const int threads = argc > 2 ? std::stoi(argv[2]) : 2;
  const int rounds = argc > 3 ? std::stoi(argv[3]) : 20;
  const GpenDescription network = shape == "bfr512"   ? TestNetwork(512, 1.0, 2)
                                  : shape == "bfr256" ? TestNetwork(256, 0.5, 1)
                                                      : TestNetwork(256, 0.25, 1);
  std::string bytes;
  std::shared_ptr<const Checkpoint> checkpoint;
  if (argc > 5) {
    checkpoint =
        std::make_shared<const Checkpoint>(Must(Checkpoint::Open(std::filesystem::path(argv[5]))));
  } else {
    bytes = CheckpointBytes(RandomWeights(network, 1));
    checkpoint = std::make_shared<const Checkpoint>(
        Must(Checkpoint::Open(FromMemory(AsBytes(bytes), "random"))));
  }
  const auto description = Must(DescribeGpen(*checkpoint));
  const std::vector<std::pair<std::string, GraphForm>> forms = {
      {"default form", {}},
      {"plain form", kPlainForm},
      {"polyphase", {.upsample = UpsampleForm::kPolyphase}},
      {"polyphase, broadcast",
       {UpsampleForm::kPolyphase, ModulationForm::kBroadcast, BlurForm::kDepthwise, 64, false}},
      {"folded blur", {.upsample = UpsampleForm::kFoldedBlur}},
      {"broadcast", {.modulation = ModulationForm::kBroadcast}},
      {"separable blur", {.blur = BlurForm::kSeparable}},
      {"joined halves", {.split_halves = false}},
      {"all transposed weights modulated", {.modulated_weights_from = 8}},
  };
  std::vector<Candidate> candidates;
  const nn::SessionOptions options = {.threads = threads};
  if (argc > 5) {
    candidates.push_back(
        {"stock export (file)", Must(nn::Session::Load(argv[4], options)), {}, {}});
  } else {
    const auto stock = Must(ModelBytes(Must(bench::BuildStockGraph(checkpoint, description))));
    candidates.push_back(
        {"stock export", Must(nn::Session::FromBytes(stock, "stock", options)), {}, {}});
  }
  for (const auto& [name, form] : forms) {
    const auto model = Must(ModelBytes(Must(BuildGpenGraph(checkpoint, description, false, form))));
    candidates.push_back({name, Must(nn::Session::FromBytes(model, name, options)), {}, {}});
  }
  const auto input = TestPicture(description.image_size, {-1.0F, 1.0F});
  std::vector<float> expected;
  for (int round = 0; round <= rounds; ++round) {
    for (auto& candidate : candidates) {
      std::vector<float> output(input.size());
      const std::span<const float> inputs[] = {input};
      const std::span<float> outputs[] = {output};
      const auto start = std::chrono::steady_clock::now();
      const auto ran = candidate.session->Run(inputs, outputs);
      const std::chrono::duration<double, std::milli> elapsed =
          std::chrono::steady_clock::now() - start;
      if (!ran) {
        fmt::print(stderr, "{}: {}\n", candidate.name, ran.error().message());
        return 1;
      }
      if (round == 0) {  // Warms up, and checks.
        if (expected.empty()) expected = output;
        for (std::size_t i = 0; i < output.size(); ++i) {
          candidate.difference =
              std::max(candidate.difference, std::abs(double{output[i]} - expected[i]));
        }
        continue;
      }
      candidate.times.push_back(elapsed.count());
      candidate.speedups.push_back(candidates[0].times.back() / elapsed.count());
    }
  }
  fmt::print("{}, {} threads, {} rounds\n", description.Summary(), threads, rounds);
  fmt::print("{:34} {:>9} {:>9} {:>9} {:>10}\n", "graph", "speedup", "median ms", "best ms",
             "difference");
  for (const auto& candidate : candidates) {
    fmt::print("{:34} {:9.2f} {:9.1f} {:9.1f} {:10.1e}\n", candidate.name,
               Median(candidate.speedups), Median(candidate.times),
               *std::ranges::min_element(candidate.times), candidate.difference);
  }
}
