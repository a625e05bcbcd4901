// gpen: restores the faces in photos. One program: command line and server.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/error_table.h"
#include "base/version.h"
#include "gpen/build_commit.h"
#include "gpen/data_command.h"
#include "gpen/doctor_command.h"
#include "gpen/faces_command.h"
#include "gpen/guess.h"
#include "gpen/health_command.h"
#include "gpen/help_documents.h"
#include "gpen/model_command.h"
#include "gpen/people_command.h"
#include "gpen/restore_command.h"
#include "gpen/serve_command.h"
#include "gpen/worker_command.h"
#include "jobs/background_thread.h"
#include "sandbox/photo_child.h"
#include "service/photo_processes.h"

namespace {

std::string VersionText() {
  const auto commit = gpen::app::BuildCommit();
  return commit.empty() ? std::string(gpen::kSoftwareName)
                        : fmt::format("{} ({})", gpen::kSoftwareName, commit);
}

}  // namespace

int main(int argc, char** argv) {
  using gpen::ExitCode;
  // Not for people, and not in the help: the service starts its own processes so.
  if (argc == 2 && std::string_view(argv[1]) == gpen::service::kPhotoProcessCommand) {
    gpen::jobs::LowerThisThread();  // What cannot be lowered is not worth failing for.
    return gpen::sandbox::RunPhotoChild();
  }
  CLI::App app("Restores the faces in your photos, on this machine. Nothing leaves it.", "gpen");
  app.set_version_flag("--version", VersionText());
  app.require_subcommand(1);
  ExitCode exit_code = ExitCode::kOk;
  gpen::app::AddRestoreCommand(&app, &exit_code);
  gpen::app::AddServeCommand(&app, &exit_code);
  gpen::app::AddWorkerCommand(&app, &exit_code);
  gpen::app::AddDataCommand(&app, &exit_code);
  gpen::app::AddPeopleCommand(&app, &exit_code);
  gpen::app::AddHealthCommand(&app, &exit_code);
  gpen::app::AddDoctorCommand(&app, &exit_code);
  gpen::app::AddFacesCommand(&app, &exit_code);
  gpen::app::AddModelCommand(&app, &exit_code);
  gpen::app::AddHelpCommand(&app, &exit_code);
  app.add_subcommand("version", "The program's version")->callback([] {
    fmt::print("{}\n", VersionText());
  });
  if (argc <= 1) {
    std::puts(app.help().c_str());
    return static_cast<int>(ExitCode::kUsage);
  }
  std::vector<std::string> commands;
  for (const auto* command : app.get_subcommands({})) commands.push_back(command->get_name());
  const std::string advice = gpen::app::AdviceFor({argv + 1, argv + argc}, commands);
  if (!advice.empty()) {
    fmt::print(stderr, "gpen: {}\n", advice);
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(exit_code);
}
