#include "gpen/faces_find_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "codec/decode.h"
#include "codec/threads.h"
#include "face/face_finder.h"
#include "gpen/interrupt.h"
#include "gpen/photo_inputs.h"
#include "gpen/printable.h"
#include "image/image_threads.h"
#include "nn/models_folder.h"
#include "restore/photo_report.h"
#include "restore/soft_search.h"
#include "restore/whole_photo.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  PhotoInputs inputs;
  bool json = false;
  codec::Limits limits;
  face::FindOptions find;
};

void Complain(const Error& error) {
  fmt::print(stderr, "gpen faces find: {}\n", Printable(error.message()));
}

Result<restore::PhotoReport> FindIn(const fs::path& photo_path, const Arguments& arguments,
                                    const face::FaceFinder& finder,
                                    const restore::WholePhoto& whole_photo,
                                    std::stop_token stop) try {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(photo_path, arguments.limits.max_file_bytes));
  GPEN_ASSIGN_OR_RETURN(const codec::Photo photo, codec::Decode(bytes, arguments.limits));
  restore::PhotoReport report;
  report.input = photo_path.string();
  report.format = codec::NameOf(photo.info.format);
  report.width = photo.width();
  report.height = photo.height();
  const auto start = std::chrono::steady_clock::now();
  ImagePyramid pyramid(photo.pixels.view());
  GPEN_ASSIGN_OR_RETURN(auto found, finder.Find(&pyramid, arguments.find, stop));
  GPEN_TRY(restore::FindMoreInSoft(finder, whole_photo, photo.pixels.view(), arguments.find,
                                   arguments.inputs.threads, stop, &found));
  report.times.detect_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  restore::ReportFound(found, arguments.find, &report);
  return report;
} catch (const std::bad_alloc&) {
  return Error(ErrorCode::kOutOfMemory, "not enough memory for this photo");
}

ExitCode RunFind(const Arguments& arguments) {
  const auto photos = ListInputs(arguments.inputs);
  if (!photos) {
    Complain(photos.error());
    return ExitCode::kUsage;
  }
  SetImageThreads(arguments.inputs.threads);
  if (const auto started = codec::Start(); !started) {
    Complain(started.error());
    return TraitsOf(started.error().code()).exit_code;
  }
  codec::SetThreads(arguments.inputs.threads);
  const Interrupt interrupt;
  const fs::path models = nn::FindModelsFolder(arguments.inputs.models);
  const auto finder = face::FaceFinder::Create(models, arguments.inputs.threads);
  if (!finder) {
    Complain(finder.error());
    return TraitsOf(finder.error().code()).exit_code;
  }
  const restore::WholePhoto whole_photo(models, arguments.inputs.threads);
  int failed = 0;
  std::size_t faces = 0;
  for (const auto& task : *photos) {
    const auto report = FindIn(task.input, arguments, *finder, whole_photo, interrupt.token());
    if (interrupt.token().stop_requested()) return ExitCode::kInterrupted;
    if (!report) {
      ++failed;
      Complain(Error(report.error()).WithContext(task.input.string()));
      continue;
    }
    faces += report->faces.size();
    fmt::print("{}", arguments.json ? restore::FormatJson(*report) + "\n"
                                    : Printable(restore::FormatFound(*report)));
    std::fflush(stdout);
  }
  if (failed > 0) return ExitCode::kSomeFailed;
  return faces > 0 ? ExitCode::kOk : ExitCode::kNothingToDo;
}

}  // namespace

void AddFacesFindCommand(CLI::App* faces, ExitCode* exit_code) {
  auto* command = faces->add_subcommand("find", "Say which faces photos hold, and where");
  const auto arguments = std::make_shared<Arguments>();
  AddPhotoInputs(command, &arguments->inputs);
  command->add_flag("--json", arguments->json, "One JSON object a line");
  command->add_option("--min-face", arguments->find.min_face, "Of the faces that are looked for")
      ->check(CLI::Range(8, 4096))
      ->capture_default_str();
  arguments->find.max_faces = 1000;
  command->callback([arguments, exit_code] { *exit_code = RunFind(*arguments); });
}

}  // namespace gpen::app
