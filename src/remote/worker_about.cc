#include "remote/worker_about.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/sha256.h"

namespace gpen::remote {

using Json = nlohmann::ordered_json;

std::string FingerprintOf(const photos::ModelChecksums& models) {
  return Sha256(AsBytes(models.faces + "\n" + models.whole_photo)).substr(0, 16);
}

std::string FormatAbout(const WorkerAbout& about) {
  return Json{{"models", about.models},
              {"roots", about.roots},
              {"hosts", about.hosts},
              {"named", about.named}}
      .dump();
}

std::optional<WorkerAbout> ParseAbout(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    return WorkerAbout{json.at("models").get<std::string>(),
                       json.at("roots").get<std::vector<std::string>>(),
                       json.at("hosts").get<std::vector<std::string>>(),
                       // Earlier versions say nothing of it.
                       json.value("named", std::map<std::string, std::string>())};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace gpen::remote
