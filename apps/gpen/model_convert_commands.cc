#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/cpu.h"
#include "base/file.h"
#include "base/md5.h"
#include "base/sha256.h"
#include "converter/converter.h"
#include "converter/model_check.h"
#include "gpen/model_command.h"
#include "nn/model_memory.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

// Converted weights must compute what the plain graph does; with float16 weights, nearly.
constexpr double kFloatTolerance = 1e-4;
constexpr double kHalfTolerance = 2e-2;

struct Arguments {
  std::string input;
  std::string output;
  std::string models;
  std::string name;
  std::string face_template;
  std::string task = "restoration";
  std::string residual;
  std::string md5;
  std::string sha256;
  bool no_self_test = false;
  converter::ConvertOptions options;
};

const std::map<std::string, nn::Task> kTasks = {
    {"restoration", nn::Task::kRestoration},
    {"colorization", nn::Task::kColorization},
    {"inpainting", nn::Task::kInpainting},
    {"segmentation-to-face", nn::Task::kSegmentationToFace},
    {"photo", nn::Task::kPhoto},
    {"parsing", nn::Task::kParsing}};

// What CLI11 asks of a checksum's text.
std::function<std::string(std::string&)> HexDigits(std::size_t count) {
  return [count](std::string& text) -> std::string {
    const bool is_hex = std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c); });
    if (is_hex && text.size() == count) return "";
    return fmt::format("expected {} hexadecimal digits, found \"{}\"", count, text);
  };
}

void AddConvertOptions(CLI::App* command, Arguments* arguments) {
  command->add_option("weights", arguments->input, "PyTorch checkpoint (.pth)")->required();
  command->add_flag("--fp16-weights", arguments->options.half_weights,
                    "Store the weights as float16: half the file, the same speed");
  command
      ->add_option("--template", arguments->face_template,
                   "How faces are aligned: ffhq or gpen; else ffhq behind a pixel unshuffle (this "
                   "project's kind of network), gpen without one (the released kind)")
      ->check(CLI::IsMember({"ffhq", "gpen"}));
  command->add_option("--task", arguments->task, "What the network does")
      ->capture_default_str()
      ->check(CLI::IsMember(kTasks));
  command
      ->add_option("--residual", arguments->residual,
                   "Add the input to the output: yes or no; else yes behind a pixel unshuffle, no "
                   "without one")
      ->check(CLI::IsMember({"yes", "no"}));
  command->add_flag("--no-self-test", arguments->no_self_test,
                    "Do not run the result, for which the memory may be too little");
  command->add_option("--md5", arguments->md5, "Checksum of the weights' file, to be compared")
      ->check(CLI::Validator(HexDigits(32), ""))
      ->type_name("HEX");
  command->add_option("--sha256", arguments->sha256, "The same, of this kind")
      ->check(CLI::Validator(HexDigits(64), ""))
      ->type_name("HEX");
  command->add_option("--weights-version", arguments->options.version, "Version for the manifest")
      ->capture_default_str();
  command->add_option("--license", arguments->options.license, "Licence of the weights")
      ->capture_default_str();
  command->add_option("--provenance", arguments->options.provenance,
                      "Where the weights come from; else their file's name and checksum");
}

