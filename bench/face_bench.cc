// The four face networks by our own kernels and by the runtime: CPU time of a run on one thread,
// with each set of vector instructions.
//
//   face_bench [--rounds N]
//
// The runtime is one column, whatever the set: it chooses its instructions by itself.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "base/source_folder.h"
#include "face/face_models.h"
#include "kernels/instructions.h"
#include "nn/session.h"

namespace {

using namespace gpen;

double CpuMilliseconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

struct Network {
  face::FaceModelFile model;
  int height;
  int width;
};

}  // namespace

int main(int argc, char** argv) {
  int rounds = 30;
  CLI::App app("The face networks by our kernels and by the runtime");
  app.add_option("--rounds", rounds, "Runs of each; the fastest counts")
      ->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);

  const auto models = SourceFolder() / "models";
  const Network networks[] = {{face::kUltraFace, 240, 320},
                              {face::kUltraFace, 1280, 1920},
                              {face::kBlazeFace, 256, 256},
                              {face::kLandmarks, 64, 64},
                              {face::kIdentity, 112, 112}};
  fmt::print(
      "| network | input | instructions | ours, ms | runtime, ms | ours / runtime |\n"
      "|---|---|---|---|---|---|\n");
  for (const Network& network : networks) {
    const auto ours = face::LoadFaceModel(models, network.model);
    const auto session = nn::Session::Load(models / "face" / network.model.file, {});
    if (!ours || !session) {
      fmt::print("{}\n", (ours ? session.error() : ours.error()).message());
      return 1;
    }
    std::vector<std::vector<float>> tensors;
    for (const auto& info : (*session)->inputs()) tensors.emplace_back(info.size(), 0.1F);
    const std::vector<std::span<const float>> inputs(tensors.begin(), tensors.end());
    std::vector<std::vector<float>> results;
    for (const auto& info : (*session)->outputs()) results.emplace_back(info.size());
    const std::vector<std::span<float>> outputs(results.begin(), results.end());
    const int floats = network.width * ours->input_channels();
    const auto run_ours = [&] {
      (void)ours->Run(network.height, network.width,
                      [&](int, float* row) { std::fill_n(row, floats, 0.1F); });
    };
    const auto run_theirs = [&] { (void)(*session)->Run(inputs, outputs); };
    // The runtime sees pictures of one size only.
    const double pictures = static_cast<double>(network.height) * network.width *
                            ours->input_channels() / static_cast<double>(tensors[0].size());
    for (const auto& name : kernels::InstructionSets()) {
      kernels::UseInstructionSet(name);
      double best[2] = {1e30, 1e30};
      for (int i = 0; i < rounds; ++i) {  // Turn by turn: both meet the same noise.
        const std::function<void()> runs[] = {run_ours, run_theirs};
        for (const int which : {0, 1}) {
          const double start = CpuMilliseconds();
          runs[which]();
          best[which] = std::min(best[which], CpuMilliseconds() - start);
        }
      }
      best[1] *= pictures;
      fmt::print("| {} | {}x{} | {} | {:.2f} | {:.2f} | {:.2f} |\n", network.model.file,
                 network.width, network.height, name, best[0], best[1], best[0] / best[1]);
    }
    kernels::UseInstructionSet("");
  }
  return 0;
}
