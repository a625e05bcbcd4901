// How much damage inside photo files is told of: single bits of whole photos are turned over, at
// places that a seed chooses, and each file is decoded again.
//
//   damage_bench [--flips N] [--seed N] [--list] PHOTO...
//
// See bench/README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "base/file.h"
#include "codec/decode.h"

namespace {

using gpen::codec::Photo;

constexpr int kUnit = 16;           // Pixels a side: what most cameras code at once.
constexpr double kVisible = 4;      // Levels, on average over a unit and one channel.
constexpr int kUnitsOfVisible = 2;  // More than one.

struct Change {
  int units = 0;    // Units that are visibly others.
  double most = 0;  // The largest change of a unit.
};

double ChangeOfUnit(const gpen::Image& before, const gpen::Image& after, int left, int top) {
  std::vector<double> sums(static_cast<std::size_t>(before.channels()));
  for (int y = top; y < top + kUnit; ++y) {
    const auto* one = before.Row<std::uint8_t>(y) + left * before.channels();
    const auto* other = after.Row<std::uint8_t>(y) + left * before.channels();
    for (int i = 0; i < kUnit * before.channels(); ++i) {
      sums[static_cast<std::size_t>(i % before.channels())] += std::abs(one[i] - other[i]);
    }
  }
  return *std::ranges::max_element(sums) / (kUnit * kUnit);
}

Change Compare(const gpen::Image& before, const gpen::Image& after) {
  Change change;
  for (int y = 0; y + kUnit <= before.height(); y += kUnit) {
    for (int x = 0; x + kUnit <= before.width(); x += kUnit) {
      const double here = ChangeOfUnit(before, after, x, y);
      change.most = std::max(change.most, here);
      if (here > kVisible) ++change.units;
    }
  }
  return change;
}

bool IsWarned(const Photo& photo) {
  return std::ranges::any_of(photo.warnings, [](const std::string& warning) {
    return warning.find("damaged inside") != std::string::npos;
  });
}

// Where the pixels begin: behind the header of the first scan of a JPEG, else at a tenth.
std::size_t BeginOfPixels(const std::vector<std::byte>& file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const auto scan = text.starts_with("\xFF\xD8") ? text.find("\xFF\xDA") : text.npos;
  return scan == text.npos ? file.size() / 10 : scan + 14;
}

struct Tally {
  int flips = 0, refused = 0, visible = 0, warned_visible = 0, warned_hidden = 0;
};

void Flip(const std::string& name, const std::vector<std::byte>& file, const Photo& whole,
          std::mt19937_64* random, bool list, Tally* tally) {
  const std::size_t begin = BeginOfPixels(file);
  std::vector<std::byte> damaged = file;
  const std::size_t at = begin + (*random)() % (file.size() - 2 - begin);
  damaged[at] ^= static_cast<std::byte>(1U << (*random)() % 8);
  ++tally->flips;
  const auto photo = gpen::codec::Decode(damaged, gpen::codec::Limits());
  if (!photo) {
    ++tally->refused;
    return;
  }
  const Change change = Compare(whole.pixels, photo->pixels);
  const bool warned = IsWarned(*photo);
  const bool visible = change.units >= kUnitsOfVisible;
  tally->visible += visible ? 1 : 0;
  tally->warned_visible += visible && warned ? 1 : 0;
  tally->warned_hidden += !visible && warned ? 1 : 0;
  if (list && visible && !warned) {
    fmt::print("missed: {} byte {} of {}: {} units, up to {:.1f} levels\n", name, at, file.size(),
               change.units, change.most);
  }
}

}  // namespace

int main(int count, char** values) {
  CLI::App app("How much damage inside photo files is told of");
  int flips = 4;
  std::uint64_t seed = 1;
  bool list = false;
  std::vector<std::string> photos;
  app.add_option("--flips", flips, "of each photo");
  app.add_option("--seed", seed);
  app.add_flag("--list", list, "each visible one that is not told of");
  app.add_option("photos", photos)->required();
  CLI11_PARSE(app, count, values);
  std::mt19937_64 random(seed);
  Tally tally;
  int whole = 0;
  int false_alarms = 0;
  for (const auto& name : photos) {
    const auto file = gpen::ReadFile(name, std::int64_t{1} << 30);
    const auto photo = file ? gpen::codec::Decode(*file, gpen::codec::Limits())
                            : gpen::Result<Photo>(file.error());
    if (!photo || photo->pixels.type() != gpen::SampleType::kU8) {
      fmt::print("left out: {}: {}\n", name, photo ? "not 8 bit" : photo.error().message());
      continue;
    }
    ++whole;
    if (IsWarned(*photo)) {
      ++false_alarms;
      fmt::print("false alarm: {}\n", name);
      continue;
    }
    for (int i = 0; i < flips; ++i) Flip(name, *file, *photo, &random, list, &tally);
  }
  fmt::print(
      "{} whole photos, {} of them called damaged\n"
      "{} flips: {} refused; {} visible, {} of them told of; {} told of that are hardly visible\n",
      whole, false_alarms, tally.flips, tally.refused, tally.visible, tally.warned_visible,
      tally.warned_hidden);
  return 0;
}
