#include "converter/gpen_description.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "converter/network_guess.h"

namespace gpen::converter {
namespace {

using Tensors = std::map<std::string, CheckpointTensor>;
using Shape = std::vector<std::int64_t>;

constexpr int kMaxLevels = 10;  // 4096 pixels.

// The highest N for which there is a name "PREFIXN.", or -1.
int HighestIndex(const Tensors& tensors, std::string_view prefix) {
  int highest = -1;
  for (const auto& [name, tensor] : tensors) {
    if (!name.starts_with(prefix)) continue;
    int index = -1;
    const auto [end, error] =
        std::from_chars(name.data() + prefix.size(), name.data() + name.size(), index);
    if (error == std::errc() && end != name.data() + name.size() && *end == '.') {
      highest = std::max(highest, index);
    }
  }
  return highest;
}

// Dimension `axis` of a tensor, or 0 where there is none.
int Dimension(const Tensors& tensors, const std::string& name, std::size_t axis) {
  const auto found = tensors.find(name);
  if (found == tensors.end() || axis >= found->second.shape.size()) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(found->second.shape[axis], 0, 1 << 20));
}

int FormulaChannels(int resolution, double narrow, double multiplier) {
  if (resolution <= 32) return static_cast<int>(512 * narrow);
  return static_cast<int>(16384.0 / resolution * multiplier * narrow);
}

// Channels per resolution: as the encoder's own weights say where they agree with each other, else
// by GPEN's formula, so that one wrong tensor does not make all others look wrong.
std::map<int, int> InferChannels(const Tensors& tensors, const GpenDescription& description) {
  std::map<int, int> chain = {{description.trunk_size, Dimension(tensors, "ecd0.0.0.weight", 0)}};
  bool consistent = chain.begin()->second > 0;
  int resolution = description.trunk_size;
  for (int i = 1; i <= description.levels(); ++i, resolution /= 2) {
    const std::string name = fmt::format("ecd{}.0.1.weight", i);
    consistent &= Dimension(tensors, name, 1) == chain[resolution];
    chain[resolution / 2] = Dimension(tensors, name, 0);
    consistent &= chain[resolution / 2] > 0;
  }
  consistent &= chain[4] == Dimension(tensors, "generator.input.input", 1);
  if (consistent) return chain;
  std::map<int, int> formula;
  for (int r = 4; r <= description.trunk_size; r *= 2) {
    formula[r] = FormulaChannels(r, description.narrow, description.channel_multiplier);
  }
  return formula;
}

// "generator.convs.4.conv.weight" -> {"generator.convs.4", "conv.weight"}.
std::pair<std::string, std::string> SplitGroup(const std::string& name) {
  std::size_t end = name.find('.');
  if (name.starts_with("generator.")) {
    end = name.find('.', end + 1);
    for (const std::string_view list :
         {"generator.convs.", "generator.to_rgbs.", "generator.style."}) {
      if (name.starts_with(list)) end = name.find('.', list.size());
    }
  }
  if (end == std::string::npos) return {name, ""};
  return {name.substr(0, end), name.substr(end + 1)};
}

std::string Grouped(const std::vector<std::string>& names) {
  std::map<std::string, std::vector<std::string>> groups;
  for (const auto& name : names) {
    const auto [group, rest] = SplitGroup(name);
    groups[group].push_back(rest);
  }
  std::vector<std::string> texts;
  for (const auto& [group, rests] : groups) {
    texts.push_back(rests.size() == 1 && rests[0].empty()
                        ? group
                        : fmt::format("{}.{{{}}}", group, fmt::join(rests, ", ")));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string Problems(const Tensors& tensors, const std::map<std::string, Shape>& expected) {
  std::vector<std::string> missing;
  std::vector<std::string> unexpected;
  std::vector<std::string> misshaped;
  for (const auto& [name, shape] : expected) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
      missing.push_back(name);
    } else if (found->second.shape != shape) {
      misshaped.push_back(fmt::format("{}: expected [{}], found [{}]", name, fmt::join(shape, ", "),
                                      fmt::join(found->second.shape, ", ")));
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!expected.contains(name)) unexpected.push_back(name);
  }
  std::string text;
  if (!missing.empty()) {
    text += fmt::format("\n  {} tensors are missing: {}", missing.size(), Grouped(missing));
  }
  if (!unexpected.empty()) {
    text +=
        fmt::format("\n  {} tensors are unexpected: {}", unexpected.size(), Grouped(unexpected));
  }
  if (!misshaped.empty()) {
    text += fmt::format("\n  {} tensors have a wrong shape: {}", misshaped.size(),
                        fmt::join(misshaped, "; "));
  }
  return text;
}

// One half of a GPEN is told apart from other networks: its other half is what is missing.
Error HalfGpen(const Checkpoint& checkpoint, bool has_encoder) {
  const auto* found = has_encoder ? "its encoder (ecd*)" : "its decoder (generator.*)";
  const auto* missing = has_encoder ? "its decoder (generator.*)" : "its encoder (ecd*)";
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected a whole GPEN network, found {} without {}: save the state "
                           "dict of the whole generator (FullGenerator), not of a part of it",
                           checkpoint.file_name(), found, missing));
}

