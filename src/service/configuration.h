// Configuration: everything about the service that can be chosen, from a TOML file, the environment
// (GPEN_*) and flags, in this order: the later ones win.
//
// One table (Settings) knows each setting's key, variable and bounds; the three sources use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "restore/face_networks.h"
#include "watching/watch_settings.h"

namespace gpen::service {

struct Configuration {
  std::string host = "0.0.0.0";
  int port = 7860;
  std::filesystem::path data_folder = "data";
  std::filesystem::path database;          ///< Of the queue. Empty: gpen.db in the data folder.
  std::filesystem::path models_folder;     ///< Empty: where nn::FindModelsFolder looks.
  std::string model{restore::kAutoModel};  ///< The name of an installed model, or kAutoModel.
  int threads = 0;                         ///< 0: all CPUs that this process may use.

  std::string token;                       ///< Empty: everybody who can connect may use it.
  std::vector<std::string> allowed_hosts;  ///< More names under which this service is reached.
  bool behind_nginx = false;               ///< X-Accel-Redirect for results.
  /// Whose X-Real-IP and X-Forwarded-Proto are believed: addresses and networks.
  std::string trusted_proxies = "127.0.0.1,::1";

  std::int64_t max_upload_bytes = std::int64_t{256} << 20;
  std::int64_t max_pixels = 120'000'000;
  std::int64_t disk_reserve_bytes = std::int64_t{512} << 20;
  int max_photos_per_request = 500;
  int max_uploads = 256;  ///< At the same time.
  /// Photos that arrive or wait in the queue; 0: no limit.
  std::int64_t max_waiting_bytes = std::int64_t{20} << 30;
  int max_event_streams = 600;
  int max_connections = 1024;
  int max_connections_per_address = 900;
  std::int64_t enhance_wait_seconds = 600;

  std::int64_t max_queued = 10'000;
  std::int64_t pause_between_seconds = 5;
  std::string quiet_hours;
  bool heat_enabled = true;
  double heat_limit_celsius = 85;
  bool heat_fans = false;  ///< The fans go to full speed while it is hot.
  std::filesystem::path sys_folder = "/sys";

  std::int64_t keep_days = 30;                       ///< Finished jobs and results; 0: for ever.
  std::int64_t keep_bytes = std::int64_t{20} << 30;  ///< 0: no limit.
  std::int64_t bin_days = 7;                         ///< Deleted photos; 0: deleted at once.
  std::int64_t keep_upload_hours = 720;  ///< Uploaded originals after their job; 0: for ever.

  // Of `gpen worker`, and of a service that hands photos out.
  std::string broker;   ///< URL of the Redis that holds the queue; a service needs none.
  std::string backend;  ///< Of the one that holds results; empty: the broker.
  std::string worker_queue = "gpen";
  std::string worker_default_queue = "celery";
  std::string worker_name;           ///< "gpen@nas"; empty: gpen@ and the name of this machine.
  int worker_concurrency = 1;        ///< Photos at the same time.
  std::string worker_key_prefix;     ///< Celery's global_keyprefix of the broker...
  std::string worker_result_prefix;  ///< ...and of the backend.
  std::string worker_priority_steps = "0,3,6,9";
  std::string worker_separator;                         ///< kombu's sep; empty: as kombu has it.
  std::int64_t worker_result_expires_seconds = 86'400;  ///< 0: kept for ever.
  bool worker_allow_shutdown = false;
  std::string worker_roots;  ///< "name=/path,...": folders that tasks may speak of.
  std::string worker_hosts;  ///< "nas:7860,*.example.org": where tasks may fetch from and put to.
  std::filesystem::path worker_ca_file;  ///< Certificates to believe then; empty: the system's.
  std::string
      worker_exchange;  ///< Of a service: the root, or its own address, that its photos go by.

  std::vector<watching::WatchSettings> watch;  ///< Watched folders: [[watch]] tables of the file.
};

struct Setting {
  std::string_view key;       ///< In the file: "server.port".
  std::string_view variable;  ///< In the environment: "GPEN_PORT".
  std::string_view description;
  std::function<Result<void>(Configuration*, std::string_view)> apply;
  /// The value as apply() takes it; empty where nothing is chosen.
  std::function<std::string(const Configuration&)> show;
};

std::span<const Setting> Settings();

/// Sets `key`. Errors: kInvalidArgument: says what is expected and what was found.
Result<void> ApplySetting(std::string_view key, std::string_view value,
                          Configuration* configuration);

/// Applies TOML text; `name` is for messages. Errors: kInvalidArgument with "name:line".
Result<void> ApplyToml(std::string_view text, std::string_view name, Configuration* configuration);

/// Applies the file at `path`. Errors: those of ReadFile and ApplyToml.
Result<void> ApplyFile(const std::filesystem::path& path, Configuration* configuration);

/// Applies the variables that `get` (std::getenv) returns.
Result<void> ApplyEnvironment(const std::function<const char*(const char*)>& get,
                              Configuration* configuration);

}  // namespace gpen::service
