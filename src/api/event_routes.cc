#include <fmt/format.h>

#include "api/job_json.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

constexpr std::int64_t kMostId = std::int64_t{1} << 62;

Result<jobs::EventFilter> ParseFilter(const http::Request& request) {
  jobs::EventFilter filter;
  if (const auto job = request.target.Query("job")) {
    GPEN_ASSIGN_OR_RETURN(filter.job, ParseWhole("job", *job, 1, kMostId));
  }
  if (const auto batch = request.target.Query("batch")) {
    GPEN_ASSIGN_OR_RETURN(filter.batch, ParseWhole("batch", *batch, 1, kMostId));
  }
  return filter;
}

Result<http::Response> Poll(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto filter, ParseFilter(request));
  std::int64_t after = 0;
  std::int64_t limit = 100;
  if (const auto text = request.target.Query("after")) {
    GPEN_ASSIGN_OR_RETURN(after, ParseWhole("after", *text, 0, kMostId));
  }
  if (const auto text = request.target.Query("limit")) {
    GPEN_ASSIGN_OR_RETURN(limit, ParseWhole("limit", *text, 1, 1000));
  }
  GPEN_ASSIGN_OR_RETURN(const auto page,
                        context.store->EventsAfter(after, static_cast<int>(limit), filter));
  std::vector<std::string> items;
  for (const auto& event : page.events) items.push_back(EventToJson(event));
  auto response = http::JsonResponse(200, fmt::format(R"({{"events":{},"last":{},"gap":{}}})",
                                                      JsonList(items), page.last, page.gap));
  response.Set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> Stream(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto filter, ParseFilter(request));
  std::int64_t after = -1;
  // EventSource sends the header when it connects again; the query is for the first time.
  std::string_view text = request.Header("last-event-id");
  if (text.empty()) text = request.target.Query("after").value_or("");
  if (!text.empty()) {
    GPEN_ASSIGN_OR_RETURN(after, ParseWhole("Last-Event-ID", text, 0, kMostId));
  }
  return context.events->Open(after, filter);
}

}  // namespace

void AddEventRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/events", [context](const http::Request& request) {
    auto response = Poll(*context, request);
    return response ? std::move(*response) : http::ErrorResponse(response.error());
  });
  router->Add(http::Method::kGet, "/api/v1/events/stream", [context](const http::Request& request) {
    auto response = Stream(*context, request);
    return response ? std::move(*response) : http::ErrorResponse(response.error());
  });
}

}  // namespace gpen::api
