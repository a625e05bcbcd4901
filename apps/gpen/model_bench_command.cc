#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "base/cpu.h"
#include "gpen/model_command.h"
#include "gpen/model_timing.h"
#include "nn/precision_record.h"

namespace gpen::app {
namespace {

constexpr std::string_view kInt8Suffix = "-int8";
constexpr int kRounds = 3;
// A gain that noise could explain is none.
constexpr double kWorthwhileSpeedup = 1.1;

struct Arguments {
  std::string models;
  int threads = 0;
  int runs = 10;
  bool both_arenas = false;
};

// The best of several rounds in which all models take turns, so that a busy moment hits all alike.
std::map<std::string, ModelTiming> TimeAll(const std::vector<InstalledModel>& models, int threads,
                                           bool arena, int runs, ExitCode* exit_code) {
  std::map<std::string, ModelTiming> timings;
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& [manifest, path] : models) {
      if (round > 0 && !timings.contains(manifest.name)) continue;  // It failed before.
      const auto timing = TimeModel(manifest, path, threads, arena, runs);
      if (!timing) {
        *exit_code = Failed(timing.error());
        timings.erase(manifest.name);
        continue;
      }
      auto& best = timings[manifest.name];
      if (round == 0 || timing->median_ms < best.median_ms) best = *timing;
    }
  }
  return timings;
}

void PrintTable(const std::map<std::string, ModelTiming>& timings, int threads, bool arena) {
  constexpr double kMegabyte = 1 << 20;
  fmt::print("{} threads, memory {}\n", threads,
             arena ? "kept between runs" : "given back after each run");
  fmt::print("{:28} {:>10} {:>10} {:>10} {:>10}\n", "model", "median ms", "best ms", "x fastest",
             "peak MB");
  double fastest = std::numeric_limits<double>::infinity();
  for (const auto& [name, timing] : timings) fastest = std::min(fastest, timing.median_ms);
  for (const auto& [name, timing] : timings) {
    fmt::print("{:28} {:10.1f} {:10.1f} {:10.2f} {:10.0f}\n", name, timing.median_ms,
               timing.best_ms, timing.median_ms / fastest,
               static_cast<double>(timing.peak_bytes) / kMegabyte);
  }
}

// INT8 is used where it is clearly faster here. A visibly worse one is not installed by quantize.
Result<void> Decide(const std::vector<InstalledModel>& models,
                    const std::map<std::string, ModelTiming>& timings) {
  for (const auto& model : models) {
    const auto& name = model.manifest.name;
    const auto int8 = std::ranges::find(models, name + std::string(kInt8Suffix),
                                        [](const auto& other) { return other.manifest.name; });
    if (int8 == models.end() || !timings.contains(name) || !timings.contains(int8->manifest.name)) {
      continue;
    }
    const double speedup = timings.at(name).median_ms / timings.at(int8->manifest.name).median_ms;
    const auto& use = speedup >= kWorthwhileSpeedup ? int8->manifest : model.manifest;
    fmt::print("{}: INT8 is {:.2f} times as fast here: {} is recorded as the choice\n", name,
               speedup, use.name);
    GPEN_TRY(nn::RecordPrecision(model.manifest, use));
  }
  return {};
}

ExitCode Bench(const Arguments& arguments) {
  const auto folder = ModelsFolder(arguments.models);
  const auto models = ListInstalled(folder);
  if (models.empty()) return NoModels(folder);
  const int threads = arguments.threads > 0 ? arguments.threads : AvailableCpus();
  ExitCode exit_code = ExitCode::kOk;
  fmt::print("{}\n", CpuName());
  const auto timings = TimeAll(models, threads, true, arguments.runs, &exit_code);
  PrintTable(timings, threads, true);
  if (arguments.both_arenas) {
    PrintTable(TimeAll(models, threads, false, arguments.runs, &exit_code), threads, false);
  }
  const auto decided = Decide(models, timings);
  return decided ? exit_code : Failed(decided.error());
}

}  // namespace

void AddModelBenchCommand(CLI::App* model, ExitCode* exit_code) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = model->add_subcommand(
      "bench", "Time and memory of the installed models here; records the precision that suits");
  command->add_option("--models", arguments->models, "Folder of the models");
  AddThreadsOption(command, &arguments->threads);
  command->add_option("--runs", arguments->runs, "Runs per model and round")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_flag("--arena", arguments->both_arenas, "Measure with and without kept memory");
  command->callback([arguments, exit_code] { *exit_code = Bench(*arguments); });
}

}  // namespace gpen::app
