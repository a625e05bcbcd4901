// Compares GPEN's graph, with and without our kernels, with the plain export of the reference code,
// in one run.
//
//   graph_bench --shape bfr256 --threads 2 --rounds 20
//   graph_bench --stock STOCK.onnx --weights WEIGHTS.pth      a real export and its weights
//   graph_bench --save FOLDER                                 writes the graphs and the weights
//
// All graphs take turns, and each is compared with the stock graph of the same round. Every graph's
// output is compared too.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "converter/checkpoint_testing.h"
#include "converter/converter.h"
#include "converter/gpen_graph.h"
#include "converter/model_check.h"
#include "graph_stock.h"
#include "nn/session.h"
#include "onnx/onnx_writer.h"

namespace {

using namespace gpen;
using namespace gpen::converter;

namespace fs = std::filesystem;

const std::map<std::string, GpenDescription> kShapes = {
    {"light", TestNetwork(256, 0.25, 1)},   {"ours", TestNetwork(256, 0.25, 1, 2)},
    {"bfr256", TestNetwork(256, 0.5, 1)},   {"bfr512", TestNetwork(512, 1.0, 2)},
    {"bfr1024", TestNetwork(1024, 1.0, 2)}, {"bfr2048", TestNetwork(2048, 1.0, 2)},
};

struct Candidate {
  std::string name;
  OnnxModel model;
  bool own_kernels = true;
  std::string path = {};  // Of a file, instead of `model`.
  std::unique_ptr<nn::Session> session = nullptr;
  std::vector<double> times = {};
  std::vector<double> processor_times = {};  // Of all threads: tells more where others run beside.
  std::vector<double> speedups = {};
  double difference = 0;
};

template <typename T>
T Must(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>)
      return;
    else
      return *std::move(result);
  }
  fmt::print(stderr, "{}\n", result.error().message());
  std::exit(1);
}

std::string FileName(const Candidate& candidate) {
  std::string name = candidate.name;
  std::ranges::replace(name, ' ', '-');
  return name;
}

void Save(const Candidate& candidate, const fs::path& folder) {
  if (!candidate.path.empty()) return;
  Must(WriteModelFile(candidate.model, folder / (FileName(candidate) + ".onnx")));
}

void Load(Candidate& candidate, nn::SessionOptions options) {
  options.own_kernels = candidate.own_kernels;
  if (!candidate.path.empty()) {
    candidate.session = Must(nn::Session::Load(candidate.path, options));
    return;
  }
  const auto bytes = Must(ModelBytes(candidate.model));
  candidate.session = Must(nn::Session::FromBytes(bytes, candidate.name, options));
}

// Milliseconds of one run.
double TimeRun(const nn::Session& session, std::span<const float> input, std::span<float> output) {
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  const auto start = std::chrono::steady_clock::now();
  const auto ran = session.Run(inputs, outputs);
  if (!ran) {
    fmt::print(stderr, "{}\n", ran.error().message());
    std::exit(1);
  }
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double LargestDifference(std::span<const float> a, std::span<const float> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double{a[i]} - b[i]));
  }
  return largest;
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void Print(const std::vector<Candidate>& candidates) {
  fmt::print("{:20} {:>9} {:>9} {:>9} {:>9} {:>10}\n", "graph", "speedup", "median ms", "best ms",
             "CPU ms", "difference");
  for (const auto& candidate : candidates) {
    fmt::print("{:20} {:9.2f} {:9.1f} {:9.1f} {:9.1f} {:10.1e}\n", candidate.name,
               Median(candidate.speedups), Median(candidate.times),
               *std::ranges::min_element(candidate.times), Median(candidate.processor_times),
               candidate.difference);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string shape = "light", stock_path, weights_path;
  fs::path save_folder, profile_folder;
  int threads = 2, rounds = 20;
  CLI::App app("Compares GPEN's graph with the stock export");
  app.add_option("--shape", shape, "Random weights of this shape")->check(CLI::IsMember(kShapes));
  app.add_option("--threads", threads);
  app.add_option("--rounds", rounds);
  app.add_option("--stock", stock_path, "A stock export instead of our copy of it");
  app.add_option("--weights", weights_path, "Its weights instead of random ones");
  app.add_option("--profile", profile_folder, "Write the runtime's profile of every run here");
  app.add_option("--save", save_folder,
                 "Write the graphs, and random weights, into this folder and end");
  CLI11_PARSE(app, argc, argv);

  std::string bytes;
  std::shared_ptr<const Checkpoint> checkpoint;
  if (!weights_path.empty()) {
    checkpoint = std::make_shared<const Checkpoint>(Must(Checkpoint::Open(fs::path(weights_path))));
  } else {
    bytes = CheckpointBytes(RandomWeights(kShapes.at(shape), 1));
    checkpoint = std::make_shared<const Checkpoint>(
        Must(Checkpoint::Open(FromMemory(AsBytes(bytes), "random"))));
  }
  const auto description = Must(DescribeGpen(*checkpoint));
  std::vector<Candidate> candidates;
  if (stock_path.empty()) {
    candidates.push_back({"stock export", Must(bench::BuildStockGraph(checkpoint, description))});
  } else {
    candidates.push_back({"stock export (file)", {}, false, stock_path});
  }
  for (const bool own_kernels : {true, false}) {
    candidates.push_back({own_kernels ? "own kernels" : "functions",
                          Must(BuildGpenGraph(checkpoint, description, false)), own_kernels});
  }
  if (!save_folder.empty()) {
    for (const auto& candidate : candidates) Save(candidate, save_folder);
    if (!bytes.empty()) Must(WriteFileAtomically(save_folder / (shape + ".pth"), AsBytes(bytes)));
    return 0;
  }
  for (auto& candidate : candidates) {
    nn::SessionOptions options = {.threads = threads};
    if (!profile_folder.empty()) options.profile_prefix = profile_folder / FileName(candidate);
    Load(candidate, options);
  }
  const auto input = TestPicture(description.image_size, {-1.0F, 1.0F});
  std::vector<float> expected;
  for (int round = 0; round <= rounds; ++round) {
    for (auto& candidate : candidates) {
      std::vector<float> output(input.size());
      const std::clock_t before = std::clock();
      const double elapsed = TimeRun(*candidate.session, input, output);
      if (round == 0) {  // Warms up, and checks.
        if (expected.empty()) expected = output;
        candidate.difference = LargestDifference(output, expected);
        continue;
      }
      candidate.times.push_back(elapsed);
      candidate.processor_times.push_back(1e3 * static_cast<double>(std::clock() - before) /
                                          CLOCKS_PER_SEC);
      candidate.speedups.push_back(candidates[0].times.back() / elapsed);
    }
  }
  fmt::print("{}, {} threads, {} rounds\n", description.Summary(), threads, rounds);
  Print(candidates);
}
