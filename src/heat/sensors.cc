#include "heat/sensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

#include "base/folder.h"

namespace gpen::heat {
namespace {

namespace fs = std::filesystem;

constexpr double kHottestReading = 150;
// A mark outside is a placeholder of the firmware (0, 127.5, 255, ...).
constexpr double kLowestLimit = 40;
constexpr double kHighestLimit = 125;

std::string FirstLine(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// sysfs gives thousandths of a degree.
std::optional<double> ReadCelsius(const fs::path& path) {
  std::ifstream file(path);
  long long thousandths = 0;
  if (!(file >> thousandths)) return std::nullopt;
  return static_cast<double>(thousandths) / 1000;
}

std::optional<double> ReadTemperature(const fs::path& path) {
  const auto celsius = ReadCelsius(path);
  if (!celsius || *celsius <= 0 || *celsius > kHottestReading) return std::nullopt;
  return celsius;
}

std::optional<double> ReadLimit(const fs::path& path) {
  const auto celsius = ReadCelsius(path);
  if (!celsius || *celsius < kLowestLimit || *celsius > kHighestLimit) return std::nullopt;
  return celsius;
}

std::optional<double> Lower(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

std::vector<fs::path> Entries(const fs::path& folder, std::string_view prefix,
                              std::string_view suffix) {
  std::vector<fs::path> found;
  for (const auto& entry : EntriesOf(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(suffix)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

SensorReading MakeReading(std::string name, const fs::path& path, double celsius,
                          std::optional<double> limit, double default_limit) {
  return {.name = std::move(name),
          .path = path.string(),
          .celsius = celsius,
          .limit_celsius = limit.value_or(default_limit),
          .limit_is_default = !limit};
}

// "passive" is where the kernel throttles, "hot" and "critical" come above it. "active" trips only
// start fans.
std::optional<double> TripPoint(const fs::path& zone) {
  std::optional<double> limit;
  for (const fs::path& type : Entries(zone, "trip_point_", "_type")) {
    const std::string kind = FirstLine(type);
    if (kind != "passive" && kind != "hot" && kind != "critical") continue;
    std::string value = type.string();
    value.replace(value.size() - 4, 4, "temp");
    limit = Lower(limit, ReadLimit(value));
  }
  return limit;
}

}  // namespace

std::vector<SensorReading> ReadSensors(const fs::path& sys, double default_limit_celsius) {
  std::vector<SensorReading> sensors;
  for (const fs::path& zone : Entries(sys / "class/thermal", "thermal_zone", "")) {
    const auto celsius = ReadTemperature(zone / "temp");
    if (!celsius) continue;
    sensors.push_back(
        MakeReading(fmt::format("{} {}", zone.filename().string(), FirstLine(zone / "type")),
                    zone / "temp", *celsius, TripPoint(zone), default_limit_celsius));
  }
  for (const fs::path& chip : Entries(sys / "class/hwmon", "hwmon", "")) {
    const std::string chip_name = FirstLine(chip / "name");
    for (const fs::path& input : Entries(chip, "temp", "_input")) {
      const auto celsius = ReadTemperature(input);
      if (!celsius) continue;
      const std::string path = input.string();
      const std::string stem = path.substr(0, path.size() - std::string_view("_input").size());
      std::string label = FirstLine(stem + "_label");
      if (label.empty()) label = fs::path(stem).filename().string();
      sensors.push_back(MakeReading(fmt::format("{} {}", chip_name, label), input, *celsius,
                                    Lower(ReadLimit(stem + "_max"), ReadLimit(stem + "_crit")),
                                    default_limit_celsius));
    }
  }
  return sensors;
}

}  // namespace gpen::heat
