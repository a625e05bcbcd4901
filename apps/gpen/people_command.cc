#include "gpen/people_command.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "gpen/configuration_flags.h"
#include "gpen/folder_command.h"
#include "people/people.h"

namespace gpen::app {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  ConfigurationFlags configuration;
  std::string name;
  std::string sees;
  bool manager = false;
  bool open_to_all = false;
};

// The people of a service, with the clock that they use.
struct Place {
  std::unique_ptr<SystemClock> clock;
  std::unique_ptr<people::People> people;
  bool has_owner = false;
};

Result<Place> Open(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const auto configuration, Configure(arguments.configuration));
  std::error_code error;
  if (!fs::is_directory(configuration.data_folder, error)) {
    return Error(
        ErrorCode::kNotFound,
        fmt::format("there is no data folder {}: say with --data-dir or --config where it is",
                    configuration.data_folder.string()));
  }
  Place place{std::make_unique<SystemClock>(), nullptr, !configuration.token.empty()};
  GPEN_ASSIGN_OR_RETURN(
      place.people, people::People::Open(configuration.data_folder / "people.json", place.has_owner,
                                         *place.clock));
  return place;
}

Result<people::Person> Find(const Place& place, const std::string& name) {
  const auto people = place.people->List();
  const auto found = std::ranges::find(people, name, &people::Person::name);
  if (found != people.end()) return *found;
  return Error(ErrorCode::kNotFound,
               fmt::format("there is no {}: 'gpen people list' shows who there is", name));
}

void Print(const people::Admission& admission) {
  fmt::print("{}\n", admission.token);
  fmt::print(stderr,
             "This is the token of {}. It is shown this once: they log in with it in the browser, "
             "and programs send it as \"Authorization: Bearer TOKEN\"\n",
             admission.person.name);
}

std::string Day(Timestamp time) {
  return time.time_since_epoch().count() == 0
             ? "never"
             : fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::seconds>(time));
}

Result<void> List(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  const auto people = place.people->List();
  if (people.empty()) {
    fmt::print("nobody: {}\n", place.has_owner ? "the configuration's token is the only one"
                                               : "everybody may use the service without a token");
  }
  for (const auto& person : people) {
    fmt::print("{:<20} {:<8} sees {:<4} seen {}\n", person.name, people::NameOf(person.role),
               people::NameOf(person.sees), Day(person.last_seen));
  }
  return {};
}

Result<void> Add(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  people::NewPerson person{.name = arguments.name};
  if (arguments.manager) person.role = people::Role::kManager;
  if (!arguments.sees.empty()) {
    GPEN_ASSIGN_OR_RETURN(person.sees, people::ParseSees(arguments.sees));
  }
  if (place.people->is_empty() && !place.has_owner && !arguments.manager) {
    return Error(
        ErrorCode::kConflict,
        "the first person must be a manager where the configuration has no token, "
        "because nobody else could look after the rest: add --manager, or name the service's "
        "configuration with --config");
  }
  GPEN_ASSIGN_OR_RETURN(const auto admission, place.people->Add(person));
  Print(admission);
  return {};
}

Result<void> Set(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  GPEN_ASSIGN_OR_RETURN(const auto person, Find(place, arguments.name));
  people::PersonChange change;
  GPEN_ASSIGN_OR_RETURN(change.sees, people::ParseSees(arguments.sees));
  GPEN_TRY(place.people->Change(person.id, change));
  return {};
}

Result<void> Renew(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  GPEN_ASSIGN_OR_RETURN(const auto person, Find(place, arguments.name));
  GPEN_ASSIGN_OR_RETURN(const auto admission, place.people->Renew(person.id));
  Print(admission);
  return {};
}

Result<void> Remove(const Arguments& arguments) {
  GPEN_ASSIGN_OR_RETURN(const Place place, Open(arguments));
  GPEN_ASSIGN_OR_RETURN(const auto person, Find(place, arguments.name));
  auto removed = place.people->Remove(person.id, arguments.open_to_all);
  const bool is_last = place.people->List().size() == 1;
  if (removed || removed.error().code() != ErrorCode::kConflict || !is_last) return removed;
  return Error(removed.error().code(),
               removed.error().message() + "; add --open-to-all if that is meant");
}

}  // namespace

void AddPeopleCommand(CLI::App* app, ExitCode* exit_code) {
  auto* people = app->add_subcommand("people", "Who may use the service, each with a token");
  people->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();
  const auto add = [&](const char* name, const char* help, Result<void> (*run)(const Arguments&)) {
    return AddFolderCommand(people, name, help,
                            {{"--data-dir", "data.folder", "The data folder (data)"}}, arguments,
                            run, exit_code);
  };
  const auto add_named = [&](const char* name, const char* help,
                             Result<void> (*run)(const Arguments&)) {
    auto* command = add(name, help, run);
    command->add_option("name", arguments->name, "Whom")->type_name("NAME")->required();
    return command;
  };
  const auto add_sees = [&](CLI::App* command) {
    return command
        ->add_option("--sees", arguments->sees, "Whose photos they see: everybody's or their own")
        ->check(CLI::IsMember({"all", "own"}));
  };
  add("list", "Show who there is", List);
  auto* add_command = add_named("add", "Add somebody, and show their token", Add);
  add_sees(add_command);
  add_command->add_flag("--manager", arguments->manager, "They may change settings and people");
  add_sees(add_named("set", "Change whose photos somebody sees", Set))->required();
  add_named("renew", "Give somebody a new token; the old one is worth nothing at once", Renew);
  add_named("remove", "Withdraw somebody's token for good; their photos stay", Remove)
      ->add_flag("--open-to-all", arguments->open_to_all,
                 "Also the last one, so that everybody may use a service without a token");
}

}  // namespace gpen::app
