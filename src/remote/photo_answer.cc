#include "remote/photo_answer.h"

#include <nlohmann/json.hpp>

namespace gpen::remote {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostFaces = 100;

// What a client asks about a face; landmarks and the like stay in the worker's report.
Json FaceOf(const Json& face) {
  Json shown = Json::object();
  for (const auto& [from, to] :
       {std::pair("box", "box"), std::pair("identity_similarity", "likeness"),
        std::pair("skipped", "skipped"), std::pair("reason", "reason"),
        std::pair("weight", "weight")}) {
    if (face.contains(from)) shown[to] = face[from];
  }
  return shown;
}

}  // namespace

std::string FormatAnswer(const Answer& answer, const photos::PhotoResult& result) {
  const Json report = Json::parse(result.report, nullptr, false);
  Json json = {{"output", answer.output.empty() ? Json() : Json(answer.output)},
               {"seconds", result.seconds},
               {"cached", answer.cached},
               {"worker", answer.worker}};
  if (!answer.photo.empty()) json["photo"] = answer.photo;
  if (report.is_object()) {
    Json faces = Json::array();
    for (const auto& face : report.value("faces", Json::array())) {
      if (faces.size() < kMostFaces) faces.push_back(FaceOf(face));
    }
    json["faces"] = std::move(faces);
    for (const char* name : {"faces_restored", "width", "height", "format", "model", "warnings"}) {
      if (report.contains(name)) json[name] = report[name];
    }
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gpen::remote
