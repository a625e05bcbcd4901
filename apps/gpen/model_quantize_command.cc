#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/file.h"
#include "converter/converter.h"
#include "converter/picture_quality.h"
#include "converter/quantizer.h"
#include "converter/standard_operators.h"
#include "face/face_models.h"
#include "face/identity.h"
#include "gpen/face_folder.h"
#include "gpen/model_command.h"
#include "gpen/model_timing.h"
#include "nn/installed_model.h"
#include "nn/session.h"
#include "onnx/onnx_reader.h"
#include "onnx/onnx_writer.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;
using Pictures = std::vector<std::vector<float>>;

constexpr std::size_t kSensitivityFaces = 2;
// Below this the change is visible: such a model is not installed.
constexpr double kVisiblePsnr = 38.0;

struct Arguments {
  std::string model;
  std::string models;
  std::string faces;
  int face_count = 24;
  double layer_psnr = 50.0;
  int threads = 0;
};

// Runs a model that is in memory; gives output `index` for each picture.
Result<Pictures> RunAll(const onnx::OnnxModel& network, const Pictures& pictures, int threads,
                        std::size_t index) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, onnx::ModelBytes(network));
  GPEN_ASSIGN_OR_RETURN(const auto session,
                        nn::Session::FromBytes(bytes, "quantised model", {.threads = threads}));
  Pictures results;
  for (const auto& picture : pictures) {
    Pictures outputs;
    for (const auto& info : session->outputs()) outputs.emplace_back(info.size());
    std::vector<std::span<float>> spans(outputs.begin(), outputs.end());
    const std::span<const float> inputs[] = {picture};
    GPEN_TRY(session->Run(inputs, spans));
    results.push_back(std::move(outputs[index]));
  }
  return results;
}

// Mean over the faces of each tensor's lowest and highest value: one odd face must not coarsen all.
Result<std::map<std::string, converter::ValueRange>> Calibrate(
    const onnx::OnnxModel& network, const std::vector<std::string>& convolutions,
    const Pictures& faces, int threads) {
  const auto tensors = converter::CalibratedTensors(network, convolutions);
  GPEN_ASSIGN_OR_RETURN(const auto measured,
                        RunAll(converter::WithRangeOutput(network, tensors), faces, threads, 1));
  std::map<std::string, converter::ValueRange> ranges;
  const auto share = 1.0F / static_cast<float>(faces.size());
  for (const auto& values : measured) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      ranges[tensors[i]].low += values[2 * i] * share;
      ranges[tensors[i]].high += values[2 * i + 1] * share;
    }
  }
  return ranges;
}

double MeanPsnr(const Pictures& a, const Pictures& b, double peak) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += converter::Psnr(a[i], b[i], peak);
  return sum / static_cast<double>(a.size());
}

// What quantising each convolution alone does to the picture, in dB.
Result<std::vector<std::pair<double, std::string>>> MeasureSensitivity(
    const onnx::OnnxModel& network, const std::vector<std::string>& convolutions,
    const std::map<std::string, converter::ValueRange>& ranges, const Pictures& faces, int threads,
    double peak) {
  const Pictures some(faces.begin(), faces.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                         faces.size(), kSensitivityFaces)));
  GPEN_ASSIGN_OR_RETURN(const auto expected, RunAll(network, some, threads, 0));
  std::vector<std::pair<double, std::string>> sensitivity;
  for (const auto& name : convolutions) {
    GPEN_ASSIGN_OR_RETURN(const auto quantized, converter::Quantize(network, {name}, ranges));
    GPEN_ASSIGN_OR_RETURN(const auto found, RunAll(quantized, some, threads, 0));
    sensitivity.emplace_back(MeanPsnr(expected, found, peak), name);
    fmt::print("  {:34} alone {:6.1f} dB\n", name, sensitivity.back().first);
  }
  std::ranges::sort(sensitivity);
  return sensitivity;
}

// Similarity of the persons in `a` and `b`, mean over the faces; below 0 where it cannot be
// measured.
double MeanIdentity(const fs::path& folder, const nn::Manifest& manifest, const Pictures& a,
                    const Pictures& b) {
  auto loaded = face::LoadFaceModel(folder, face::kIdentity);
  if (!loaded) return -1;
  const auto network = face::IdentityNet::Create(*std::move(loaded));
  if (!network) return -1;
  const int size = manifest.input_size;
  const auto points = face::TemplatePoints(manifest.face_template, size);
  const auto describe = [&](const std::vector<float>& picture) {
    Image image(size, size, 3, SampleType::kF32);
    const auto plane = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    auto* pixels = image.Row<float>(0);
    for (std::size_t i = 0; i < 3 * plane; ++i) {
      const float value = (picture[i % 3 * plane + i / 3] - manifest.value_range[0]) /
                          (manifest.value_range[1] - manifest.value_range[0]);
      pixels[i] = std::clamp(value, 0.0F, 1.0F);
    }
    return network->Describe(image.view(), points, {});
  };
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto first = describe(a[i]);
    const auto second = describe(b[i]);
    if (!first || !second) return -1;
    sum += face::Similarity(*first, *second);
  }
  return sum / static_cast<double>(a.size());
}