Error NotGpen(const Checkpoint& checkpoint) {
  const auto& tensors = checkpoint.tensors();
  const std::string guess = GuessOtherNetwork(tensors);
  if (!guess.empty()) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected the weights of a GPEN network, found what looks like "
                             "{}: only GPEN's generators are converted",
                             checkpoint.file_name(), guess));
  }
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    if (names.size() < 5) names.push_back(name);
  }
  return Error(
      ErrorCode::kModelInvalid,
      fmt::format("{}: expected the weights of a GPEN network (ecd0.*, generator.*), found {} "
                  "tensors of an unknown network: {}{}. Only GPEN's generators are converted, "
                  "saved whole and under their own names",
                  checkpoint.file_name(), tensors.size(), fmt::join(names, ", "),
                  tensors.size() > names.size() ? ", ..." : ""));
}

void AddStyledConv(std::map<std::string, Shape>& expected, const std::string& name, int in, int out,
                   int style, bool up) {
  expected[name + ".conv.weight"] = {1, out, in, 3, 3};
  expected[name + ".conv.modulation.weight"] = {in, style};
  expected[name + ".conv.modulation.bias"] = {in};
  if (up) expected[name + ".conv.blur.kernel"] = {4, 4};
  expected[name + ".noise.weight"] = {1};
  expected[name + ".activate.bias"] = {2 * out};
}

void AddToRgb(std::map<std::string, Shape>& expected, const std::string& name, int in, int colors,
              int style, bool up) {
  expected[name + ".conv.weight"] = {1, colors, in, 1, 1};
  expected[name + ".conv.modulation.weight"] = {in, style};
  expected[name + ".conv.modulation.bias"] = {in};
  expected[name + ".bias"] = {1, colors, 1, 1};
  if (up) expected[name + ".upsample.kernel"] = {4, 4};
}

}  // namespace

int GpenDescription::levels() const {
  int levels = 0;
  for (int resolution = trunk_size; resolution > 4; resolution /= 2) ++levels;
  return levels;
}

std::string GpenDescription::Summary() const {
  return fmt::format(
      "GPEN {}{}, narrow {:g}, channel multiplier {:g}, {} parameters", image_size,
      unshuffle > 1 ? fmt::format(" (trunk of {} behind a pixel unshuffle)", trunk_size) : "",
      narrow, channel_multiplier, parameters);
}

