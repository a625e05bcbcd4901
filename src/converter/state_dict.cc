#include "converter/state_dict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <vector>

namespace gpen::converter {
namespace {

// Where training programs put the weights, the smoothed ones first.
constexpr std::array<std::string_view, 8> kNestings = {
    "g_ema", "params_ema", "ema", "g", "params", "state_dict", "model", "generator"};

bool HoldsTensors(const Pickle& pickle, std::uint32_t node) {
  const auto& items = pickle.nodes[node].items;
  for (std::size_t i = 1; i < items.size(); i += 2) {
    if (pickle.nodes[items[i]].kind == PickleKind::kTensor) return true;
  }
  return false;
}

// What a file holds that has no weights where they are looked for, and what to do.
std::string WithoutWeights(const Pickle& pickle) {
  constexpr std::size_t kNamed = 8;
  if (pickle.nodes[pickle.root].kind != PickleKind::kDict) {
    return "no dict: save the weights with torch.save(network.state_dict())";
  }
  if (LookUp(pickle, pickle.root, "d")) {
    return "only the discriminator ('d'), which is needed for training alone: convert the "
           "generator";
  }
  const auto& items = pickle.nodes[pickle.root].items;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i + 1 < items.size() && keys.size() < kNamed; i += 2) {
    const PickleNode& key = pickle.nodes[items[i]];
    if (key.kind == PickleKind::kText) keys.push_back(fmt::format("'{}'", key.text.substr(0, 40)));
  }
  if (keys.empty()) return "an empty dict: the weights were not saved";
  return fmt::format("a dict of {}{}: load it in Python and save the generator's state dict alone",
                     fmt::join(keys, ", "), items.size() / 2 > keys.size() ? ", ..." : "");
}

}  // namespace

std::optional<std::uint32_t> LookUp(const Pickle& pickle, std::uint32_t dict,
                                    std::string_view key) {
  const auto& items = pickle.nodes[dict].items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const PickleNode& node = pickle.nodes[items[i]];
    if (node.kind == PickleKind::kText && node.text == key) return items[i + 1];
  }
  return std::nullopt;
}

Result<StateDict> FindStateDict(const std::string& file_name, const Pickle& pickle) {
  StateDict found{pickle.root, ""};
  for (int depth = 0; depth < 3; ++depth) {
    if (pickle.nodes[found.node].kind != PickleKind::kDict) break;
    if (HoldsTensors(pickle, found.node)) return found;
    bool deeper = false;
    for (const auto nesting : kNestings) {
      const auto inner = LookUp(pickle, found.node, nesting);
      if (!inner || pickle.nodes[*inner].kind != PickleKind::kDict) continue;
      found = {*inner,
               found.nested_under + (found.nested_under.empty() ? "" : ".") + std::string(nesting)};
      deeper = true;
      break;
    }
    if (!deeper) break;
  }
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: expected a dict of weights, or one under {}; found {}", file_name,
                           fmt::join(kNestings, ", "), WithoutWeights(pickle)));
}

}  // namespace gpen::converter
