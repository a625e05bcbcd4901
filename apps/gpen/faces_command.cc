#include "gpen/faces_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "gpen/face_files.h"
#include "gpen/faces_find_command.h"
#include "gpen/interrupt.h"
#include "gpen/photo_inputs.h"
#include "gpen/printable.h"
#include "gpen/progress_line.h"
#include "nn/models_folder.h"
#include "restore/face_extractor.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  PhotoInputs inputs;
  std::string output;
  std::string face_template = "ffhq";
  restore::ExtractOptions extract;
};

ExitCode Complain(const Error& error) {
  fmt::print(stderr, "gpen faces extract: {}\n", Printable(error.message()));
  return TraitsOf(error.code()).exit_code;
}

// What became of the faces and photos; the rows of the table.
struct Tally {
  std::array<int, restore::kVerdicts> faces = {};
  int photos = 0;
  int without_face = 0;
  int unreadable = 0;
  std::string left_out = "photo\tleft\ttop\tright\tbottom\twhy\treason\n";

  int& operator[](restore::Verdict verdict) { return faces[static_cast<std::size_t>(verdict)]; }

  void LeaveOut(const fs::path& photo, const restore::ExtractedFace& face) {
    left_out += fmt::format("{}\t{:.0f}\t{:.0f}\t{:.0f}\t{:.0f}\t{}\t{}\n", photo.string(),
                            face.box.left, face.box.top, face.box.right, face.box.bottom,
                            restore::NameOf(face.verdict), face.reason);
  }

  void Print() const {
    for (int i = 0; i < restore::kVerdicts; ++i) {
      fmt::print("{:>7} {}\n", faces[static_cast<std::size_t>(i)],
                 restore::NameOf(static_cast<restore::Verdict>(i)));
    }
    fmt::print("of {} photos, {} without a face, {} unreadable\n", photos, without_face,
               unreadable);
  }
};

// One photo's faces, kept ones as STEM-HASH-N.png: the hash keeps photos of the same name apart.
Result<void> ExtractOne(const fs::path& photo, const Arguments& arguments, std::stop_token stop,
                        restore::FaceExtractor* extractor, Tally* tally) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(photo, arguments.extract.limits.max_file_bytes));
  GPEN_ASSIGN_OR_RETURN(const auto faces, extractor->Extract(bytes, stop));
  if (faces.empty()) ++tally->without_face;
  const std::string stem = fmt::format("{}-{}", photo.stem().string(), Sha256(bytes).substr(0, 8));
  int number = 0;
  for (const auto& face : faces) {
    ++number;
    ++(*tally)[face.verdict];
    if (face.verdict == restore::Verdict::kKept) {
      GPEN_TRY(WriteFacePng(fs::path(arguments.output) / fmt::format("{}-{}.png", stem, number),
                            face.crop.view()));
    } else {
      tally->LeaveOut(photo, face);
    }
  }
  return {};
}

ExitCode RunExtract(Arguments arguments) {
  const auto photos = ListInputs(arguments.inputs);
  if (!photos) {
    Complain(photos.error());
    return ExitCode::kUsage;
  }
  std::error_code error;
  fs::create_directories(arguments.output, error);
  if (error) {
    return Complain(Error(ErrorCode::kUnavailable, fmt::format("cannot create the folder {}: {}",
                                                               arguments.output, error.message())));
  }
  arguments.extract.models_folder = nn::FindModelsFolder(arguments.inputs.models);
  arguments.extract.threads = arguments.inputs.threads;
  arguments.extract.face_template =
      arguments.face_template == "gpen" ? nn::FaceTemplate::kGpen : nn::FaceTemplate::kFfhq;
  const Interrupt interrupt;
  const auto stop = interrupt.token();
  auto extractor = restore::FaceExtractor::Create(arguments.extract);
  if (!extractor) return Complain(extractor.error());

  Tally tally;
  ProgressLine progress(photos->size());
  for (const auto& task : *photos) {
    if (stop.stop_requested()) break;
    progress.Show(static_cast<std::size_t>(tally.photos), task.input.filename().string());
    const auto done = ExtractOne(task.input, arguments, stop, &*extractor, &tally);
    if (stop.stop_requested() && !done) break;
    ++tally.photos;
    if (done) continue;
    progress.Clear();
    ++tally.unreadable;
    Complain(Error(done.error()).WithContext(task.input.string()));
  }
  progress.Clear();
  const fs::path table = fs::path(arguments.output) / "left-out.tsv";
  const auto written = WriteFileAtomically(table, std::as_bytes(std::span(tally.left_out)));
  if (!written) return Complain(written.error());
  tally.Print();
  fmt::print("what was left out, and why: {}\n", table.string());
  if (stop.stop_requested()) return ExitCode::kInterrupted;
  if (tally.unreadable > 0) return ExitCode::kSomeFailed;
  return tally[restore::Verdict::kKept] > 0 ? ExitCode::kOk : ExitCode::kNothingToDo;
}

}  // namespace

void AddFacesCommand(CLI::App* app, ExitCode* exit_code) {
  auto* faces = app->add_subcommand("faces", "Work with the faces in photos");
  faces->require_subcommand(1);
  AddFacesFindCommand(faces, exit_code);
  auto* command = faces->add_subcommand(
      "extract", "Write aligned faces that are good enough to train on, and say what is left out");
  const auto arguments = std::make_shared<Arguments>();
  auto& extract = arguments->extract;
  AddPhotoInputs(command, &arguments->inputs);
  command->add_option("-o,--output", arguments->output, "Folder for the faces")->required();
  command->add_option("--size", extract.size, "Of the faces, in pixels")
      ->check(CLI::Range(64, 2048))
      ->capture_default_str();
  command->add_option("--template", arguments->face_template, "Where the eyes and the mouth lie")
      ->check(CLI::IsMember({"ffhq", "gpen"}))
      ->capture_default_str();
  command
      ->add_option("--max-enlargement", extract.max_enlargement,
                   "Leave out faces that must be enlarged more than so many times")
      ->check(CLI::Range(0.1, 16.0))
      ->capture_default_str();
  command
      ->add_option("--least-sharpness", extract.least_sharpness,
                   "Leave out softer faces; 0 keeps all")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  command->callback([arguments, exit_code] { *exit_code = RunExtract(*arguments); });
}

}  // namespace gpen::app
