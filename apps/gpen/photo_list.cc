#include "gpen/photo_list.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "watch/name_filter.h"
#include "watch/output_tree.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

constexpr int kMostNames = 1000;

// A photo, and its place below the input that it was found through.
struct Found {
  fs::path path;
  fs::path relative;
};

// One name for each way to write a path. Links stay what they are.
fs::path NameOf(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  return (error ? path : absolute).lexically_normal();
}

bool IsOurResult(const fs::path& path) {
  const auto kind = path.stem().extension();
  return kind == ".restored" || kind == ".compare";
}

bool IsWanted(const fs::path& path) {
  return watch::NameFilter().IsPhoto(path.filename().native()) && !IsOurResult(path) &&
         path.stem().extension() != ".original";
}

bool MayRead(const fs::path& folder) { return ::access(folder.c_str(), R_OK | X_OK) == 0; }

void AddFolder(const fs::path& folder, bool recursive, std::vector<Found>* found, PhotoList* list) {
  std::vector<Found> here;
  std::error_code error;
  if (!MayRead(folder)) return list->closed.push_back(folder);
  auto entry = fs::recursive_directory_iterator(
      folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      const bool enters = watch::NameFilter().EntersFolder(entry->path().filename().native());
      if (enters && !recursive) ++list->subfolders;
      const bool is_closed = enters && recursive && !MayRead(entry->path());
      if (is_closed) list->closed.push_back(entry->path());
      if (!enters || !recursive || is_closed) entry.disable_recursion_pending();
    } else if (IsWanted(entry->path()) && entry->is_regular_file(ignored)) {
      // By the names alone: fs::relative() follows a linked photo to wherever it lies.
      here.push_back({entry->path(), entry->path().lexically_relative(folder)});
    }
  }
  std::ranges::sort(here, {}, &Found::path);
  found->insert(found->end(), here.begin(), here.end());
}

std::string ResultExtension(const fs::path& photo, const OutputRules& rules) {
  return rules.format ? std::string(codec::ExtensionOf(*rules.format)) : photo.extension().string();
}

// Whether the plain name fits this photo: its own format is the result's.
bool KeepsFormat(const Found& photo, const OutputRules& rules) {
  return !rules.format || codec::FormatFromName(photo.path.extension().string()) == rules.format;
}

// Whether the plain name would be taken for that of another photo, which lies beside this one.
bool NameIsAnothers(const Found& photo, const OutputRules& rules) {
  if (KeepsFormat(photo, rules)) return false;
  std::string extension = ResultExtension(photo.path, rules);
  std::error_code error;
  const auto beside = [&] {
    return fs::exists(photo.path.parent_path() / (photo.path.stem().string() + extension), error);
  };
  if (beside()) return true;
  for (char& c : extension) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return beside();
}

fs::path OutputFor(const Found& photo, const OutputRules& rules, int attempt) {
  if (rules.in_place) return photo.path;
  if (!rules.file.empty()) return rules.file;
  const fs::path name = watch::ResultNameFor(
      photo.path.filename().native(), ".restored" + ResultExtension(photo.path, rules), attempt);
  if (rules.folder.empty()) return photo.path.parent_path() / name;
  return rules.folder / photo.relative.parent_path() / name;
}

Result<void> CheckRules(const std::vector<Found>& photos, const OutputRules& rules) {
  if (!rules.file.empty() && photos.size() > 1) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("-o names one file, but there are {} photos: use -d FOLDER", photos.size()));
  }
  if (rules.in_place && (!rules.file.empty() || !rules.folder.empty() || rules.format)) {
    return Error(ErrorCode::kInvalidArgument,
                 "--in-place-with-backup cannot be used with -o, -d or --format");
  }
  std::error_code error;
  if (fs::is_directory(rules.file, error)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("-o {0} is a folder: use -d {0}", rules.file.string()));
  }
  const fs::path folder = rules.file.parent_path();
  if (!folder.empty() && !fs::is_directory(folder, error)) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("the folder {} of the result {} does not exist: create it, or use -d",
                             folder.string(), rules.file.filename().string()));
  }
  return {};
}

