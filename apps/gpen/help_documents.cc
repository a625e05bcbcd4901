#include "gpen/help_documents.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "base/version.h"

namespace gpen::app {
namespace {

// A command with the words that lead to it: "model convert".
struct Command {
  std::string words;
  const CLI::App* app;
};

std::vector<Command> CommandsOf(const CLI::App& app, const std::string& before = "") {
  std::vector<Command> commands;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string words = before.empty() ? child->get_name() : before + " " + child->get_name();
    commands.push_back({words, child});
    for (auto& deeper : CommandsOf(*child, words)) commands.push_back(std::move(deeper));
  }
  return commands;
}

// "-r, --recursive" without those that are not written.
std::vector<std::string> FlagsOf(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const auto& name : option.get_snames()) flags.push_back("-" + name);
  for (const auto& name : option.get_lnames()) flags.push_back("--" + name);
  return flags;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

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

// In single quotes of a shell.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::vector<std::string> WordsFor(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* child : command.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(child->get_name());
  }
  for (const CLI::Option* option : command.get_options()) {
    for (const auto& flag : FlagsOf(*option)) {
      if (flag.starts_with("--")) words.push_back(flag);
    }
  }
  return words;
}

// One function serves bash and, through its own emulation, zsh.
std::string BashCompletion(const CLI::App& app) {
  std::string cases = fmt::format("    '') words='{}' ;;\n", fmt::join(WordsFor(app), " "));
  for (const auto& [words, command] : CommandsOf(app)) {
    cases +=
        fmt::format("    {}) words='{}' ;;\n", Quoted(words), fmt::join(WordsFor(*command), " "));
  }
  std::string names;
  for (const auto& [words, command] : CommandsOf(app)) names += Quoted(words) + "|";
  if (!names.empty()) names.pop_back();
  return fmt::format(R"(_gpen() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command='' words='' word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "${{command:+$command }}$word" in
      {}) command="${{command:+$command }}$word" ;;
    esac
  done
  case "$command" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}}
complete -o filenames -F _gpen gpen
)",
                     names, cases);
}

std::string FishCompletion(const CLI::App& app) {
  std::string script;
  const auto add = [&](const CLI::App& command, const std::string& condition) {
    for (const CLI::App* child : command.get_subcommands([](const CLI::App*) { return true; })) {
      script += fmt::format("complete -c gpen -f -n {} -a {} -d {}\n", Quoted(condition),
                            child->get_name(), Quoted(child->get_description()));
    }
    for (const CLI::Option* option : command.get_options()) {
      std::string flags;
      for (const auto& name : option->get_snames()) flags += " -s " + name;
      for (const auto& name : option->get_lnames()) flags += " -l " + name;
      if (flags.empty()) continue;
      script += fmt::format("complete -c gpen -n {}{}{} -d {}\n", Quoted(condition), flags,
                            TakesValue(*option) ? " -r" : "", Quoted(option->get_description()));
    }
  };
  add(app, "__fish_use_subcommand");
  for (const auto& [words, command] : CommandsOf(app)) {
    std::string condition;
    for (std::size_t at = 0; at <= words.size();) {
      const auto end = std::min(words.find(' ', at), words.size());
      condition += (condition.empty() ? "" : "; and ") +
                   fmt::format("__fish_seen_subcommand_from {}", words.substr(at, end - at));
      at = end + 1;
    }
    add(*command, condition);
  }
  return script;
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
    fmt::print(stderr, "gpen help: there is no command \"{}\"\n", fmt::join(words, " "));
    return ExitCode::kUsage;
  }
  // App::help() would show that of the command that was called: this one.
  const std::string before = words.empty() ? "" : "gpen";
  fmt::print("{}",
             command->get_formatter()->make_help(command, before, CLI::AppFormatMode::Normal));
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

std::string Completion(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return BashCompletion(app);
  if (shell == "zsh") {
    return "#compdef gpen\nautoload -U +X bashcompinit && bashcompinit\n" + BashCompletion(app);
  }
  return shell == "fish" ? FishCompletion(app) : "";
}

void AddHelpCommand(CLI::App* app, ExitCode* exit_code) {
  auto* command = app->add_subcommand(
      "help", "Help for a command; \"manual\": the manual page; \"completion SHELL\": its script");
  const auto words = std::make_shared<std::vector<std::string>>();
  command->add_option("words", *words, "COMMAND, manual, or completion and bash, zsh or fish");
  command->callback([app, words, exit_code] { *exit_code = Help(*app, *words); });
}

}  // namespace gpen::app
