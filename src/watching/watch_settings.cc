#include "watching/watch_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace gpen::watching {
namespace {

namespace fs = std::filesystem;

constexpr auto kSetter = restore::OptionSetter::kWatchedFolder;

constexpr std::array<WatchSetting, 12> kKeys = {{
    {"path", "the folder, absolute (required)"},
    {"name", "for people; the folder's own where not given"},
    {"output", "a name: folder beside each photo (enhanced); a path: another root, same tree"},
    {"without_faces",
     "photos in which nothing is restored: \"copy\" them to the output, or \"skip\" them"},
    {"keep_date", "results get the photo's date of modification (true)"},
    {"recursive", "also folders in it (true)"},
    {"always_poll", "do not trust notices of changes (false)"},
    {"settle_seconds", "after a file was closed (2)"},
    {"stable_seconds", "without a change, where nobody tells that it was closed (10)"},
    {"cut_short_seconds", "that a photo without its end is waited for (600)"},
    {"poll_seconds", "between two looks where there are no notices (30)"},
    {"skip", "patterns of names to leave out, as in [\"*_raw.*\", \"private\"]"},
}};

Error Expected(std::string_view key, std::string_view what, std::string_view found) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("{}: expected {}, found \"{}\"", key, what, found));
}

Result<Milliseconds> ParseSeconds(std::string_view key, std::string_view text, double least) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(seconds >= least && seconds <= 86'400)) {
    return Expected(key, fmt::format("seconds from {} to 86400", least), text);
  }
  return Milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

Result<bool> ParseSwitch(std::string_view key, std::string_view text) {
  if (text == "true" || text == "false") return text == "true";
  return Expected(key, "true or false", text);
}

bool IsPlainText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

// Without "..", "." and a slash at the end, so that paths can be compared by their parts.
fs::path Normal(const fs::path& path) {
  fs::path normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

bool IsWithin(const fs::path& path, const fs::path& folder) {
  const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

Result<void> SetOutput(std::string_view value, fs::path* output) {
  const fs::path path{std::string(value)};
  const bool is_name = path.filename() == path && path != "." && path != "..";
  if (path.empty() || value.starts_with('.') || (!path.is_absolute() && !is_name)) {
    return Expected("output", "an absolute path, or one name that does not begin with a dot",
                    value);
  }
  *output = path.is_absolute() ? Normal(path) : path;
  return {};
}

Result<void> CheckOutput(const WatchSettings& settings) {
  const auto& folder = settings.folder;
  if (!folder.output_is_sibling() && IsWithin(folder.path, folder.output)) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("watch \"{}\": the output {} contains the watched folder {}: choose "
                             "another one, or a name",
                             folder.name, folder.output.string(), folder.path.string()));
  }
  return {};
}

}  // namespace

std::span<const WatchSetting> WatchSettingKeys() { return kKeys; }

Result<void> ApplyWatchSetting(std::string_view key, std::string_view value,
                               WatchSettings* settings) {
  auto& folder = settings->folder;
  if (!IsPlainText(value)) return Expected(key, "text without control characters", value);
  if (key == "name") {
    if (value.empty() || value.size() > 100) return Expected(key, "1 to 100 characters", value);
    folder.name = value;
  } else if (key == "path") {
    if (!value.starts_with('/')) return Expected(key, "an absolute path", value);
    folder.path = Normal(fs::path(std::string(value)));
  } else if (key == "output") {
    GPEN_TRY(SetOutput(value, &folder.output));
  } else if (key == "without_faces") {
    if (value != "copy" && value != "skip") return Expected(key, "copy or skip", value);
    settings->copies_without_faces = value == "copy";
  } else if (key == "recursive") {
    GPEN_ASSIGN_OR_RETURN(folder.recursive, ParseSwitch(key, value));
  } else if (key == "keep_date") {
    GPEN_ASSIGN_OR_RETURN(folder.keep_date, ParseSwitch(key, value));
  } else if (key == "always_poll") {
    GPEN_ASSIGN_OR_RETURN(folder.always_poll, ParseSwitch(key, value));
  } else if (key == "settle_seconds") {
    GPEN_ASSIGN_OR_RETURN(folder.after_closing, ParseSeconds(key, value, 0));
  } else if (key == "stable_seconds") {
    GPEN_ASSIGN_OR_RETURN(folder.stable, ParseSeconds(key, value, 0.5));
  } else if (key == "cut_short_seconds") {
    GPEN_ASSIGN_OR_RETURN(folder.cut_short, ParseSeconds(key, value, 0));
  } else if (key == "poll_seconds") {
    GPEN_ASSIGN_OR_RETURN(folder.poll, ParseSeconds(key, value, 0.5));
  } else if (key == "skip") {
    folder.skipped.clear();
    while (!value.empty()) {
      const auto end = std::min(value.find(','), value.size());
      if (end > 0) folder.skipped.emplace_back(value.substr(0, end));
      value.remove_prefix(std::min(end + 1, value.size()));
    }
  } else if (restore::FindPhotoOption(key, kSetter) != nullptr) {
    return restore::SetOption(key, value, kSetter, &settings->options);
  } else {
    std::string known;
    for (const auto& one : kKeys) known += fmt::format(" {}", one.key);
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("unknown setting \"{}\"; there are:{} {}", key, known,
                             fmt::join(restore::PhotoOptionNames(kSetter), " ")));
  }
  return {};
}

Result<void> CompleteWatchSettings(const fs::path& data_folder,
                                   std::vector<WatchSettings>* folders) {
  std::set<std::string> names;
  std::set<fs::path> paths;
  for (auto& settings : *folders) {
    auto& folder = settings.folder;
    if (folder.path.empty()) {
      return Error(ErrorCode::kInvalidArgument, "[[watch]]: path is missing");
    }
    if (folder.name.empty()) folder.name = folder.path.filename().string();
    if (!names.insert(folder.name).second) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("watch: two folders are called \"{}\": give each a name of its own",
                               folder.name));
    }
    if (!paths.insert(folder.path).second) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("watch: {} is listed twice", folder.path.string()));
    }
    GPEN_TRY(CheckOutput(settings));
  }
  std::error_code error;
  const auto own = fs::absolute(data_folder, error);
  if (error) {
    return Error(ErrorCode::kUnavailable, fmt::format("cannot find the data folder {}: {}",
                                                      data_folder.string(), error.message()));
  }
  for (auto& settings : *folders) {
    auto& excluded = settings.folder.excluded;
    excluded = {own};
    for (const auto& other : *folders) {
      // A folder inside another one is watched with its own options, and only so.
      if (&other != &settings) excluded.push_back(other.folder.path);
      if (!other.folder.output_is_sibling()) excluded.push_back(other.folder.output);
    }
  }
  return {};
}

}  // namespace gpen::watching
