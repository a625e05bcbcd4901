#include "remote/photo_request.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "celery/base64.h"
#include "fetch/web_files.h"

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

Result<PhotoRequest::Input> ReadInput(const Json& json) {
  if (const auto* wrapped = WrappedBytes(json)) {
    GPEN_ASSIGN_OR_RETURN(auto photo, Decode(*wrapped));
    return PhotoRequest::Input(std::move(photo));
  }
  if (!json.is_string()) return Expected("an input: \"root:path\" or \"https://...\"");
  const std::string_view text = json.get_ref<const std::string&>();
  if (text.starts_with("data:")) {
    constexpr std::string_view kMark = ";base64,";
    const auto at = text.substr(0, 200).find(kMark);
    if (at == std::string_view::npos) return Expected("data:...;base64,...");
    GPEN_ASSIGN_OR_RETURN(auto photo, Decode(text.substr(at + kMark.size())));
    return PhotoRequest::Input(std::move(photo));
  }
  if (fetch::IsWebAddress(text)) return PhotoRequest::Input(WebFile{std::string(text)});
  GPEN_ASSIGN_OR_RETURN(auto path, ParseRootedPath(text));
  return PhotoRequest::Input(std::move(path));
}

Result<PhotoRequest::Output> ReadOutput(const Json& json) {
  if (!json.is_string()) return Expected("an output as \"root:path\" or \"https://...\"");
  const auto& text = json.get_ref<const std::string&>();
  if (fetch::IsWebAddress(text)) return PhotoRequest::Output(WebFile{text});
  GPEN_ASSIGN_OR_RETURN(auto path, ParseRootedPath(text));
  return PhotoRequest::Output(std::move(path));
}

Result<ParcelOrder> ReadParcelOrder(const Json& json) {
  ParcelOrder order;
  for (const auto& [name, text] :
       {std::pair("name", &order.name), std::pair("models", &order.models),
        std::pair("options", &order.options)}) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    if (!json.is_object() || found == json.end() || !found->is_string()) {
      return Expected("a parcel as {\"name\", \"models\", \"options\"}");
    }
    *text = found->get<std::string>();
  }
  return order;
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
  if (const Json parcel = take("parcel"); !parcel.is_null()) {
    GPEN_ASSIGN_OR_RETURN(request->parcel, ReadParcelOrder(parcel));
    GPEN_ASSIGN_OR_RETURN(request->options, restore::ParseCanonicalJson(request->parcel->options));
  }
  return restore::SetOptionsFromJson(names.dump(-1, ' ', false, Json::error_handler_t::replace),
                                     restore::OptionSetter::kApi, &request->options);
}

}  // namespace

std::string PhotoRequest::name() const {
  if (parcel) return parcel->name;
  if (const auto* path = std::get_if<RootedPath>(&input)) return FormatRootedPath(*path);
  if (const auto* web = std::get_if<WebFile>(&input)) return fetch::ShownAddress(web->url);
  return "a photo inside a message";
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
  if (output.is_null() && request.parcel) return Expected("an output for the parcel");
  if (output.is_null()) return request;
  GPEN_ASSIGN_OR_RETURN(request.output, ReadOutput(output));
  const auto* from = std::get_if<RootedPath>(&request.input);
  const auto* to = std::get_if<RootedPath>(&*request.output);
  if (from != nullptr && to != nullptr && from->root == to->root &&
      from->relative == to->relative) {
    return Expected("an output that is not the photo itself");
  }
  return request;
}

}  // namespace gpen::remote
