#include "gpen/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "gpen/command_tree.h"

namespace gpen::app {
namespace {

// In single quotes of a shell.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string Joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// What may follow a command.
struct Followers {
  std::string command;  // "" for the program itself, "model convert".
  std::vector<std::string> words;
  std::vector<std::string> options;
};

std::vector<std::string> LongOptionsOf(const CLI::App& command) {
  std::vector<std::string> options;
  for (const CLI::Option* option : command.get_options()) {
    for (const auto& flag : FlagsOf(*option)) {
      if (flag.starts_with("--")) options.push_back(flag);
    }
  }
  return options;
}

std::vector<Followers> FollowersIn(const CLI::App& app) {
  std::vector<Followers> all = {{"", NamesBelow(app), LongOptionsOf(app)}};
  for (const auto& [words, command] : CommandsOf(app)) {
    all.push_back({words, NamesBelow(*command), LongOptionsOf(*command)});
    if (words != "help") continue;
    // The arguments of this one are words, too.
    all.back().words = NamesBelow(app);
    all.back().words.insert(all.back().words.end(), {"manual", "completion"});
    all.push_back({"help completion", {"bash", "zsh", "fish"}, {}});
  }
  return all;
}

// The choices of "model convert --task", as a pattern of `case` and the words.
std::string ValueCases(const CLI::App& app) {
  std::string cases;
  for (const auto& [words, command] : CommandsOf(app)) {
    for (const CLI::Option* option : command->get_options()) {
      const auto choices = ChoicesOf(*option);
      if (choices.empty()) continue;
      for (const auto& flag : FlagsOf(*option)) {
        cases += fmt::format("    {}) values={} ;;\n", Quoted(fmt::format("{} {}", words, flag)),
                             Quoted(Joined(choices)));
      }
    }
  }
  return cases;
}

// What bash and zsh have in common: sets `command`, then what may follow it.
std::string SharedBody(const CLI::App& app, std::string_view words_before) {
  std::string names;
  std::string cases;
  for (const auto& [command, words, options] : FollowersIn(app)) {
    cases += fmt::format("    {}) commands={} options={} ;;\n", Quoted(command),
                         Quoted(Joined(words)), Quoted(Joined(options)));
    if (!command.empty()) names += (names.empty() ? "" : "|") + Quoted(command);
  }
  return fmt::format(R"(  local command='' commands='' options='' values='' word
  for word in {}; do
    case "${{command:+$command }}$word" in
      {}) command="${{command:+$command }}$word" ;;
    esac
  done
  case "$command" in
{}  esac
  case "$command $previous" in
{}  esac
)",
                     words_before, names, cases, ValueCases(app));
}

std::string BashCompletion(const CLI::App& app) {
  return fmt::format(R"(_gpen() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} file
{}  if [[ -n $values ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
  else
    COMPREPLY=()
    while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$current")
  fi
}}
complete -o filenames -F _gpen gpen
)",
                     SharedBody(app, R"("${COMP_WORDS[@]:1:COMP_CWORD-1}")"));
}

std::string ZshCompletion(const CLI::App& app) {
  // A file of the function path is the function's body at the first call, and defines it.
  return fmt::format(R"(#compdef gpen
_gpen() {{
  local current=$words[CURRENT] previous=$words[CURRENT-1]
{}  if [[ -n $values ]]; then
    compadd -- ${{=values}}
  elif [[ $current == -* ]]; then
    compadd -- ${{=options}}
  elif [[ -n $commands ]]; then
    compadd -- ${{=commands}}
  else
    _files
  fi
}}
if [[ $funcstack[1] == _gpen ]]; then _gpen "$@"; else compdef _gpen gpen; fi
)",
                     SharedBody(app, R"("${(@)words[2,CURRENT-1]}")"));
}

std::string FishOptions(const CLI::App& command, const std::string& condition) {
  std::string script;
  for (const CLI::Option* option : command.get_options()) {
    std::string flags;
    for (const auto& name : option->get_snames()) flags += " -s " + name;
    for (const auto& name : option->get_lnames()) flags += " -l " + name;
    if (flags.empty()) continue;
    const auto choices = ChoicesOf(*option);
    const std::string value = !choices.empty()      ? " -x -a " + Quoted(Joined(choices))
                              : TakesValue(*option) ? " -r"
                                                    : "";
    script += fmt::format("complete -c gpen -n {}{}{} -d {}\n", Quoted(condition), flags, value,
                          Quoted(option->get_description()));
  }
  return script;
}

std::string FishCommands(const CLI::App& app, const std::string& condition) {
  std::string script;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    script += fmt::format("complete -c gpen -f -n {} -a {} -d {}\n", Quoted(condition),
                          child->get_name(), Quoted(child->get_description()));
  }
  return script;
}

// All of the command's words were typed, and none of those below it.
std::string FishCondition(const std::string& words, const CLI::App& command) {
  std::string condition;
  for (std::size_t at = 0; at <= words.size();) {
    const auto end = std::min(words.find(' ', at), words.size());
    condition += (condition.empty() ? "" : "; and ") +
                 fmt::format("__fish_seen_subcommand_from {}", words.substr(at, end - at));
    at = end + 1;
  }
  const auto below = NamesBelow(command);
  if (below.empty()) return condition;
  return condition + fmt::format("; and not __fish_seen_subcommand_from {}", Joined(below));
}

std::string FishCompletion(const CLI::App& app) {
  std::string script =
      FishCommands(app, "__fish_use_subcommand") + FishOptions(app, "__fish_use_subcommand");
  for (const auto& [words, command] : CommandsOf(app)) {
    const std::string condition = FishCondition(words, *command);
    script += FishCommands(*command, condition) + FishOptions(*command, condition);
  }
  script += fmt::format("complete -c gpen -f -n '__fish_seen_subcommand_from help' -a {}\n",
                        Quoted(Joined(NamesBelow(app)) + " manual completion bash zsh fish"));
  return script;
}

}  // namespace

std::string Completion(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return BashCompletion(app);
  if (shell == "zsh") return ZshCompletion(app);
  return shell == "fish" ? FishCompletion(app) : "";
}

}  // namespace gpen::app
