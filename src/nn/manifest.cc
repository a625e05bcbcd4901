#include "nn/manifest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/file.h"

namespace gpen::nn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMaxManifestBytes = 64 << 10;

template <typename Enum>
using NameTable = std::vector<std::pair<Enum, std::string_view>>;

const NameTable<Task>& Names(Task) {
  static const NameTable<Task> table = {{Task::kRestoration, "restoration"},
                                        {Task::kColorization, "colorization"},
                                        {Task::kInpainting, "inpainting"},
                                        {Task::kSegmentationToFace, "segmentation-to-face"},
                                        {Task::kPhoto, "photo"},
                                        {Task::kParsing, "parsing"}};
  return table;
}
const NameTable<ColorOrder>& Names(ColorOrder) {
  static const NameTable<ColorOrder> table = {{ColorOrder::kRgb, "RGB"}, {ColorOrder::kBgr, "BGR"}};
  return table;
}
const NameTable<FaceTemplate>& Names(FaceTemplate) {
  static const NameTable<FaceTemplate> table = {{FaceTemplate::kFfhq, "ffhq"},
                                                {FaceTemplate::kGpen, "gpen"}};
  return table;
}

template <typename Enum>
std::string_view NameIn(Enum value) {
  for (const auto& [entry, name] : Names(value)) {
    if (entry == value) return name;
  }
  return "";
}

Error Invalid(std::string_view field, std::string_view expected, const Json& found) {
  std::string text = found.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 60) + "...";
  return Error(ErrorCode::kModelInvalid,
               fmt::format("manifest field \"{}\": expected {}, found {}", field, expected, text));
}

// Takes fields out of a JSON object one by one and remembers the first error; what is left over at
// the end is unknown.
class FieldReader {
 public:
  explicit FieldReader(const Json& object) : object_(object) {}

  std::string Text(const char* field) {
    const Json* value = Find(field);
    if (value == nullptr) return "";
    if (value->is_string() && !value->get_ref<const std::string&>().empty()) {
      return value->get<std::string>();
    }
    Fail(Invalid(field, "a text", *value));
    return "";
  }

  template <typename Enum>
  Enum Choice(const char* field) {
    const Json* value = Find(field);
    std::vector<std::string_view> names;
    for (const auto& [entry, name] : Names(Enum{})) {
      if (value != nullptr && value->is_string() && value->get_ref<const std::string&>() == name) {
        return entry;
      }
      names.push_back(name);
    }
    if (value != nullptr)
      Fail(Invalid(field, fmt::format("one of {}", fmt::join(names, ", ")), *value));
    return Enum{};
  }

  bool Flag(const char* field) {
    const Json* value = Find(field);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    Fail(Invalid(field, "true or false", *value));
    return false;
  }

  int Size(const char* field) {
    const Json* value = Find(field);
    if (value == nullptr) return 0;
    if (value->is_number_integer()) {
      const auto size = value->get<std::int64_t>();
      if (size >= 16 && size <= 4096 && std::has_single_bit(static_cast<std::uint64_t>(size))) {
        return static_cast<int>(size);
      }
    }
    Fail(Invalid(field, "a power of two from 16 to 4096", *value));
    return 0;
  }

  // 0 where the field is missing: manifests of before it stay valid.
  std::int64_t CountIfAny(const char* field) {
    seen_.insert(field);
    const auto found = object_.find(field);
    if (found == object_.end()) return 0;
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    const bool is_count = found->is_number_unsigned() && found->get<std::uint64_t>() <= kMost;
    if (is_count) return found->get<std::int64_t>();
    Fail(Invalid(field, "a number of weights", *found));
    return 0;
  }

  std::array<float, 2> Range(const char* field) {
    const Json* value = Find(field);
    if (value == nullptr) return {};
    if (value->is_array() && value->size() == 2 && (*value)[0].is_number() &&
        (*value)[1].is_number()) {
      const std::array range = {(*value)[0].get<float>(), (*value)[1].get<float>()};
      if (range[0] < range[1] && range[0] >= -1000 && range[1] <= 1000) return range;
    }
    Fail(Invalid(field, "two numbers, the smaller first", *value));
    return {};
  }