// What is written -> the input that it comes from.
using Writers = std::map<fs::path, fs::path>;

// The first of the names, from `attempt` on, that no other photo has, and which is `free`.
template <typename NameFor, typename IsFree>
fs::path OwnName(const fs::path& input, int attempt, const NameFor& name_for, const IsFree& is_free,
                 Writers* writers) {
  for (;; ++attempt) {
    fs::path name = name_for(attempt);
    if (!is_free(name) && attempt + 1 < kMostNames) continue;
    const auto [other, is_new] = writers->emplace(NameOf(name), input);
    if (is_new || other->second == input || attempt + 1 >= kMostNames) return name;
  }
}

// Where before and after go side by side.
fs::path ComparisonFor(const fs::path& output, int attempt) {
  fs::path name = output.stem();
  if (name.extension() == ".restored") name = name.stem();
  return output.parent_path() /
         watch::ResultNameFor(name.native() + output.extension().native(), ".compare.jpg", attempt);
}

Result<PhotoTask> TaskFor(const Found& photo, const OutputRules& rules, Writers* writers) {
  PhotoTask task;
  task.input = photo.path;
  task.makes_folder = !rules.folder.empty();
  task.output = OwnName(
      task.input, NameIsAnothers(photo, rules) ? 1 : 0,
      [&](int attempt) { return OutputFor(photo, rules, attempt); },
      [](const fs::path&) { return true; }, writers);
  if (rules.compares) {
    task.comparison = OwnName(
        task.input, 0, [&](int attempt) { return ComparisonFor(task.output, attempt); },
        [&](const fs::path& name) {
          std::error_code error;
          return rules.takes_results || !fs::exists(name, error);
        },
        writers);
  }
  std::error_code error;
  if (rules.in_place) {
    task.backup = photo.path.parent_path() /
                  watch::ResultNameFor(photo.path.filename().native(),
                                       ".original" + photo.path.extension().string(), 0);
  } else if (fs::equivalent(task.input, task.output, error) && !error) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{} is the input itself, and originals are never overwritten: choose "
                             "another output, or use --in-place-with-backup",
                             task.output.string()));
  }
  return task;
}

std::vector<Found> FindPhotos(const std::vector<fs::path>& inputs, bool recursive,
                              const OutputRules& rules, PhotoList* list) {
  std::vector<Found> photos;
  for (const auto& input : inputs) {
    std::error_code error;
    const auto status = fs::status(input, error);
    if (!fs::exists(status)) {
      list->missing.push_back(input);
    } else if (fs::is_directory(status)) {
      AddFolder(input, recursive, &photos, list);
    } else if (IsOurResult(input) && !rules.takes_results) {
      list->results.push_back(input);
    } else {
      photos.push_back({input, input.filename()});
    }
  }
  return photos;
}

}  // namespace

Error NoSuchInput() { return {ErrorCode::kNotFound, "no such file or folder"}; }

Error ClosedFolder() {
  return {ErrorCode::kUnavailable, "cannot read the folder: permission denied"};
}

Result<PhotoList> ListPhotos(const std::vector<fs::path>& inputs, bool recursive,
                             const OutputRules& rules) {
  PhotoList list;
  const std::vector<Found> photos = FindPhotos(inputs, recursive, rules, &list);
  GPEN_TRY(CheckRules(photos, rules));
  // Those whom the plain name fits have the first choice.
  Writers writers;
  std::map<fs::path, PhotoTask> tasks;
  for (const bool keeps_format : {true, false}) {
    for (const auto& photo : photos) {
      const fs::path name = NameOf(photo.path);
      // The same photo named twice is done once.
      if (KeepsFormat(photo, rules) != keeps_format || tasks.contains(name)) continue;
      GPEN_ASSIGN_OR_RETURN(tasks[name], TaskFor(photo, rules, &writers));
    }
  }
  for (const auto& photo : photos) {
    auto task = tasks.extract(NameOf(photo.path));
    if (!task.empty()) list.tasks.push_back(std::move(task.mapped()));
  }
  return list;
}

}  // namespace gpen::app
