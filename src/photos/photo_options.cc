#include "photos/photo_options.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace gpen::photos {
namespace {

using Json = nlohmann::ordered_json;

Error Expected(std::string_view name, std::string_view what, std::string_view found) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("option {}: expected {}, found \"{}\"", name, what, found));
}

template <typename Number>
Result<Number> ParseNumber(std::string_view name, std::string_view text, Number least,
                           Number most) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(value >= least && value <= most)) {
    return Expected(name, fmt::format("a number from {} to {}", least, most), text);
  }
  return value;
}

Result<bool> ParseBool(std::string_view name, std::string_view text) {
  if (text == "true" || text == "1" || text == "on") return true;
  if (text == "false" || text == "0" || text == "off") return false;
  return Expected(name, "true or false", text);
}

}  // namespace

Result<void> SetOption(std::string_view name, std::string_view value, PhotoOptions* options) {
  if (name == "strength") {
    GPEN_ASSIGN_OR_RETURN(options->restore.strength, ParseNumber(name, value, 0, 100));
  } else if (name == "mode") {
    if (value != "natural" && value != "strong") return Expected(name, "natural or strong", value);
    options->restore.mode = value == "strong" ? restore::Mode::kStrong : restore::Mode::kNatural;
  } else if (name == "protect_tone") {
    GPEN_ASSIGN_OR_RETURN(options->restore.protect_tone, ParseBool(name, value));
  } else if (name == "min_face") {
    GPEN_ASSIGN_OR_RETURN(options->restore.find.min_face, ParseNumber(name, value, 8.0, 4096.0));
  } else if (name == "max_faces") {
    GPEN_ASSIGN_OR_RETURN(options->restore.find.max_faces, ParseNumber(name, value, 1, 1000));
  } else if (name == "aligned") {
    GPEN_ASSIGN_OR_RETURN(options->aligned, ParseBool(name, value));
  } else if (name == "format") {
    options->format = codec::FormatFromName(value);
    if (!options->format && !value.empty()) {
      return Expected(name, "jpeg, png, webp, tiff, heic or avif", value);
    }
  } else if (name == "quality") {
    GPEN_ASSIGN_OR_RETURN(options->quality, ParseNumber(name, value, 1, 100));
  } else {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("unknown option \"{}\": expected strength, mode, protect_tone, min_face, "
                    "max_faces, aligned, format or quality",
                    name));
  }
  return {};
}

Result<void> SetOptionsFromJson(std::string_view text, PhotoOptions* options) {
  // Options are flat, so anything deep is refused while it is read.
  const auto flat = [](int depth, Json::parse_event_t, Json&) { return depth <= 1; };
  const Json json = Json::parse(text, flat, false);
  if (!json.is_object()) {
    return Error(ErrorCode::kInvalidArgument, "options: expected a JSON object");
  }
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    if (value.is_structured())
      return Expected(name, "a text, a number or true or false", "a list or object");
    const std::string plain = value.is_string() ? value.get<std::string>() : value.dump();
    GPEN_TRY(SetOption(name, plain, options));
  }
  return {};
}

std::string CanonicalJson(const PhotoOptions& options) {
  const Json json = {
      {"strength", options.restore.strength},
      {"mode", options.restore.mode == restore::Mode::kStrong ? "strong" : "natural"},
      {"protect_tone", options.restore.protect_tone},
      {"min_face", options.restore.find.min_face},
      {"max_faces", options.restore.find.max_faces},
      {"aligned", options.aligned},
      {"format", options.format ? Json(codec::NameOf(*options.format)) : Json(nullptr)},
      {"quality", options.quality ? Json(*options.quality) : Json(nullptr)}};
  return json.dump();
}

}  // namespace gpen::photos
