// What a photo costs in a process of its own, as `gpen serve` does it, against in this one.
//
//   work_bench PHOTO...      table: median of the runs, which take turns
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/program_path.h"
#include "base/source_folder.h"
#include "restore/local_photo_work.h"
#include "sandbox/child_photo_work.h"
#include "sandbox/photo_child.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRuns = 15;
constexpr int kColdRuns = 5;
constexpr const char* kChildArgument = "--photo-process";

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

// Milliseconds; below 0 where the photo was not restored, which is said.
double Restore(gpen::restore::PhotoWork& work, const gpen::restore::RestoreWork& photo) {
  const auto start = Clock::now();
  const auto restored = work.Restore(photo, {}, [](gpen::restore::Step, int, int) {});
  if (restored) return MillisecondsSince(start);
  fmt::print(stderr, "{}: {}\n", photo.name, restored.error().message());
  return -1;
}

// The networks are loaded and one photo is restored.
template <typename Start>
double Cold(const Start& start, const gpen::restore::RestoreWork& photo) {
  std::vector<double> times;
  for (int i = 0; i < kColdRuns; ++i) {
    const auto begin = Clock::now();
    auto work = start();
    if (!work || Restore(**work, photo) < 0) return -1;
    times.push_back(MillisecondsSince(begin));
  }
  return Median(std::move(times));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == kChildArgument)
    return gpen::sandbox::RunPhotoChild();
  gpen::sandbox::ChildOptions options;
  options.command = {gpen::ProgramPath().string(), kChildArgument};
  options.restorer.models_folder = gpen::SourceFolder() / "models";
  const auto start_here = [&] { return gpen::restore::LocalPhotoWork::Create(options.restorer); };
  const auto start_child = [&] { return gpen::sandbox::ChildPhotoWork::Start(options); };
  const auto here = start_here();
  const auto child = start_child();
  if (argc < 2 || !here || !child) {
    fmt::print(stderr, "work_bench PHOTO...: needs photos and the installed networks\n");
    return 1;
  }
  fmt::print(
      "| photo | here, ms | own process, ms | ratio | cold here, ms | cold own process, ms | ratio "
      "|\n|---|---|---|---|---|---|---|\n");
  for (int i = 1; i < argc; ++i) {
    const auto file = gpen::ReadFile(argv[i], std::int64_t{1} << 30);
    if (!file) {
      fmt::print(stderr, "{}\n", file.error().message());
      continue;
    }
    const gpen::restore::RestoreWork photo{argv[i], *file, {}};
    std::vector<double> local, own;
    for (int run = 0; run < kRuns; ++run) {
      local.push_back(Restore(**here, photo));
      own.push_back(Restore(**child, photo));
    }
    const double local_ms = Median(std::move(local)), own_ms = Median(std::move(own));
    const double cold_local = Cold(start_here, photo), cold_own = Cold(start_child, photo);
    fmt::print("| {} | {:.1f} | {:.1f} | {:.3f} | {:.0f} | {:.0f} | {:.3f} |\n",
               std::filesystem::path(argv[i]).filename().string(), local_ms, own_ms,
               own_ms / local_ms, cold_local, cold_own, cold_own / cold_local);
  }
  return 0;
}
