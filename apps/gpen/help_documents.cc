#include "gpen/help_documents.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "base/version.h"
#include "gpen/command_tree.h"
#include "gpen/completion.h"
#include "gpen/guess.h"

namespace gpen::app {
namespace {

// In roff a dash is written so, and a dot or quote at a line's start is a command.
std::string Roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return (escaped.starts_with('.') || escaped.starts_with('\'')) ? "\\&" + escaped : escaped;
}

std::string OptionsInRoff(const CLI::App& command) {
  std::string page;
  for (const CLI::Option* option : command.get_options()) {
    const auto flags = FlagsOf(*option);
    std::string term =
        flags.empty() ? option->get_name() : fmt::format("{}", fmt::join(flags, ", "));
    if (!flags.empty() && TakesValue(*option)) term += " " + option->get_type_name();
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) text += fmt::format(" ({})", option->get_default_str());
    page += fmt::format(".TP\n.B {}\n{}\n", Roff(term), Roff(text));
  }
  return page;
}

const CLI::App* FindCommand(const CLI::App& app, const std::vector<std::string>& words) {
  const std::string wanted = fmt::format("{}", fmt::join(words, " "));
  if (wanted.empty()) return &app;
  for (const auto& [name, command] : CommandsOf(app)) {
    if (name == wanted) return command;
  }
  return nullptr;
}

ExitCode Help(const CLI::App& app, const std::vector<std::string>& words) {
  if (!words.empty() && words[0] == "manual") {
    fmt::print("{}", ManualPage(app));
    return ExitCode::kOk;
  }
  if (!words.empty() && words[0] == "completion") {
    const std::string script = Completion(app, words.size() > 1 ? words[1] : "");
    fmt::print("{}", script);
    if (!script.empty()) return ExitCode::kOk;
    fmt::print(stderr, "gpen help completion: expected bash, zsh or fish\n");
    return ExitCode::kUsage;
  }
  const CLI::App* command = FindCommand(app, words);
  if (command == nullptr) {
    const std::string nearest = NearestCommand(words.back(), NamesBelow(app));
    fmt::print(stderr, "gpen help: there is no command \"{}\"{}\n", fmt::join(words, " "),
               nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest));
    return ExitCode::kUsage;
  }
  // App::help() would show that of the command that was called: this one.
  const std::string name = fmt::format("gpen{}{}", words.empty() ? "" : " ", fmt::join(words, " "));
  fmt::print("{}", command->get_formatter()->make_help(command, name, CLI::AppFormatMode::Normal));
  return ExitCode::kOk;
}

}  // namespace

std::string ManualPage(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH GPEN 1 \"\" \"GPEN-NAS {}\"\n.SH NAME\ngpen \\- {}\n.SH SYNOPSIS\n.B gpen\nCOMMAND "
      "[OPTION]...\n",
      kVersion, Roff(app.get_description()));
  for (const auto& [words, command] : CommandsOf(app)) {
    page += fmt::format(".SH GPEN {}\n{}\n{}", Roff(words), Roff(command->get_description()),
                        OptionsInRoff(*command));
  }
  page +=
      ".SH EXIT STATUS\n0: all good; 1: some failed; 2: bad usage; 3: nothing to do; 130: "
      "interrupted.\n";
  return page;
}

void AddHelpCommand(CLI::App* app, ExitCode* exit_code) {
  auto* command = app->add_subcommand(
      "help", "Help for a command; \"manual\": the manual page; \"completion SHELL\": its script");
  const auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("words", *words, "COMMAND, manual, or completion and bash, zsh or fish");
  command->callback([app, words, exit_code] { *exit_code = Help(*app, *words); });
}

}  // namespace gpen::app
