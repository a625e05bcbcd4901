#include "gpen/photo_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

// A photo, and its place below the input that it was found through.
struct Found {
  fs::path path;
  fs::path relative;
};

bool IsOurResult(const fs::path& path) {
  const auto kind = path.stem().extension();
  return kind == ".restored" || kind == ".compare" || kind == ".original";
}

bool IsWanted(const fs::path& path) {
  return !path.filename().string().starts_with('.') && !IsOurResult(path) &&
         codec::FormatFromName(path.extension().string()).has_value();
}

void AddFolder(const fs::path& folder, bool recursive, std::vector<Found>* found) {
  std::vector<Found> here;
  std::error_code error;
  auto entry = fs::recursive_directory_iterator(
      folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const bool hidden = entry->path().filename().string().starts_with('.') ||
                        entry->path().filename().string().starts_with('@');
    if (entry->is_directory(ignored)) {
      if (!recursive || hidden) entry.disable_recursion_pending();
    } else if (IsWanted(entry->path()) && entry->is_regular_file(ignored)) {
      // By the names alone: fs::relative() follows a linked photo to wherever it lies.
      here.push_back({entry->path(), entry->path().lexically_relative(folder)});
    }
  }
  std::ranges::sort(here, {}, &Found::path);
  found->insert(found->end(), here.begin(), here.end());
}

fs::path OutputFor(const Found& photo, const OutputRules& rules) {
  if (rules.in_place) return photo.path;
  if (!rules.file.empty()) return rules.file;
  const auto extension = rules.format ? std::string(codec::ExtensionOf(*rules.format))
                                      : photo.path.extension().string();
  const fs::path name = photo.path.stem().string() + ".restored" + extension;
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
  return {};
}

}  // namespace

Result<std::vector<PhotoTask>> ListPhotos(const std::vector<fs::path>& inputs, bool recursive,
                                          const OutputRules& rules) {
  std::vector<Found> photos;
  for (const auto& input : inputs) {
    std::error_code error;
    const auto status = fs::status(input, error);
    if (!fs::exists(status)) {
      return Error(ErrorCode::kNotFound, fmt::format("{}: no such file or folder", input.string()));
    }
    if (fs::is_directory(status)) {
      AddFolder(input, recursive, &photos);
    } else {
      photos.push_back({input, input.filename()});
    }
  }
  GPEN_TRY(CheckRules(photos, rules));

  std::vector<PhotoTask> tasks;
  std::map<fs::path, fs::path> writer_of;  // Output -> the input that it comes from.
  for (const auto& photo : photos) {
    PhotoTask task = {photo.path, OutputFor(photo, rules), {}};
    std::error_code error;
    if (rules.in_place) {
      task.backup = photo.path.parent_path() /
                    (photo.path.stem().string() + ".original" + photo.path.extension().string());
    } else if (fs::equivalent(task.input, task.output, error) && !error) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("{} is the input itself, and originals are never overwritten: choose "
                      "another output, or use --in-place-with-backup",
                      task.output.string()));
    }
    const auto [other, is_new] = writer_of.emplace(task.output.lexically_normal(), task.input);
    if (!is_new && other->second != task.input) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{} and {} would both be written to {}: restore them separately",
                               other->second.string(), task.input.string(), task.output.string()));
    }
    if (is_new) tasks.push_back(std::move(task));  // The same photo named twice is done once.
  }
  return tasks;
}

}  // namespace gpen::app
