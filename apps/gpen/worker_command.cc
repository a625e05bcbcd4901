#include "gpen/worker_command.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>

#include "codec/threads.h"
#include "gpen/configuration_flags.h"
#include "gpen/interrupt.h"
#include "service/worker_service.h"

namespace gpen::app {
namespace {

ExitCode Complain(const Error& error) {
  fmt::print(stderr, "gpen worker: {}\n", error.message());
  return TraitsOf(error.code()).exit_code;
}

ExitCode RunWorker(const ConfigurationFlags& flags) {
  const auto configuration = Configure(flags);
  if (!configuration) {
    Complain(configuration.error());
    return ExitCode::kUsage;
  }
  ::umask(0077);
  std::signal(SIGPIPE, SIG_IGN);  // A server that went away is an error of the call.
  if (const auto started = codec::Start(); !started) return Complain(started.error());
  const Interrupt interrupt;
  const auto worker = service::WorkerService::Start(*configuration);
  if (!worker) return Complain(worker.error());
  for (const auto& notice : (*worker)->notices()) fmt::print(stderr, "{}\n", notice);
  fmt::print("{} takes photos from the queue {}\n", (*worker)->name(), configuration->worker_queue);
  std::fflush(stdout);
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!interrupt.token().stop_requested() && !(*worker)->shutdown_asked()) {
    stopped.wait_for(lock, interrupt.token(), std::chrono::milliseconds(500), [] { return false; });
  }
  return ExitCode::kOk;
}

}  // namespace

void AddWorkerCommand(CLI::App* app, ExitCode* exit_code) {
  auto* command = app->add_subcommand("worker", "Restore photos for a queue of Celery in Redis");
  const auto flags = std::make_shared<ConfigurationFlags>();
  AddConfigurationFlags(
      command,
      {{"--broker", "worker.broker", "Redis of the queue: redis://[user:password@]host[:port]/n"},
       {"--backend", "worker.backend", "Redis of the results (the broker)"},
       {"--queue", "worker.queue", "Queue to serve (gpen)"},
       {"--name", "worker.name", "Name among the workers (gpen@ and the machine's)"},
       {"--concurrency", "worker.concurrency", "Photos at the same time (1)"},
       {"--data-dir", "data.folder", "Where photos are kept while they are worked on (data)"},
       {"--models", "restore.models", "Folder of the models"},
       {"--model", "restore.model", "Name of an installed model, or auto"},
       {"--threads", "restore.threads", "CPU threads to use; 0: all"}},
      flags.get());
  AddListFlag(command,
              {"--root", "worker.roots",
               "NAME=/PATH: a folder that tasks may speak of as NAME:...; may be repeated"},
              flags.get());
  AddListFlag(command,
              {"--allow-host", "worker.hosts",
               "HOST[:PORT]: may be fetched from and put to; may be repeated"},
              flags.get());
  command->add_flag_callback(
      "--allow-shutdown",
      [flags] { flags->settings.emplace_back("worker.allow_shutdown", "true"); },
      "Let remote control end this worker");
  command->callback([flags, exit_code] { *exit_code = RunWorker(*flags); });
}

}  // namespace gpen::app
