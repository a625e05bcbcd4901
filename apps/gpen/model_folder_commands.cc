#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/file.h"
#include "base/sha256.h"
#include "gpen/model_command.h"
#include "model/model_check.h"
#include "nn/model_memory.h"
#include "nn/session.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxTensorBytes = std::int64_t{1} << 30;

struct Arguments {
  std::string model;
  std::string models;
  std::string input;
  std::string output;
  int threads = 0;
};

int ThreadsOf(const Arguments& arguments) {
  return arguments.threads > 0 ? arguments.threads : AvailableCpus();
}

ExitCode List(const Arguments& arguments) {
  const fs::path folder = ModelsFolder(arguments.models);
  const auto models = ListInstalled(folder);
  if (models.empty()) {
    fmt::print("no models in {}: install one with 'gpen model add WEIGHTS.pth'\n", folder.string());
    return ExitCode::kNothingToDo;
  }
  for (const auto& [manifest, path] : models) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    fmt::print("{:24} {:>5} px  {:8.1f} MB  {:20} {}{}\n", manifest.name, manifest.input_size,
               error ? 0.0 : static_cast<double>(bytes) / 1e6, nn::NameOf(manifest.task),
               manifest.license, error ? "  (its file is missing)" : "");
  }
  return ExitCode::kOk;
}

Result<void> VerifyOne(const InstalledModel& installed, int threads) {
  const auto& manifest = installed.manifest;
  GPEN_ASSIGN_OR_RETURN(const auto sha256, Sha256OfFile(installed.path));
  if (sha256 != manifest.sha256) {
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{}: expected sha256 {} as its manifest says, found {}: fetch or convert it "
                    "again",
                    installed.path.string(), manifest.sha256, sha256));
  }
  std::error_code error;
  GPEN_TRY(nn::CheckMemory(manifest,
                              static_cast<std::int64_t>(fs::file_size(installed.path, error))));
  const auto picture = model::TestPicture(manifest.input_size, manifest.value_range);
  GPEN_ASSIGN_OR_RETURN(const auto output, model::RunOnce(installed.path, picture, threads));
  if (output.size() != picture.size()) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected an output of {} values, found {}",
                             installed.path.string(), picture.size(), output.size()));
  }
  return {};
}

ExitCode Verify(const Arguments& arguments) {
  const fs::path folder = ModelsFolder(arguments.models);
  std::vector<InstalledModel> models;
  if (arguments.model.empty()) {
    models = ListInstalled(folder);
  } else {
    auto installed = FindInstalled(folder, arguments.model);
    if (!installed) return Failed(installed.error());
    models.push_back(*std::move(installed));
  }
  ExitCode exit_code = models.empty() ? ExitCode::kNothingToDo : ExitCode::kOk;
  for (const auto& installed : models) {
    const auto verified = VerifyOne(installed, ThreadsOf(arguments));
    if (verified) {
      fmt::print("ok       {}: checksum as in the manifest, runs\n", installed.manifest.name);
    } else {
      fmt::print("DAMAGED  {}\n", installed.manifest.name);
      exit_code = Failed(verified.error());
    }
  }
  return exit_code;
}

Result<std::vector<float>> ReadTensor(const fs::path& path, const nn::TensorInfo& info) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(path, kMaxTensorBytes));
  if (bytes.size() != info.size() * sizeof(float)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: expected {} bytes ({} in float32), found {}", path.string(),
                             info.size() * sizeof(float), nn::ShapeText(info.shape), bytes.size()));
  }
  std::vector<float> values(info.size());
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Result<void> RunModel(const Arguments& arguments) {
  fs::path path = arguments.model;
  // An ONNX file needs no manifest here; a name does.
  if (path.extension() != ".onnx") {
    GPEN_ASSIGN_OR_RETURN(const auto installed,
                          FindInstalled(ModelsFolder(arguments.models), arguments.model));
    path = installed.path;
  }
  GPEN_ASSIGN_OR_RETURN(const auto session,
                        nn::Session::Load(path, {.threads = ThreadsOf(arguments)}));
  if (session->inputs().size() != 1 || session->outputs().size() != 1) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected one input and one output", path.string()));
  }
  GPEN_ASSIGN_OR_RETURN(const auto input, ReadTensor(arguments.input, session->inputs()[0]));
  std::vector<float> output(session->outputs()[0].size());
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  GPEN_TRY(session->Run(inputs, outputs));
  return WriteFileAtomically(arguments.output, std::as_bytes(std::span(output)));
}

}  // namespace

void AddModelFolderCommands(CLI::App* model, ExitCode* exit_code) {
  const auto list = std::make_shared<Arguments>();
  auto* command = model->add_subcommand("list", "The installed models");
  command->add_option("--models", list->models, "Folder of the models");
  command->callback([list, exit_code] { *exit_code = List(*list); });

  const auto verify = std::make_shared<Arguments>();
  command = model->add_subcommand("verify", "Check checksums and run each model once");
  command->add_option("model", verify->model, "Name or ONNX file; else all installed models");
  command->add_option("--models", verify->models, "Folder of the models");
  command->add_option("--threads", verify->threads, "CPU threads");
  command->callback([verify, exit_code] { *exit_code = Verify(*verify); });

  const auto run = std::make_shared<Arguments>();
  command = model->add_subcommand("run", "Run a model on a raw float32 tensor");
  command->add_option("model", run->model, "Name of an installed model, or an ONNX file")
      ->required();
  command->add_option("--input", run->input, "File of float32 values, 1x3xSxS")->required();
  command->add_option("--output", run->output, "File for the result")->required();
  command->add_option("--models", run->models, "Folder of the models");
  command->add_option("--threads", run->threads, "CPU threads");
  command->callback([run, exit_code] {
    const auto result = RunModel(*run);
    *exit_code = result ? ExitCode::kOk : Failed(result.error());
  });
}

}  // namespace gpen::app
