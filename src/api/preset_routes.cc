#include <utility>

#include "api/job_json.h"
#include "api/json.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/upload.h"
#include "restore/presets.h"
#include "restore/speed_record.h"

namespace gpen::api {
namespace {

// With the values of all options that presets decide about.
Json PresetToJson(const restore::Preset& preset) {
  restore::PhotoOptions options;
  // Its own name is one that it takes.
  [[maybe_unused]] const auto set =
      restore::SetOption("preset", preset.name, restore::OptionSetter::kApi, &options);
  auto values = Json::parse(restore::OptionsJson(options, restore::PresetOptions()));
  return {
      {"name", preset.name}, {"description", preset.description}, {"options", std::move(values)}};
}

constexpr std::int64_t kMostPixels = 2'000'000'000;

// What a photo of so many pixels would take with the options of the query.
Result<http::Response> Estimate(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto pixels, QueryWhole(request, "pixels", 0, 1, kMostPixels));
  Upload upload;
  for (const auto& [name, value] : request.target.query) {
    if (name != "pixels") GPEN_TRY(SetUploadField(name, value, &upload));
  }
  if (pixels == 0) {
    return Error(ErrorCode::kInvalidArgument,
                 "pixels: expected how many the photo has, found none; add ?pixels=12000000");
  }
  const auto seconds = context.speeds == nullptr ? std::nullopt
                                                 : context.speeds->SecondsFor(
                                                       static_cast<double>(pixels), upload.options);
  return JsonResponse({{"seconds", SecondsToJson(seconds)}});
}

}  // namespace

void AddPresetRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/presets", [](const http::Request&) {
    return JsonResponse({{"presets", JsonList(restore::AllPresets(), PresetToJson)}});
  });
  router->Add(http::Method::kGet, "/api/v1/estimate",
              [context](const http::Request& request) { return Estimate(*context, request); });
}

}  // namespace gpen::api
