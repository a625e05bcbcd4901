#include "api/job_json.h"
#include "api/job_lookup.h"
#include "api/json.h"
#include "api/query.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

Result<http::Response> Poll(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto filter, EventFilterOf(context, request));
  GPEN_ASSIGN_OR_RETURN(const auto after, QueryWhole(request, "after", 0, 0, kMostId));
  GPEN_ASSIGN_OR_RETURN(const auto limit, QueryWhole(request, "limit", 100, 1, 1000));
  GPEN_ASSIGN_OR_RETURN(const auto page,
                        context.store->EventsAfter(after, static_cast<int>(limit), filter));
  const auto to_json = [&](const jobs::JobEvent& event) {
    return EventToJson(event, context.public_text);
  };
  return JsonResponse(
      {{"events", JsonList(page.events, to_json)}, {"last", page.last}, {"gap", page.gap}});
}

Result<http::Response> Stream(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto filter, EventFilterOf(context, request));
  std::int64_t after = -1;
  // EventSource sends the header when it connects again; the query is for the first time.
  std::string_view text = request.Header("last-event-id");
  if (text.empty()) text = request.target.Query("after").value_or("");
  if (!text.empty()) {
    GPEN_ASSIGN_OR_RETURN(after, ParseWhole("Last-Event-ID", text, 0, kMostId));
  }
  const auto may_go_on = [access = context.access, user = request.user,
                          standing = context.access->StandingOf(request.user)] {
    return access->StandingOf(user) == standing;
  };
  return context.events->Open(request.remote_address, after, filter, may_go_on);
}

}  // namespace

void AddEventRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/events",
              [context](const http::Request& request) { return Poll(*context, request); });
  router->Add(http::Method::kGet, "/api/v1/events/stream",
              [context](const http::Request& request) { return Stream(*context, request); });
}

}  // namespace gpen::api