// Every second picture: calibration and measurement must not see the same faces.
Pictures EverySecond(const Pictures& pictures, std::size_t first) {
  Pictures chosen;
  for (std::size_t i = first; i < pictures.size(); i += 2) chosen.push_back(pictures[i]);
  return chosen;
}

Result<void> Quantize(const Arguments& arguments) {
  const fs::path folder = ModelsFolder(arguments.models);
  GPEN_ASSIGN_OR_RETURN(const auto installed, FindInstalled(folder, arguments.model));
  GPEN_TRY(nn::CheckModelFile(installed.manifest, installed.path));
  GPEN_ASSIGN_OR_RETURN(auto source, onnx::OpenFile(installed.path));
  GPEN_ASSIGN_OR_RETURN(const auto file, onnx::ReadModel(std::move(source)));
  GPEN_ASSIGN_OR_RETURN(const auto network, converter::InStandardOperators(file));
  GPEN_ASSIGN_OR_RETURN(const auto pictures,
                        LoadFaceFolder(arguments.faces, installed.manifest,
                                       2 * static_cast<std::size_t>(arguments.face_count)));
  if (pictures.size() < 2) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: expected at least 2 faces, one to calibrate with and one to "
                             "measure with, found {}",
                             arguments.faces, pictures.size()));
  }
  const Pictures calibration = EverySecond(pictures, 0);
  const Pictures faces = EverySecond(pictures, 1);
  const int threads = arguments.threads > 0 ? arguments.threads : AvailableCpus();
  const double peak = double{installed.manifest.value_range[1]} - installed.manifest.value_range[0];
  const auto convolutions = converter::QuantizableConvolutions(network);
  fmt::print("{} convolutions, {} faces to calibrate, {} others to measure\n", convolutions.size(),
             calibration.size(), faces.size());
  GPEN_ASSIGN_OR_RETURN(const auto ranges, Calibrate(network, convolutions, calibration, threads));
  GPEN_ASSIGN_OR_RETURN(const auto sensitivity, MeasureSensitivity(network, convolutions, ranges,
                                                                   calibration, threads, peak));
  std::set<std::string> chosen;
  for (const auto& [psnr, name] : sensitivity) {
    if (psnr >= arguments.layer_psnr) chosen.insert(name);
  }
  GPEN_ASSIGN_OR_RETURN(const auto quantized, converter::Quantize(network, chosen, ranges));
  GPEN_ASSIGN_OR_RETURN(const auto expected, RunAll(network, faces, threads, 0));
  GPEN_ASSIGN_OR_RETURN(const auto found, RunAll(quantized, faces, threads, 0));
  const double psnr = MeanPsnr(expected, found, peak);
  double ssim = 0;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    ssim += converter::Ssim(expected[i], found[i], installed.manifest.input_size, 3, peak);
  }
  fmt::print("{} of {} convolutions in INT8 (the others are below {:g} dB alone)\n", chosen.size(),
             convolutions.size(), arguments.layer_psnr);
  fmt::print("against the float model: PSNR {:.1f} dB, SSIM {:.4f}", psnr,
             ssim / static_cast<double>(faces.size()));
  const double identity = MeanIdentity(folder, installed.manifest, expected, found);
  if (identity >= 0) {
    fmt::print(", identity similarity {:.4f}\n", identity);
  } else {
    fmt::print(", identity not measured (its network is not installed)\n");
  }
  if (psnr < kVisiblePsnr || chosen.empty()) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("not installed: {}; the float model stays in use",
                             chosen.empty() ? "no convolution stands INT8"
                                            : fmt::format("below {:g} dB the change is visible",
                                                          kVisiblePsnr)));
  }
  converter::Conversion conversion;
  conversion.model = quantized;
  conversion.manifest = installed.manifest;
  conversion.manifest.provenance = fmt::format(
      "INT8 form of {} (sha256 {}), {} of {} convolutions, PSNR {:.1f} dB", installed.manifest.name,
      installed.manifest.sha256, chosen.size(), convolutions.size(), psnr);
  const fs::path output = folder / (installed.manifest.name + "-int8.onnx");
  GPEN_TRY(converter::WriteConversion(conversion, output));
  fmt::print("wrote {}; 'gpen model bench' compares it with the float model here\n",
             output.string());
  return {};
}

}  // namespace

void AddModelQuantizeCommand(CLI::App* model, ExitCode* exit_code) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = model->add_subcommand("quantize", "An INT8 form of an installed model");
  command->add_option("model", arguments->model, "Name of an installed model")->required();
  command->add_option("--faces", arguments->faces, "Folder of aligned faces for calibration")
      ->required();
  command
      ->add_option("--count", arguments->face_count,
                   "Faces to calibrate with; as many others measure")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  command
      ->add_option("--layer-psnr", arguments->layer_psnr, "Keep a layer in float below this, in dB")
      ->capture_default_str();
  command->add_option("--models", arguments->models, "Folder of the models");
  AddThreadsOption(command, &arguments->threads);
  command->callback([arguments, exit_code] {
    const auto result = Quantize(*arguments);
    *exit_code = result ? ExitCode::kOk : Failed(result.error());
  });
}

}  // namespace gpen::app