bool IsSameHex(std::string_view stated, std::string_view found) {
  return std::ranges::equal(stated, found, [](char a, char b) {
    return (a >= 'A' && a <= 'F' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// The checkpoint is the file that its publisher meant.
Result<void> CheckDownload(const Arguments& arguments) {
  const auto check = [&](std::string_view kind, const std::string& stated,
                         const Result<std::string>& found) -> Result<void> {
    GPEN_TRY(found);
    if (IsSameHex(stated, *found)) return {};
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected {} {}, found {}: the download is damaged or another "
                             "file; fetch it again from its publisher, or compare the checksum "
                             "with the one stated there",
                             arguments.input, kind, stated, *found));
  };
  if (!arguments.md5.empty()) GPEN_TRY(check("md5", arguments.md5, Md5OfFile(arguments.input)));
  if (arguments.sha256.empty()) return {};
  return check("sha256", arguments.sha256, Sha256OfFile(arguments.input));
}

converter::ConvertOptions OptionsOf(const Arguments& arguments) {
  converter::ConvertOptions options = arguments.options;
  options.task = kTasks.at(arguments.task);
  if (arguments.face_template == "ffhq") options.face_template = nn::FaceTemplate::kFfhq;
  if (arguments.face_template == "gpen") options.face_template = nn::FaceTemplate::kGpen;
  if (!arguments.residual.empty()) options.residual = arguments.residual == "yes";
  return options;
}

// Compares the written model with the plain form of the same weights.
Result<void> SelfTest(const Arguments& arguments, const converter::ConvertOptions& options,
                      const fs::path& written) {
  GPEN_ASSIGN_OR_RETURN(
      const double difference,
      converter::DifferenceFromPlainForm(arguments.input, options, written, AvailableCpus()));
  const double tolerance = options.half_weights ? kHalfTolerance : kFloatTolerance;
  if (difference > tolerance) {
    return Error(ErrorCode::kInternal,
                 fmt::format("expected a difference of at most {:g} from the plain graph, found "
                             "{:g}; please report it",
                             tolerance, difference));
  }
  fmt::print("self-test passed: differs by {:.2g} from the plain graph\n", difference);
  return {};
}

// What is at `output` stays until the new model has passed its test.
Result<void> ConvertTo(const Arguments& arguments, const fs::path& output,
                       AtomicFile::IfExists if_exists) {
  GPEN_TRY(CheckDownload(arguments));
  const auto options = OptionsOf(arguments);
  GPEN_ASSIGN_OR_RETURN(const auto conversion, converter::Convert(arguments.input, options));
  fmt::print("{}\n", conversion.summary);
  if (!arguments.no_self_test) {
    nn::Manifest planned = conversion.manifest;
    planned.name = output.stem().string();
    auto enough = nn::CheckMemory(planned, 0);
    if (!enough) {
      return std::move(enough).error().WithContext(
          "the self-test cannot run here (--no-self-test leaves it out)");
    }
  }
  GPEN_ASSIGN_OR_RETURN(auto staged, converter::StagedConversion::Write(conversion, output));
  if (!arguments.no_self_test) {
    auto test = SelfTest(arguments, options, staged.path());
    if (!test) {
      return std::move(test).error().WithContext(
          fmt::format("the self-test of {} failed, and nothing was changed", output.string()));
    }
  }
  GPEN_TRY(staged.Install(if_exists));
  fmt::print("wrote {} and its manifest, sha256 {}\n", output.string(), staged.manifest().sha256);
  return {};
}

ExitCode Convert(const Arguments& arguments) {
  fs::path output = arguments.output;
  if (output.empty()) output = fs::path(arguments.input).replace_extension(".onnx");
  if (output.extension() != ".onnx") {
    return Failed(
        Error(ErrorCode::kInvalidArgument,
              fmt::format("expected an output that ends in .onnx, found '{}'", output.string())));
  }
  const auto result = ConvertTo(arguments, output, AtomicFile::IfExists::kReplace);
  return result ? ExitCode::kOk : Failed(result.error());
}

ExitCode Add(const Arguments& arguments) {
  const fs::path folder = ModelsFolder(arguments.models);
  const std::string name =
      arguments.name.empty() ? fs::path(arguments.input).stem().string() : arguments.name;
  if (const auto good = nn::CheckModelName(name); !good) return Failed(good.error());
  std::error_code error;
  fs::create_directories(folder, error);
  const fs::path output = folder / (name + ".onnx");
  if (fs::exists(output, error)) {
    return Failed(Error(
        ErrorCode::kConflict,
        fmt::format("{} exists already: choose another --name, or remove it", output.string())));
  }
  const auto result = ConvertTo(arguments, output, AtomicFile::IfExists::kFail);
  if (!result) return Failed(result.error());
  fmt::print("installed: gpen restore --model {}\n", name);
  return ExitCode::kOk;
}

ExitCode DescribeCheckpoint(const fs::path& path) {
  const auto checkpoint = converter::Checkpoint::Open(path);
  if (!checkpoint) return Failed(checkpoint.error());
  const auto network = converter::DescribeGpen(*checkpoint);
  if (!network) return Failed(network.error());
  fmt::print("{}\n", network->Summary());
  fmt::print("format       {}, {} tensors{}\n", checkpoint->format(), checkpoint->tensors().size(),
             checkpoint->nested_under().empty()
                 ? ""
                 : fmt::format(" under '{}'", checkpoint->nested_under()));
  fmt::print("style        {} values, {} mapping layers\n", network->style_size,
             network->mapping_layers);
  fmt::print("channels    ");
  for (const auto& [resolution, channels] : network->channels)
    fmt::print(" {}:{}", resolution, channels);
  fmt::print("\n");
  return ExitCode::kOk;
}

ExitCode DescribeModel(const InstalledModel& installed) {
  fmt::print("{}", nn::FormatManifest(installed.manifest));
  std::error_code error;
  fmt::print("file         {} ({} bytes)\n", installed.path.string(),
             fs::file_size(installed.path, error));
  return ExitCode::kOk;
}

ExitCode Info(const Arguments& arguments) {
  const fs::path path = arguments.input;
  std::error_code error;
  if (fs::is_regular_file(path, error) && path.extension() != ".onnx")
    return DescribeCheckpoint(path);
  const auto installed = FindInstalled(ModelsFolder(arguments.models), arguments.input);
  return installed ? DescribeModel(*installed) : Failed(installed.error());
}

}  // namespace

void AddModelConvertCommands(CLI::App* model, ExitCode* exit_code) {
  const auto convert = std::make_shared<Arguments>();
  auto* command =
      model->add_subcommand("convert", "PyTorch weights of GPEN (.pth) to a fast ONNX model");
  AddConvertOptions(command, convert.get());
  command->add_option("-o,--output", convert->output,
                      "ONNX file; its manifest is written beside it");
  command->callback([convert, exit_code] { *exit_code = Convert(*convert); });

  const auto add = std::make_shared<Arguments>();
  command = model->add_subcommand("add", "Convert, test and install weights in the models folder");
  AddConvertOptions(command, add.get());
  command->add_option("--name", add->name, "Name of the model; else the file's");
  command->add_option("--models", add->models, "Folder of the models");
  command->callback([add, exit_code] { *exit_code = Add(*add); });

  const auto info = std::make_shared<Arguments>();
  command = model->add_subcommand("info", "What a checkpoint or an installed model is");
  command->add_option("model", info->input, "Checkpoint, ONNX file or name of an installed model")
      ->required();
  command->add_option("--models", info->models, "Folder of the models");
  command->callback([info, exit_code] { *exit_code = Info(*info); });
}

}  // namespace gpen::app
