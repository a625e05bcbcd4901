#include "heat/fans.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/file.h"
#include "base/folder.h"

namespace gpen::heat {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostNoteBytes = 64 << 10;
constexpr std::string_view kByHand = "1";  // Of pwmN_enable: the speed is what pwmN says.

std::string FirstLine(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

bool IsWritable(const fs::path& path) { return ::access(path.c_str(), W_OK) == 0; }

// sysfs takes one write of the whole value, and says at the end of it whether it was taken.
bool Write(const fs::path& path, std::string_view value) {
  std::ofstream file(path);
  file << value << std::flush;
  return file.good();
}

bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void AddPwms(const fs::path& chip, std::vector<Fan>* fans) {
  for (const auto& entry : EntriesOf(chip)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("pwm") || !IsNumber(std::string_view(name).substr(3))) continue;
    Fan fan{.name = fmt::format("{} {}", FirstLine(chip / "name"), name),
            .file = entry.path(),
            .mode = chip / (name + "_enable"),
            .full = "255",
            .is_writable = IsWritable(entry.path())};
    std::error_code error;
    if (!fs::exists(fan.mode, error)) fan.mode.clear();
    fan.is_writable = fan.is_writable && (fan.mode.empty() || IsWritable(fan.mode));
    fans->push_back(std::move(fan));
  }
}

void AddCoolingDevice(const fs::path& device, std::vector<Fan>* fans) {
  std::string type = FirstLine(device / "type");
  std::string lower = type;
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string most = FirstLine(device / "max_state");
  // Others are processors: slower ones are no help.
  if (lower.find("fan") == std::string::npos || !IsNumber(most) || most == "0") return;
  fans->push_back({.name = fmt::format("{} {}", device.filename().string(), type),
                   .file = device / "cur_state",
                   .mode = {},
                   .full = most,
                   .is_writable = IsWritable(device / "cur_state")});
}

// A line of the note: file, value before, file of the mode, mode before; "-" where there is none.
struct Taken {
  fs::path file;
  std::string value;
  fs::path mode;
  std::string mode_value;
};

std::string LineOf(const Taken& taken) {
  return fmt::format("{}\t{}\t{}\t{}\n", taken.file.string(), taken.value,
                     taken.mode.empty() ? "-" : taken.mode.string(),
                     taken.mode_value.empty() ? "-" : taken.mode_value);
}

std::vector<Taken> ReadNote(const fs::path& note) {
  std::vector<Taken> all;
  const auto bytes = ReadFile(note, kMostNoteBytes);
  if (!bytes) return all;
  std::string_view text = AsText(*bytes);
  const auto take = [&](char end) {
    const auto at = std::min(text.find(end), text.size());
    const std::string part(text.substr(0, at));
    text.remove_prefix(std::min(at + 1, text.size()));
    return part == "-" ? std::string() : part;
  };
  while (!text.empty()) {
    Taken taken;
    taken.file = take('\t');
    taken.value = take('\t');
    taken.mode = take('\t');
    taken.mode_value = take('\n');
    if (IsNumber(taken.value)) all.push_back(std::move(taken));
  }
  return all;
}

}  // namespace

std::vector<Fan> FindFans(const fs::path& sys) {
  std::vector<Fan> fans;
  for (const auto& chip : EntriesOf(sys / "class/hwmon")) AddPwms(chip.path(), &fans);
  for (const auto& device : EntriesOf(sys / "class/thermal")) {
    if (device.path().filename().string().starts_with("cooling_device")) {
      AddCoolingDevice(device.path(), &fans);
    }
  }
  std::ranges::sort(fans, {}, &Fan::file);
  return fans;
}

Fans::Fans(fs::path sys, fs::path note) : sys_(std::move(sys)), note_(std::move(note)) {
  std::error_code error;
  at_full_ = fs::exists(note_, error);
  (void)GiveBack();
}

Fans::~Fans() { (void)GiveBack(); }

Result<void> Fans::TakeToFull() {
  if (at_full_) return {};
  std::vector<std::pair<Fan, Taken>> all;
  std::string note;
  for (auto& fan : FindFans(sys_)) {
    Taken taken{fan.file, FirstLine(fan.file), fan.mode,
                fan.mode.empty() ? "" : FirstLine(fan.mode)};
    const bool known = IsNumber(taken.value) && (fan.mode.empty() || IsNumber(taken.mode_value));
    if (!fan.is_writable || !known) continue;
    note += LineOf(taken);
    all.emplace_back(std::move(fan), std::move(taken));
  }
  if (all.empty()) return {};
  // First, so that a kill at any later moment leaves what is needed to give them back.
  GPEN_TRY(WriteFileAtomically(note_, AsBytes(note)));
  at_full_ = true;
  for (const auto& [fan, taken] : all) {
    if (fan.mode.empty() || Write(fan.mode, kByHand)) Write(fan.file, fan.full);
  }
  return {};
}

Result<void> Fans::GiveBack() {
  if (!at_full_) return {};
  std::string failed;
  for (const auto& taken : ReadNote(note_)) {
    std::error_code error;
    if (!taken.file.string().starts_with(sys_.string())) continue;
    if (!fs::exists(taken.file, error)) continue;  // The machine was started anew, without it.
    // The speed first: what is not by hand takes none.
    const bool is_set = Write(taken.file, taken.value);
    const bool is_back = taken.mode.empty() ? is_set : Write(taken.mode, taken.mode_value);
    if (!is_back) failed += (failed.empty() ? "" : ", ") + taken.file.string();
  }
  if (!failed.empty()) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("the fans {} cannot be given back: they stay at full speed", failed));
  }
  std::error_code error;
  fs::remove(note_, error);
  at_full_ = false;
  return {};
}

}  // namespace gpen::heat
