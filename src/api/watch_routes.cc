#include <fmt/format.h>

#include "api/routes.h"
#include "watching/watch_keeper.h"

namespace gpen::api {
namespace {

std::string ViewJson(const watching::WatchView& view) {
  return fmt::format(R"({{"name":{},"path":{},"output":{},"state":{},)"
                     R"("waiting":{},"done":{},"failed":{},"message":{}}})",
                     http::JsonString(view.name), http::JsonString(view.path),
                     http::JsonString(view.output), http::JsonString(view.state),
                     view.counts.waiting, view.counts.done, view.counts.failed,
                     http::JsonString(view.message));
}

// A label's value in the metrics' text format.
std::string Label(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

void AddWatchRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/watch", [context](const http::Request&) {
    std::string list;
    for (const auto& view : context->watch->View()) {
      list += (list.empty() ? "" : ",") + ViewJson(view);
    }
    auto response = http::JsonResponse(200, fmt::format(R"({{"folders":[{}]}})", list));
    response.Set("Cache-Control", "no-store");
    return response;
  });
}

std::string WatchMetrics(const ApiContext& context) {
  const auto views = context.watch->View();
  if (views.empty()) return "";
  std::string files =
      "# HELP gpen_watch_files Photos of watched folders by what became of them.\n"
      "# TYPE gpen_watch_files gauge\n";
  std::string reachable =
      "# HELP gpen_watch_folder_working 1 where a watched folder is there and not held up.\n"
      "# TYPE gpen_watch_folder_working gauge\n";
  for (const auto& view : views) {
    const std::string name = Label(view.name);
    const auto add = [&](std::string_view state, std::int64_t count) {
      files +=
          fmt::format("gpen_watch_files{{folder=\"{}\",state=\"{}\"}} {}\n", name, state, count);
    };
    add("waiting", view.counts.waiting);
    add("done", view.counts.done);
    add("failed", view.counts.failed);
    reachable += fmt::format("gpen_watch_folder_working{{folder=\"{}\"}} {}\n", name,
                             view.state == "watching" || view.state == "polling" ? 1 : 0);
  }
  return files + reachable;
}

}  // namespace gpen::api
