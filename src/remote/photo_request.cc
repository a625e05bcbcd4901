#include "remote/photo_request.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "celery/base64.h"

namespace gpen::remote {
namespace {

using Json = nlohmann::ordered_json;

Error Expected(std::string_view what) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("gpen.restore(input, output=None, **options): expected {}", what));
}

Result<InlinePhoto> Decode(std::string_view base64) {
  // Before anything is allocated for it.
  if (base64.size() / 4 * 3 > kMostInlineBytes + 3) {
    return Error(ErrorCode::kImageTooLarge,
                 fmt::format("expected at most {} bytes inside a message: put the photo into a "
                             "root, and send root:path",
                             kMostInlineBytes));
  }
  auto bytes = celery::DecodeBase64(base64);
  if (!bytes) return Expected("a photo inside the message in Base64");
  return InlinePhoto{*std::move(bytes)};
}

// {"__type__": "base64", "__value__": "..."}, as kombu writes bytes.
const std::string* WrappedBytes(const Json& json) {
  if (!json.is_object() || !json.contains("__type__") || !json.contains("__value__"))
    return nullptr;
  const bool is_bytes = json["__type__"] == "base64" || json["__type__"] == "bytes";
  return is_bytes && json["__value__"].is_string() ? json["__value__"].get_ptr<const std::string*>()
                                                   : nullptr;
}

Result<std::variant<RootedPath, InlinePhoto>> ReadInput(const Json& json) {
  if (const auto* wrapped = WrappedBytes(json)) {
    GPEN_ASSIGN_OR_RETURN(auto photo, Decode(*wrapped));
    return std::variant<RootedPath, InlinePhoto>(std::move(photo));
  }
  if (!json.is_string()) return Expected("an input: \"root:path\"");
  const std::string_view text = json.get_ref<const std::string&>();
  if (text.starts_with("data:")) {
    constexpr std::string_view kMark = ";base64,";
    const auto at = text.substr(0, 200).find(kMark);
    if (at == std::string_view::npos) return Expected("data:...;base64,...");
    GPEN_ASSIGN_OR_RETURN(auto photo, Decode(text.substr(at + kMark.size())));
    return std::variant<RootedPath, InlinePhoto>(std::move(photo));
  }
  if (text.starts_with("http://") || text.starts_with("https://")) {
    return Expected("\"root:path\": photos are not fetched from addresses");
  }
  GPEN_ASSIGN_OR_RETURN(auto path, ParseRootedPath(text));
  return std::variant<RootedPath, InlinePhoto>(std::move(path));
}

Result<void> ReadNamed(Json names, Json* input, Json* output, PhotoRequest* request) {
  const auto take = [&](const char* name) {
    Json value = names.contains(name) ? names[name] : Json();
    names.erase(name);
    return value;
  };
  if (names.contains("input")) *input = take("input");
  if (names.contains("output")) *output = take("output");
  if (const Json sha256 = take("sha256"); !sha256.is_null()) {
    if (!sha256.is_string()) return Expected("sha256 as 64 hexadecimal digits");
    request->sha256 = sha256.get<std::string>();
  }
  return restore::SetOptionsFromJson(names.dump(-1, ' ', false, Json::error_handler_t::replace),
                                     restore::OptionSetter::kApi, &request->options);
}

}  // namespace

std::string PhotoRequest::name() const {
  const auto* path = std::get_if<RootedPath>(&input);
  return path != nullptr ? FormatRootedPath(*path) : "a photo inside a message";
}

Result<PhotoRequest> ReadPhotoRequest(std::string_view args, std::string_view kwargs) {
  const Json positional = Json::parse(args, nullptr, false);
  Json named = Json::parse(kwargs, nullptr, false);
  if (!positional.is_array() || positional.size() > 2 || !named.is_object()) {
    return Expected("at most two arguments without a name");
  }
  Json input = positional.empty() ? Json() : positional[0];
  Json output = positional.size() < 2 ? Json() : positional[1];
  PhotoRequest request;
  GPEN_TRY(ReadNamed(std::move(named), &input, &output, &request));
  GPEN_ASSIGN_OR_RETURN(request.input, ReadInput(input));
  if (output.is_null()) return request;
  if (!output.is_string()) return Expected("an output as \"root:path\"");
  GPEN_ASSIGN_OR_RETURN(request.output, ParseRootedPath(output.get_ref<const std::string&>()));
  const auto* from = std::get_if<RootedPath>(&request.input);
  if (from != nullptr && from->root == request.output->root &&
      from->relative == request.output->relative) {
    return Expected("an output that is not the photo itself");
  }
  return request;
}

}  // namespace gpen::remote
