#include "service/configuration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/file.h"
#include "heat/quiet_hours.h"
#include "http/address_list.h"

namespace gpen::service {
namespace {

// How a setting is read and shown.
struct Access {
  std::function<Result<void>(Configuration*, std::string_view)> apply;
  std::function<std::string(const Configuration&)> show;
};

Error Expected(std::string_view what, std::string_view found) {
  return Error(ErrorCode::kInvalidArgument, fmt::format("expected {}, found \"{}\"", what, found));
}

template <typename Number>
Access Whole(Number Configuration::*member, std::int64_t least, std::int64_t most) {
  const auto apply = [=](Configuration* configuration, std::string_view text) -> Result<void> {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
      return Expected(fmt::format("a whole number from {} to {}", least, most), text);
    }
    configuration->*member = static_cast<Number>(value);
    return {};
  };
  return {apply, [=](const Configuration& of) { return fmt::format("{}", of.*member); }};
}

template <typename Text>
Access Plain(Text Configuration::*member) {
  const auto apply = [=](Configuration* configuration, std::string_view text) -> Result<void> {
    configuration->*member = std::string(text);
    return {};
  };
  return {apply, [=](const Configuration& of) -> std::string { return of.*member; }};
}

Access Switch(bool Configuration::*member) {
  const auto apply = [=](Configuration* configuration, std::string_view text) -> Result<void> {
    if (text != "true" && text != "false") return Expected("true or false", text);
    configuration->*member = text == "true";
    return {};
  };
  return {apply, [=](const Configuration& of) { return fmt::format("{}", of.*member); }};
}

Result<void> ApplyToken(Configuration* configuration, std::string_view text) {
  const bool usable = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!usable || (!text.empty() && text.size() < 8)) {
    return Error(ErrorCode::kInvalidArgument,
                 "expected a token of at least 8 printable characters without spaces");
  }
  configuration->token = text;
  return {};
}

Result<void> ApplyQuietHours(Configuration* configuration, std::string_view text) {
  GPEN_TRY(heat::QuietHours::Parse(text));
  configuration->quiet_hours = text;
  return {};
}

Result<void> ApplyProxies(Configuration* configuration, std::string_view text) {
  GPEN_TRY(http::AddressList::Parse(text));
  configuration->trusted_proxies = text;
  return {};
}

Result<void> ApplyHosts(Configuration* configuration, std::string_view text) {
  configuration->allowed_hosts.clear();
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(", "), text.size());
    if (end > 0) configuration->allowed_hosts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

Result<void> ApplyHeatLimit(Configuration* configuration, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 40 && value <= 120)) {
    return Expected("degrees Celsius from 40 to 120", text);
  }
  configuration->heat_limit_celsius = value;
  return {};
}

constexpr std::int64_t kMost = std::int64_t{1} << 50;

std::string ShowHosts(const Configuration& of) {
  return fmt::format("{}", fmt::join(of.allowed_hosts, ","));
}

Setting Row(std::string_view key, std::string_view variable, std::string_view description,
            Access access) {
  return {key, variable, description, std::move(access.apply), std::move(access.show)};
}