  Result<void> Finish() {
    if (failed_) return std::move(first_error_);
    for (const auto& [key, value] : object_.items()) {
      if (!seen_.contains(key)) {
        return Error(ErrorCode::kModelInvalid,
                     fmt::format("manifest field \"{}\" is unknown; known are {}", key,
                                 fmt::join(seen_, ", ")));
      }
    }
    return {};
  }

  void Fail(Error error) {
    if (!failed_) first_error_ = std::move(error);
    failed_ = true;
  }

 private:
  const Json* Find(const char* field) {
    seen_.insert(field);
    const auto found = object_.find(field);
    if (found != object_.end()) return &*found;
    Fail(Error(ErrorCode::kModelInvalid, fmt::format("manifest field \"{}\" is missing", field)));
    return nullptr;
  }

  const Json& object_;
  std::set<std::string> seen_;
  bool failed_ = false;
  Error first_error_{ErrorCode::kModelInvalid, ""};
};

// A manifest may come from anywhere: its names must stay names, never paths.
bool IsPlainName(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

bool IsSha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::string_view NameOf(Task task) { return NameIn(task); }
std::string_view NameOf(ColorOrder order) { return NameIn(order); }
std::string_view NameOf(FaceTemplate face_template) { return NameIn(face_template); }

Result<void> CheckModelName(std::string_view name) {
  if (IsPlainName(name)) return {};
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("expected a model name of letters, digits, '.', '-' and '_', not '.' "
                           "first, found '{}': choose another",
                           name));
}

Result<Manifest> ParseManifest(std::string_view text) {
  // Depth is limited since the library's copy and dump recurse.
  bool too_deep = false;
  const auto limit_depth = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > 4;
    return depth <= 4;
  };
  const Json json = Json::parse(text, limit_depth, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object() || too_deep) {
    return Error(ErrorCode::kModelInvalid, "manifest: expected one flat JSON object");
  }
  FieldReader reader(json);
  Manifest manifest;
  manifest.name = reader.Text("name");
  manifest.version = reader.Text("version");
  manifest.file = reader.Text("file");
  manifest.sha256 = reader.Text("sha256");
  manifest.task = reader.Choice<Task>("task");
  manifest.input_size = reader.Size("input_size");
  manifest.value_range = reader.Range("value_range");
  manifest.color_order = reader.Choice<ColorOrder>("color_order");
  manifest.face_template = reader.Choice<FaceTemplate>("template");
  manifest.residual = reader.Flag("residual");
  manifest.parameters = reader.CountIfAny("parameters");
  manifest.license = reader.Text("license");
  manifest.provenance = reader.Text("provenance");
  GPEN_TRY(reader.Finish());
  for (const auto* field : {"name", "file"}) {
    if (!IsPlainName(json[field].get_ref<const std::string&>())) {
      return Invalid(field, "a name of letters, digits, '.', '-' and '_'", json[field]);
    }
  }
  if (!IsSha256(manifest.sha256)) {
    return Invalid("sha256", "64 lower-case hexadecimal digits", json["sha256"]);
  }
  return manifest;
}

std::string FormatManifest(const Manifest& manifest) {
  Json json;
  json["name"] = manifest.name;
  json["version"] = manifest.version;
  json["file"] = manifest.file;
  json["sha256"] = manifest.sha256;
  json["task"] = NameOf(manifest.task);
  json["input_size"] = manifest.input_size;
  json["value_range"] = manifest.value_range;
  json["color_order"] = NameOf(manifest.color_order);
  json["template"] = NameOf(manifest.face_template);
  json["residual"] = manifest.residual;
  if (manifest.parameters > 0) json["parameters"] = manifest.parameters;
  json["license"] = manifest.license;
  json["provenance"] = manifest.provenance;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> LoadManifest(const std::filesystem::path& path) {
  auto bytes = ReadFile(path, kMaxManifestBytes);
  if (!bytes) {
    return Error(ErrorCode::kModelMissing, "model manifest: " + bytes.error().message());
  }
  auto manifest = ParseManifest(AsText(*bytes));
  if (!manifest) return std::move(manifest).error().WithContext(path.string());
  return manifest;
}

}  // namespace gpen::nn
