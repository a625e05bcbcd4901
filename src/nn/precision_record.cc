#include "nn/precision_record.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/cpu.h"
#include "base/file.h"

namespace gpen::nn {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::int64_t kMaxRecordBytes = 1 << 20;

// A record is a cache: one that cannot be read counts as none.
Json ReadRecords(const fs::path& path) {
  const auto bytes = ReadFile(path, kMaxRecordBytes);
  if (!bytes) return Json::object();
  Json records = Json::parse(AsText(*bytes), nullptr, false);
  return records.is_object() ? records : Json::object();
}

std::string TextOf(const Json& entry, const char* key) {
  const auto value = entry.find(key);
  return value != entry.end() && value->is_string() ? value->get<std::string>() : "";
}

// Whether `name` is installed with that checksum.
bool IsInstalled(const fs::path& models_folder, const std::string& name,
                 const std::string& sha256) {
  const auto manifest = LoadManifest(models_folder / (name + ".json"));
  return manifest && manifest->name == name && manifest->sha256 == sha256;
}

fs::path TemporaryFolder() {
  std::error_code error;
  const auto folder = fs::temp_directory_path(error);
  return error ? fs::path("/tmp") : folder;  // TMPDIR names none.
}

}  // namespace

fs::path PrecisionRecordPath() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path folder = cache != nullptr && *cache != '\0' ? fs::path(cache)
                          : home != nullptr                  ? fs::path(home) / ".cache"
                                                             : TemporaryFolder();
  return folder / "gpen" / "precision.json";
}

Result<void> RecordPrecision(const Manifest& asked, const Manifest& use, const fs::path& record) {
  Json records = ReadRecords(record);
  Json& machine = records[CpuName()];
  if (!machine.is_object()) machine = Json::object();
  machine[asked.name] = {{"sha256", asked.sha256}, {"use", use.name}, {"use_sha256", use.sha256}};
  std::error_code ignored;  // Writing says what is wrong.
  fs::create_directories(record.parent_path(), ignored);
  return WriteFileAtomically(record, AsBytes(records.dump(2) + "\n"));
}

std::string PreferredModel(const fs::path& models_folder, const std::string& name,
                           const fs::path& record) {
  const Json records = ReadRecords(record);
  const auto machine = records.find(CpuName());
  if (machine == records.end() || !machine->is_object()) return name;
  const auto entry = machine->find(name);
  if (entry == machine->end() || !entry->is_object()) return name;
  const std::string use = TextOf(*entry, "use");
  // The record is not ours alone to write: a name must not lead out of the folder.
  if (use.empty() || use == name || fs::path(use).filename() != use) return name;
  const bool as_measured = IsInstalled(models_folder, name, TextOf(*entry, "sha256")) &&
                           IsInstalled(models_folder, use, TextOf(*entry, "use_sha256"));
  return as_measured ? use : name;
}

}  // namespace gpen::nn
