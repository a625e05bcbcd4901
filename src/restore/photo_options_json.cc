// Photo options as flat JSON: of requests, and as they are stored.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "restore/photo_options.h"

namespace gpen::restore {
namespace {

using Json = nlohmann::ordered_json;

using SetMember = std::function<Result<void>(std::string_view name, std::string_view text)>;

// Calls `set` for each member of a flat JSON object that is not null.
Result<void> ForEachMember(std::string_view text, const SetMember& set) {
  // Options are flat, so anything deep is refused while it is read.
  const auto flat = [](int depth, Json::parse_event_t, Json&) { return depth <= 1; };
  const Json json = Json::parse(text, flat, false);
  if (!json.is_object()) {
    return Error(ErrorCode::kInvalidArgument, "options: expected a JSON object");
  }
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    if (value.is_structured()) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("option {}: expected a text, a number or true or false, found \"a "
                               "list or object\"",
                               name));
    }
    GPEN_TRY(set(name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return {};
}

Json ToJson(const OptionValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(held)>, std::monostate>) {
          return nullptr;
        } else {
          return held;
        }
      },
      value);
}

}  // namespace

Result<void> SetOptionsFromJson(std::string_view json, OptionSetter setter, PhotoOptions* options) {
  return ForEachMember(json, [&](std::string_view name, std::string_view text) -> Result<void> {
    const auto* option = FindPhotoOption(name, setter);
    if (option != nullptr && option->AddsUp()) GPEN_TRY(SetOption(*option, "", options));
    return SetOption(name, text, setter, options);
  });
}

std::string OptionsJson(const PhotoOptions& options, std::span<const std::string_view> names) {
  Json json = Json::object();
  for (const auto name : names) {
    const auto found = std::ranges::find(AllPhotoOptions(), name, &PhotoOption::name);
    if (found != AllPhotoOptions().end()) json[std::string(name)] = ToJson(found->get(options));
  }
  return json.dump();
}

std::string CanonicalJson(const PhotoOptions& options) {
  Json json = Json::object();
  for (const auto& option : AllPhotoOptions()) {
    if (option.is_preset) continue;
    const OptionValue value = option.get(options);
    if (option.came_later && value == option.get({})) continue;
    json[std::string(option.name)] = ToJson(value);
  }
  return json.dump();
}

Result<PhotoOptions> ParseCanonicalJson(std::string_view json) {
  PhotoOptions options;
  GPEN_TRY(ForEachMember(json, [&](std::string_view name, std::string_view text) -> Result<void> {
    const auto found = std::ranges::find(AllPhotoOptions(), name, &PhotoOption::name);
    if (found == AllPhotoOptions().end()) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("unknown option \"{}\"", name));
    }
    auto set = SetOption(*found, text, &options);
    if (!set) return std::move(set).error().WithContext(fmt::format("option {}", name));
    return {};
  }));
  options.chosen = 0;  // Who changes a photo's options chooses anew.
  return options;
}

}  // namespace gpen::restore
