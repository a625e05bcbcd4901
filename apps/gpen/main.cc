// gpen: restores the faces in photos. One program: command line and server.
#include <CLI/CLI.hpp>

#include "base/error_table.h"
#include "base/version.h"
#include "gpen/data_command.h"
#include "gpen/doctor_command.h"
#include "gpen/faces_command.h"
#include "gpen/health_command.h"
#include "gpen/model_command.h"
#include "gpen/restore_command.h"
#include "gpen/serve_command.h"

int main(int argc, char** argv) {
  using gpen::ExitCode;
  CLI::App app("Restores the faces in your photos, on this machine. Nothing leaves it.", "gpen");
  app.set_version_flag("--version", std::string(gpen::kSoftwareName));
  app.require_subcommand(1);
  ExitCode exit_code = ExitCode::kOk;
  gpen::app::AddRestoreCommand(&app, &exit_code);
  gpen::app::AddServeCommand(&app, &exit_code);
  gpen::app::AddDataCommand(&app, &exit_code);
  gpen::app::AddHealthCommand(&app, &exit_code);
  gpen::app::AddDoctorCommand(&app, &exit_code);
  gpen::app::AddFacesCommand(&app, &exit_code);
  gpen::app::AddModelCommand(&app, &exit_code);
  if (argc == 1) {
    std::puts(app.help().c_str());
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(exit_code);
}