std::map<std::string, Shape> ExpectedTensors(const GpenDescription& description) {
  std::map<std::string, Shape> expected;
  const auto& channels = description.channels;
  const int style = description.style_size;
  const int colors = description.color_channels;
  int resolution = description.trunk_size;
  expected["ecd0.0.0.weight"] = {channels.at(resolution), colors, 1, 1};
  expected["ecd0.0.1.bias"] = {channels.at(resolution)};
  for (int i = 1; resolution > 4; ++i, resolution /= 2) {
    const std::string name = fmt::format("ecd{}.0.", i);
    expected[name + "0.kernel"] = {4, 4};
    expected[name + "1.weight"] = {channels.at(resolution / 2), channels.at(resolution), 3, 3};
    expected[name + "2.bias"] = {channels.at(resolution / 2)};
  }
  expected["final_linear.0.weight"] = {style, channels.at(4) * 16};
  expected["final_linear.0.bias"] = {style};
  for (int i = 1; i <= description.mapping_layers; ++i) {
    expected[fmt::format("generator.style.{}.weight", i)] = {style, style};
    expected[fmt::format("generator.style.{}.bias", i)] = {style};
  }
  expected["generator.input.input"] = {1, channels.at(4), 4, 4};
  AddStyledConv(expected, "generator.conv1", channels.at(4), channels.at(4), style, false);
  AddToRgb(expected, "generator.to_rgb1", 2 * channels.at(4), colors, style, false);
  for (int level = 0; resolution < description.trunk_size; ++level, resolution *= 2) {
    const int in = 2 * channels.at(resolution);
    const int out = channels.at(2 * resolution);
    AddStyledConv(expected, fmt::format("generator.convs.{}", 2 * level), in, out, style, true);
    AddStyledConv(expected, fmt::format("generator.convs.{}", 2 * level + 1), 2 * out, out, style,
                  false);
    AddToRgb(expected, fmt::format("generator.to_rgbs.{}", level), 2 * out, colors, style, true);
  }
  return expected;
}

Result<GpenDescription> DescribeGpen(const Checkpoint& checkpoint) {
  const Tensors& tensors = checkpoint.tensors();
  const int levels = HighestIndex(tensors, "ecd");
  const int decoder_levels = HighestIndex(tensors, "generator.to_rgbs.") + 1;
  const bool has_encoder = levels >= 1;
  const bool has_decoder = HighestIndex(tensors, "generator.convs.") >= 0;
  if (!has_encoder && !has_decoder) return NotGpen(checkpoint);
  if (has_encoder != has_decoder) return HalfGpen(checkpoint, has_encoder);
  if (levels > kMaxLevels || decoder_levels > levels) {
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{}: expected as many decoder levels as encoder blocks (at most {}), found "
                    "{} and {}; a network that enlarges its input is not supported",
                    checkpoint.file_name(), kMaxLevels, decoder_levels, levels));
  }
  GpenDescription description;
  description.trunk_size = 4 << levels;
  const int colors = Dimension(tensors, "ecd0.0.0.weight", 1);
  for (const int factor : {2, 4, 8}) {
    if (colors == 3 * factor * factor) description.unshuffle = factor;
  }
  description.color_channels = 3 * description.unshuffle * description.unshuffle;
  description.image_size = description.trunk_size * description.unshuffle;
  description.style_size = Dimension(tensors, "final_linear.0.weight", 0);
  description.mapping_layers = std::clamp(HighestIndex(tensors, "generator.style."), 0, 64);
  description.narrow = Dimension(tensors, "generator.input.input", 1) / 512.0;
  const int base = FormulaChannels(description.trunk_size, description.narrow, 1);
  if (description.trunk_size > 32 && base > 0) {
    description.channel_multiplier =
        static_cast<double>(Dimension(tensors, "ecd0.0.0.weight", 0)) / base;
  }
  description.channels = InferChannels(tensors, description);
  const auto expected = ExpectedTensors(description);
  const std::string problems = Problems(tensors, expected);
  if (!problems.empty()) {
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{}: this is not a whole GPEN network; by its other tensors it would be "
                    "size {}, narrow {:g}, channel multiplier {:g}:{}",
                    checkpoint.file_name(), description.image_size, description.narrow,
                    description.channel_multiplier, problems));
  }
  for (const auto& [name, tensor] : tensors) {
    if (!name.ends_with("kernel")) description.parameters += tensor.element_count;
  }
  return description;
}

}  // namespace gpen::converter
