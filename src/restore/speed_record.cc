#include "restore/speed_record.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/cpu.h"
#include "base/file.h"
#include "nn/precision_record.h"

namespace gpen::restore {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMostBytes = 1 << 20;
constexpr double kKept = 0.9;  // Of what is known, by each photo that is learnt.
constexpr int kPhotosBetweenStores = 10;
constexpr double kMostSeconds = 1e6;      // For one megapixel or photo: more is no measurement.
constexpr std::size_t kMostModels = 100;  // That were ever asked for by name.
constexpr const char* kFacesWith = "faces_with";

constexpr std::array<std::string_view, 10> kStepNames = {
    "read",     "repair",   "faces",          "clean",          "sharpen",
    "enlarge2", "enlarge4", "clean_enlarge2", "clean_enlarge4", "write"};

Json ReadMachines(const std::filesystem::path& file) {
  const auto bytes = ReadFile(file, kMostBytes);
  Json machines = bytes ? Json::parse(AsText(*bytes), nullptr, false) : Json();
  return machines.is_object() ? machines : Json::object();
}

double Number(const Json& json, const char* name) {
  const auto found = json.is_object() ? json.find(name) : json.end();
  return json.is_object() && found != json.end() && found->is_number() ? found->get<double>() : 0;
}

// Work and seconds; nothing where that is no measurement.
std::optional<std::pair<double, double>> Measurement(const Json& entry) {
  const double work = Number(entry, "work");
  const double seconds = Number(entry, "seconds");
  if (work <= 0 || seconds < 0 || seconds > kMostSeconds * work) return std::nullopt;
  return std::pair(work, seconds);
}

}  // namespace

std::filesystem::path SpeedRecordPath() {
  return nn::PrecisionRecordPath().replace_filename("speeds.json");
}

SpeedRecord::SpeedRecord(std::filesystem::path file) : file_(std::move(file)) {
  static_assert(kStepNames.size() == kStepCount);
  const Json machines = ReadMachines(file_);
  const auto machine = machines.find(CpuName());
  if (machine == machines.end() || !machine->is_object()) return;
  for (std::size_t step = 0; step < kStepCount; ++step) {
    const auto entry = machine->find(std::string(kStepNames[step]));
    if (entry == machine->end()) continue;
    if (const auto found = Measurement(*entry)) speeds_[step] = {found->first, found->second};
  }
  const auto models = machine->find(kFacesWith);
  if (models == machine->end() || !models->is_object()) return;
  for (const auto& [model, entry] : models->items()) {
    if (faces_with_.size() == kMostModels) return;
    if (const auto found = Measurement(entry)) faces_with_[model] = {found->first, found->second};
  }
}

SpeedRecord::~SpeedRecord() { Store(); }

SpeedRecord::Step SpeedRecord::NetworkStep(int scale, bool cleans) {
  if (scale == 1) return kClean;
  if (cleans) return scale == 2 ? kCleanEnlarge2 : kCleanEnlarge4;
  return scale == 2 ? kEnlarge2 : kEnlarge4;
}

void SpeedRecord::Add(double work, double milliseconds, Speed* speed) {
  speed->work = kKept * speed->work + work;
  speed->seconds = kKept * speed->seconds + milliseconds / 1000;
}

void SpeedRecord::Learn(const RunFigures& run, const std::optional<std::string>& model) {
  const double megapixels = 1e-6 * run.width * run.height;
  if (megapixels <= 0) return;
  const auto& times = run.times;
  bool is_due = false;
  {
    const std::scoped_lock lock(mutex_);
    const auto add = [&](Step step, double work, double milliseconds) {
      Add(work, milliseconds, &speeds_[step]);
    };
    add(kRead, megapixels, times.decode_ms + times.fading_ms + times.detect_ms);
    const double faces_ms = times.align_ms + times.network_ms + times.identity_ms;
    if (!model) {
      add(kFaces, 1, faces_ms);
    } else if (faces_with_.size() < kMostModels || faces_with_.contains(*model)) {
      Add(1, faces_ms, &faces_with_[*model]);
    }
    if (times.repair_ms > 0) add(kRepair, megapixels, times.repair_ms);
    if (run.cleaned || run.enlarged > 1) {
      add(NetworkStep(run.enlarged, run.cleaned), megapixels, times.photo_ms);
    }
    if (times.sharpen_ms > 0) add(kSharpen, megapixels, times.sharpen_ms);
    // A copy of the photo is no measure of writing one.
    if (run.restored_anything) {
      add(kWrite, megapixels * run.enlarged * run.enlarged, times.blend_ms + times.encode_ms);
    }
    is_due = ++unstored_ >= kPhotosBetweenStores;
  }
  if (is_due) Store();
}

std::optional<double> SpeedRecord::SecondsFor(double pixels, const PhotoOptions& photo) const {
  const RestoreOptions& options = photo.restore;
  const double megapixels = 1e-6 * pixels;
  const std::scoped_lock lock(mutex_);
  double seconds = 0;
  bool is_known = true;
  const auto add_speed = [&](const Speed& speed, double work) {
    is_known = is_known && speed.work > 0;
    if (speed.work > 0) seconds += work * speed.seconds / speed.work;
  };
  const auto add = [&](Step step, double work) { add_speed(speeds_[step], work); };
  add(kRead, megapixels);
  if (!photo.model) {
    add(kFaces, 1);
  } else {
    const auto model = faces_with_.find(*photo.model);
    add_speed(model == faces_with_.end() ? Speed() : model->second, 1);
  }
  add(kWrite, megapixels * options.scale() * options.scale());
  if (options.repair > 0) add(kRepair, megapixels);
  if (options.sharpen > 0) add(kSharpen, megapixels);
  if (options.scale() > 1 || options.clean > 0) {
    add(NetworkStep(options.scale(), options.clean > 0), megapixels);
  }
  return is_known ? std::optional(seconds) : std::nullopt;
}

// What other machines and older versions have written stays.
void SpeedRecord::Store() {
  const std::scoped_lock lock(mutex_);
  if (unstored_ == 0) return;
  unstored_ = 0;
  Json machines = ReadMachines(file_);
  Json machine = Json::object();
  const auto to_json = [](const Speed& speed) -> Json {
    return {{"work", speed.work}, {"seconds", speed.seconds}};
  };
  for (std::size_t step = 0; step < kStepCount; ++step) {
    if (speeds_[step].work == 0) continue;
    machine[std::string(kStepNames[step])] = to_json(speeds_[step]);
  }
  for (const auto& [model, speed] : faces_with_) machine[kFacesWith][model] = to_json(speed);
  machines[CpuName()] = std::move(machine);
  std::error_code ignored;
  std::filesystem::create_directories(file_.parent_path(), ignored);
  const std::string text = machines.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  // A record is a cache: without it the photos are done all the same.
  auto file = AtomicFile::Create(file_);
  if (file && file->SetMode(0600) && file->Write(AsBytes(text))) {
    [[maybe_unused]] const auto written = file->Commit();
  }
}

}  // namespace gpen::restore
