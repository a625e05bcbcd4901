#include "gpen/serve_command.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>

#include "codec/threads.h"
#include "gpen/configuration_flags.h"
#include "gpen/interrupt.h"
#include "restore/photo_options.h"
#include "service/service.h"

namespace gpen::app {
namespace {

struct Arguments {
  bool show_settings = false;
  ConfigurationFlags configuration;
};

// Hundreds of connections and uploads need more than the usual 1,024 descriptors.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

ExitCode Complain(const Error& error) {
  fmt::print(stderr, "gpen serve: {}\n", error.message());
  return TraitsOf(error.code()).exit_code;
}

void PrintSettings() {
  const service::Configuration defaults;
  for (const auto& setting : service::Settings()) {
    const std::string value = setting.show(defaults);
    fmt::print("{:<40} {:<36} {}{}\n", setting.key, setting.variable, setting.description,
               value.empty() ? "" : fmt::format(" ({})", value));
  }
  fmt::print(
      "\nOnce for each watched folder, in the file only, under [[watch]]; photo options too:\n");
  for (const auto& setting : watching::WatchSettingKeys()) {
    fmt::print("{:<40} {}\n", setting.key, setting.description);
  }
  for (const auto& option : restore::AllPhotoOptions()) {
    if (!option.MayBeSetBy(restore::OptionSetter::kWatchedFolder)) continue;
    const std::string usual = restore::FormatValue(option.get({}));
    fmt::print("{:<40} {}{}\n", option.name, option.description,
               usual.empty() ? "" : fmt::format(" ({})", usual));
  }
}

ExitCode RunServe(const Arguments& arguments) {
  if (arguments.show_settings) {
    PrintSettings();
    return ExitCode::kOk;
  }
  const auto configuration = Configure(arguments.configuration);
  if (!configuration) {
    Complain(configuration.error());
    return ExitCode::kUsage;
  }
  ::umask(0077);
  RaiseDescriptorLimit();
  std::signal(SIGPIPE, SIG_IGN);  // A server that went away is an error of the call.
  if (const auto started = codec::Start(); !started) return Complain(started.error());
  const Interrupt interrupt;
  const auto service = service::Service::Start(*configuration);
  if (!service) return Complain(service.error());
  for (const auto& notice : (*service)->notices()) fmt::print(stderr, "{}\n", notice);
  fmt::print("GPEN-NAS listens on http://{}:{}/\n", configuration->host, (*service)->port());
  std::fflush(stdout);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, interrupt.token(), [] { return false; });
  return ExitCode::kOk;
}

}  // namespace

void AddServeCommand(CLI::App* app, ExitCode* exit_code) {
  auto* command = app->add_subcommand("serve", "Run the restoration service");
  const auto arguments = std::make_shared<Arguments>();
  command->add_flag("--show-settings", arguments->show_settings,
                    "List all settings of the file and their environment variables");
  AddConfigurationFlags(
      command,
      {{"--host", "server.host", "Address to listen on (0.0.0.0)"},
       {"--port", "server.port", "Port to listen on (7860)"},
       {"--data-dir", "data.folder", "Where uploads, results and the queue are kept (data)"},
       {"--models", "restore.models", "Folder of the models"},
       {"--model", "restore.model", "Name of an installed model, or auto"},
       {"--threads", "restore.threads", "CPU threads to use; 0: all"},
       {"--broker", "worker.broker",
        "Redis of a queue that `gpen worker` on other machines serves: redis://host/0"},
       {"--backend", "worker.backend", "Redis of the results (the broker)"},
       {"--queue", "worker.queue", "Queue of those machines (gpen)"},
       {"--exchange", "worker.exchange",
        "By which photos reach them: a root, or this service's http://nas:7860"}},
      &arguments->configuration);
  AddListFlag(
      command,
      {"--root", "worker.roots", "NAME=/PATH: a folder that they mount too; may be repeated"},
      &arguments->configuration);
  command->callback([arguments, exit_code] { *exit_code = RunServe(*arguments); });
}

}  // namespace gpen::app
