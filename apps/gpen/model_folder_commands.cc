#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/file.h"
#include "converter/model_check.h"
#include "face/face_parser.h"
#include "gpen/model_command.h"
#include "nn/installed_model.h"
#include "nn/session.h"
#include "restore/photo_network.h"
#include "restore/repair_network.h"

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
  if (models.empty()) return NoModels(folder);
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
  if (manifest.task == nn::Task::kPhoto) {
    const auto folder = installed.path.parent_path();
    if (manifest.residual) {
      GPEN_TRY(restore::PhotoNetwork::Load(folder, manifest));
    } else {  // A mask, and no picture.
      GPEN_TRY(restore::RepairNetwork::Load(folder, manifest));
    }
    return {};
  }
  if (manifest.task == nn::Task::kParsing) {
    GPEN_TRY(face::FaceParser::Load(installed.path.parent_path(), manifest));
    return {};
  }
  GPEN_ASSIGN_OR_RETURN(
      const auto session,
      nn::LoadInstalled(manifest, installed.path, {.threads = threads, .arena = false}));
  const auto picture = converter::TestPicture(manifest.input_size, manifest.value_range);
  std::vector<float> output(picture.size());
  const std::span<const float> inputs[] = {picture};
  const std::span<float> outputs[] = {output};
  GPEN_TRY(session->Run(inputs, outputs));
  if (std::ranges::all_of(output, [](float value) { return std::isfinite(value); })) return {};
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected a picture, found values that are not numbers: the weights "
                           "are damaged or their training had failed",
                           installed.path.string()));
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
  if (models.empty()) return NoModels(folder);
  ExitCode exit_code = ExitCode::kOk;
  for (const auto& installed : models) {
    const auto verified = VerifyOne(installed, ThreadsOf(arguments));
    if (verified) {
      fmt::print("ok       {}: checksum and shapes as in the manifest, runs\n",
                 installed.manifest.name);
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

// A file is run as it is: parity checks are made with graphs of any origin.
Result<std::unique_ptr<nn::Session>> LoadFile(const fs::path& path, int threads) {
  GPEN_ASSIGN_OR_RETURN(auto session, nn::Session::Load(path, {.threads = threads}));
  if (session->inputs().size() == 1 && session->outputs().size() == 1) return session;
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected one input and one output, found {} and {}", path.string(),
                           session->inputs().size(), session->outputs().size()));
}

Result<std::unique_ptr<nn::Session>> LoadByName(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const auto installed,
                        FindInstalled(ModelsFolder(arguments.models), arguments.model));
  return nn::LoadInstalled(installed.manifest, installed.path, {.threads = ThreadsOf(arguments)});
}

Result<void> RunModel(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const auto session, fs::path(arguments.model).extension() == ".onnx"
                                                ? LoadFile(arguments.model, ThreadsOf(arguments))
                                                : LoadByName(arguments));
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
  command = model->add_subcommand("verify", "Check checksums and shapes, and run each model once");
  command->add_option("model", verify->model, "Name or ONNX file; else all installed models");
  command->add_option("--models", verify->models, "Folder of the models");
  AddThreadsOption(command, &verify->threads);
  command->callback([verify, exit_code] { *exit_code = Verify(*verify); });

  const auto run = std::make_shared<Arguments>();
  command = model->add_subcommand("run", "Run a model on a raw float32 tensor");
  command->add_option("model", run->model, "Name of an installed model, or an ONNX file")
      ->required();
  command->add_option("--input", run->input, "File of float32 values, 1x3xSxS")->required();
  command->add_option("--output", run->output, "File for the result")->required();
  command->add_option("--models", run->models, "Folder of the models");
  AddThreadsOption(command, &run->threads);
  command->callback([run, exit_code] {
    const auto result = RunModel(*run);
    *exit_code = result ? ExitCode::kOk : Failed(result.error());
  });
}

}  // namespace gpen::app