const std::vector<Setting>& Table() {
  using C = Configuration;
  static const std::vector<Setting> table = {
      Row("server.host", "GPEN_HOST", "address to listen on", Plain(&C::host)),
      Row("server.port", "GPEN_PORT", "port to listen on", Whole(&C::port, 0, 65535)),
      Row("server.token", "GPEN_TOKEN", "secret that clients must send",
          {ApplyToken, [](const C& of) { return of.token; }}),
      Row("server.allowed_hosts", "GPEN_ALLOWED_HOSTS", "names of this service, by comma",
          {ApplyHosts, ShowHosts}),
      Row("server.behind_nginx", "GPEN_BEHIND_NGINX", "let nginx send results (X-Accel-Redirect)",
          Switch(&C::behind_nginx)),
      Row("server.trusted_proxies", "GPEN_TRUSTED_PROXIES",
          "addresses whose X-Real-IP and X-Forwarded-Proto are believed",
          {ApplyProxies, [](const C& of) { return of.trusted_proxies; }}),
      Row("server.max_connections", "GPEN_MAX_CONNECTIONS", "open at the same time",
          Whole(&C::max_connections, 8, 100'000)),
      Row("server.max_connections_per_address", "GPEN_MAX_CONNECTIONS_PER_ADDRESS", "of one client",
          Whole(&C::max_connections_per_address, 1, 100'000)),
      Row("server.max_event_streams", "GPEN_MAX_EVENT_STREAMS", "open at the same time",
          Whole(&C::max_event_streams, 0, 100'000)),
      Row("server.enhance_wait_seconds", "GPEN_ENHANCE_WAIT_SECONDS",
          "longest wait of POST /enhance", Whole(&C::enhance_wait_seconds, 1, 86'400)),
      Row("data.folder", "GPEN_DATA_DIR", "where everything is kept", Plain(&C::data_folder)),
      Row("data.database", "GPEN_DATABASE", "file of the queue; empty: gpen.db in data.folder",
          Plain(&C::database)),
      Row("data.disk_reserve_bytes", "GPEN_DISK_RESERVE_BYTES", "kept free on the disk",
          Whole(&C::disk_reserve_bytes, 0, kMost)),
      Row("data.keep_days", "GPEN_KEEP_DAYS", "finished jobs and results; 0: for ever",
          Whole(&C::keep_days, 0, 36'500)),
      Row("data.bin_days", "GPEN_BIN_DAYS", "deleted photos in the bin; 0: no bin",
          Whole(&C::bin_days, 0, 36'500)),
      Row("data.keep_bytes", "GPEN_KEEP_BYTES", "of uploads and results; 0: no limit",
          Whole(&C::keep_bytes, 0, kMost)),
      Row("data.keep_upload_hours", "GPEN_KEEP_UPLOAD_HOURS",
          "originals after their job; 0: for ever", Whole(&C::keep_upload_hours, 0, 876'000)),
      Row("upload.max_bytes", "GPEN_MAX_UPLOAD_BYTES", "of one photo",
          Whole(&C::max_upload_bytes, 1024, std::int64_t{4} << 30)),
      Row("upload.max_pixels", "GPEN_MAX_PIXELS", "of one photo",
          Whole(&C::max_pixels, 1, 2'000'000'000)),
      Row("upload.max_photos", "GPEN_MAX_PHOTOS", "in one request",
          Whole(&C::max_photos_per_request, 1, 2'000)),
      Row("upload.max_uploads", "GPEN_MAX_UPLOADS", "at the same time",
          Whole(&C::max_uploads, 1, 100'000)),
      Row("upload.max_waiting_bytes", "GPEN_MAX_WAITING_BYTES",
          "of photos that arrive or wait; 0: no limit", Whole(&C::max_waiting_bytes, 0, kMost)),
      Row("restore.models", "GPEN_MODELS", "folder of the models", Plain(&C::models_folder)),
      Row("restore.model", "GPEN_MODEL", "name of an installed model, or auto", Plain(&C::model)),
      Row("restore.threads", "GPEN_THREADS", "CPU threads; 0: all", Whole(&C::threads, 0, 256)),
      Row("queue.max_queued", "GPEN_MAX_QUEUED", "jobs that wait",
          Whole(&C::max_queued, 1, 10'000'000)),
      Row("queue.pause_between_seconds", "GPEN_PAUSE_BETWEEN_SECONDS", "between photos of a batch",
          Whole(&C::pause_between_seconds, 0, 86'400)),
      Row("queue.quiet_hours", "GPEN_QUIET_HOURS", "no batch work then: \"22:00-07:00\"",
          {ApplyQuietHours, [](const C& of) { return of.quiet_hours; }}),
      Row("heat.enabled", "GPEN_HEAT_ENABLED", "watch the temperature", Switch(&C::heat_enabled)),
      Row("heat.limit_celsius", "GPEN_HEAT_LIMIT_CELSIUS", "for sensors without a mark",
          {ApplyHeatLimit, [](const C& of) { return fmt::format("{}", of.heat_limit_celsius); }}),
      Row("heat.fans", "GPEN_HEAT_FANS", "take the fans to full speed while it is hot",
          Switch(&C::heat_fans)),
      Row("heat.sys", "GPEN_SYS", "the sysfs tree", Plain(&C::sys_folder)),
      Row("worker.broker", "GPEN_BROKER", "Redis of the machines' queue: redis://host/0",
          Plain(&C::broker)),
      Row("worker.backend", "GPEN_BACKEND", "Redis of results; empty: the broker",
          Plain(&C::backend)),
      Row("worker.queue", "GPEN_WORKER_QUEUE", "queue that a worker serves",
          Plain(&C::worker_queue)),
      Row("worker.default_queue", "GPEN_WORKER_DEFAULT_QUEUE", "for other tasks of a chain",
          Plain(&C::worker_default_queue)),
      Row("worker.name", "GPEN_WORKER_NAME", "of a worker; empty: gpen@ and this machine's",
          Plain(&C::worker_name)),
      Row("worker.concurrency", "GPEN_WORKER_CONCURRENCY", "photos of a worker at the same time",
          Whole(&C::worker_concurrency, 1, 16)),
      Row("worker.key_prefix", "GPEN_WORKER_KEY_PREFIX", "Celery's global_keyprefix of the broker",
          Plain(&C::worker_key_prefix)),
      Row("worker.result_prefix", "GPEN_WORKER_RESULT_PREFIX", "the same of results",
          Plain(&C::worker_result_prefix)),
      Row("worker.priority_steps", "GPEN_WORKER_PRIORITY_STEPS", "as Celery's clients have them",
          Plain(&C::worker_priority_steps)),
      Row("worker.separator", "GPEN_WORKER_SEPARATOR", "kombu's sep; empty: as kombu has it",
          Plain(&C::worker_separator)),
      Row("worker.result_expires_seconds", "GPEN_WORKER_RESULT_EXPIRES_SECONDS",
          "results in Redis; 0: for ever",
          Whole(&C::worker_result_expires_seconds, 0, std::int64_t{10} * 365 * 86'400)),
      Row("worker.allow_shutdown", "GPEN_WORKER_ALLOW_SHUTDOWN", "by remote control",
          Switch(&C::worker_allow_shutdown)),
      Row("worker.roots", "GPEN_WORKER_ROOTS", "folders that tasks may name: \"album=/srv/photos\"",
          Plain(&C::worker_roots)),
      Row("worker.hosts", "GPEN_WORKER_HOSTS",
          "hosts that tasks may fetch from and put to: \"nas:8443,*.example.org\"",
          Plain(&C::worker_hosts)),
      Row("worker.ca_file", "GPEN_WORKER_CA_FILE", "certificates to believe then",
          Plain(&C::worker_ca_file)),
      Row("worker.exchange", "GPEN_WORKER_EXCHANGE",
          "by which a service's photos reach other machines: a root, or its own http://nas:7860",
          Plain(&C::worker_exchange)),
  };
  return table;
}

// A TOML value as the text that the table's setters take.
Result<std::string> TextOf(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return std::string(flag->get() ? "true" : "false");
  if (const auto* list = node.as_array()) {
    std::string text;
    for (const auto& item : *list) {
      if (!item.is_string()) return Expected("a list of texts", "a list of something else");
      text += (text.empty() ? "" : ",") + item.as_string()->get();
    }
    return text;
  }
  return Expected("a text, a number, or true or false", "something else");
}

Result<void> ApplyWatchTables(const toml::array& tables, std::string_view name,
                              Configuration* configuration) {
  configuration->watch.clear();
  for (const auto& node : tables) {
    watching::WatchSettings settings;
    for (const auto& [key, value] : *node.as_table()) {
      const auto where = fmt::format("{}:{}: watch", name, value.source().begin.line);
      auto text = TextOf(value);
      if (!text) return std::move(text).error().WithContext(fmt::format("{}.{}", where, key.str()));
      auto applied = watching::ApplyWatchSetting(key.str(), *text, &settings);
      if (!applied) return std::move(applied).error().WithContext(where);
    }
    configuration->watch.push_back(std::move(settings));
  }
  auto complete =
      watching::CompleteWatchSettings(configuration->data_folder, &configuration->watch);
  if (!complete) {
    return std::move(complete).error().WithContext(
        fmt::format("{}:{}", name, tables.source().begin.line));
  }
  return {};
}

Result<void> ApplyTable(const toml::table& table, const std::string& prefix, std::string_view name,
                        Configuration* configuration) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    const auto where = fmt::format("{}:{}", name, node.source().begin.line);
    if (const auto* inner = node.as_table(); inner != nullptr && prefix.empty()) {
      GPEN_TRY(ApplyTable(*inner, path + ".", name, configuration));
      continue;
    }
    if (const auto* tables = node.as_array();
        tables != nullptr && path == "watch" && tables->is_array_of_tables()) {
      GPEN_TRY(ApplyWatchTables(*tables, name, configuration));
      continue;
    }
    auto text = TextOf(node);
    if (!text) return std::move(text).error().WithContext(fmt::format("{}: {}", where, path));
    auto applied = ApplySetting(path, *text, configuration);
    if (!applied) return std::move(applied).error().WithContext(where);
  }
  return {};
}

}  // namespace

std::span<const Setting> Settings() { return Table(); }

Result<void> ApplySetting(std::string_view key, std::string_view value,
                          Configuration* configuration) {
  for (const auto& setting : Table()) {
    if (setting.key != key) continue;
    auto applied = setting.apply(configuration, value);
    if (!applied) return std::move(applied).error().WithContext(key);
    return {};
  }
  std::string known;
  for (const auto& setting : Table()) known += fmt::format(" {}", setting.key);
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("unknown setting \"{}\"; there are:{}", key, known));
}

Result<void> ApplyToml(std::string_view text, std::string_view name, Configuration* configuration) {
  try {
    return ApplyTable(toml::parse(text), "", name, configuration);
  } catch (const toml::parse_error& error) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}:{}: {}", name, error.source().begin.line,
                             std::string(error.description())));
  }
}

Result<void> ApplyFile(const std::filesystem::path& path, Configuration* configuration) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(path, 1 << 20));
  return ApplyToml(AsText(bytes), path.string(), configuration);
}

Result<void> ApplyEnvironment(const std::function<const char*(const char*)>& get,
                              Configuration* configuration) {
  for (const auto& setting : Table()) {
    const char* value = get(std::string(setting.variable).c_str());
    if (value == nullptr) continue;
    auto applied = setting.apply(configuration, value);
    if (!applied) return std::move(applied).error().WithContext(setting.variable);
  }
  return {};
}

}  // namespace gpen::service
