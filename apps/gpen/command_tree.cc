#include "gpen/command_tree.h"

#include <algorithm>
#include <utility>

namespace gpen::app {
namespace {

std::vector<const CLI::App*> Below(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

void AddCommands(const CLI::App& app, const std::string& before, std::vector<Command>* commands) {
  for (const CLI::App* child : Below(app)) {
    const std::string words = before.empty() ? child->get_name() : before + " " + child->get_name();
    commands->push_back({words, child});
    AddCommands(*child, words, commands);
  }
}

}  // namespace

std::vector<Command> CommandsOf(const CLI::App& app) {
  std::vector<Command> commands;
  AddCommands(app, "", &commands);
  return commands;
}

std::vector<std::string> NamesBelow(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* child : Below(app)) names.push_back(child->get_name());
  return names;
}

std::vector<std::string> FlagsOf(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const auto& name : option.get_snames()) flags.push_back("-" + name);
  for (const auto& name : option.get_lnames()) flags.push_back("--" + name);
  return flags;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  // CLI11 says them in the name of the type: "TEXT:{natural,strong}".
  const std::string type = option.get_type_name();
  const auto begin = type.find('{');
  const auto end = type.find('}', std::min(begin, type.size()));
  if (end == std::string::npos) return {};
  std::vector<std::string> choices;
  for (std::size_t at = begin + 1; at < end;) {
    const auto comma = std::min(type.find(',', at), end);
    choices.push_back(type.substr(at, comma - at));
    at = comma + 1;
  }
  return choices;
}

}  // namespace gpen::app
