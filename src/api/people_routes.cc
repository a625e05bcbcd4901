#include <string>

#include "api/job_json.h"
#include "api/json.h"
#include "api/query.h"
#include "api/routes.h"
#include "people/people.h"

namespace gpen::api {
namespace {

constexpr std::int64_t kMostBytes = 4096;

Json PersonToJson(const people::Person& person) {
  return {{"id", person.id},
          {"name", person.name},
          {"role", people::NameOf(person.role)},
          {"sees", people::NameOf(person.sees)},
          {"created", TimeToJson(person.created)},
          {"last_seen", TimeToJson(person.last_seen)}};
}

Json AdmissionToJson(const people::Admission& admission) {
  return {{"person", PersonToJson(admission.person)}, {"token", admission.token}};
}

Result<people::PersonChange> ParseChange(std::string_view body) {
  const auto json = Json::parse(body, nullptr, false);
  const auto expected =
      Error(ErrorCode::kInvalidArgument,
            R"(expected a JSON object {"name":"...","role":"member","sees":"own"})");
  if (!json.is_object()) return expected;
  people::PersonChange change;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return expected;
    const auto text = value.get<std::string>();
    if (name == "name") {
      change.name = text;
    } else if (name == "role") {
      GPEN_ASSIGN_OR_RETURN(change.role, people::ParseRole(text));
    } else if (name == "sees") {
      GPEN_ASSIGN_OR_RETURN(change.sees, people::ParseSees(text));
    } else {
      return expected;
    }
  }
  return change;
}

http::Response ListPeople(const ApiContext& context) {
  return JsonResponse({{"people", JsonList(context.people->List(), PersonToJson)},
                       {"has_owner_token", context.access->has_owner_token()}});
}

Result<http::Response> Add(const ApiContext& context, const http::Request& request,
                           std::string_view body) {
  GPEN_ASSIGN_OR_RETURN(const auto wanted, ParseChange(body));
  const bool was_open = !context.access->needs_token();
  GPEN_ASSIGN_OR_RETURN(
      const auto admission,
      context.people->Add({wanted.name.value_or(""), wanted.role.value_or(people::Role::kMember),
                           wanted.sees.value_or(people::Sees::kAll)}));
  auto response = JsonResponse(AdmissionToJson(admission), 201);
  // Nobody comes in without a token from now on: who has added the first person stays in, as them.
  if (was_open) context.access->OpenSession(admission.person.id, request, &response);
  context.events->DropStale();
  return response;
}

Result<http::Response> Change(const ApiContext& context, const http::Request& request,
                              std::string_view body) {
  GPEN_ASSIGN_OR_RETURN(const auto id, ParseId(request, "person"));
  GPEN_ASSIGN_OR_RETURN(const auto change, ParseChange(body));
  GPEN_ASSIGN_OR_RETURN(const auto person, context.people->Change(id, change));
  context.events->DropStale();
  return JsonResponse(PersonToJson(person));
}

Result<http::Response> Renew(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto id, ParseId(request, "person"));
  GPEN_ASSIGN_OR_RETURN(const auto admission, context.people->Renew(id));
  auto response = JsonResponse(AdmissionToJson(admission));
  // Their own sessions end with the old token, but for the one that asked.
  if (request.user == id) context.access->OpenSession(id, request, &response);
  context.events->DropStale();
  return response;
}

Result<http::Response> Remove(const ApiContext& context, const http::Request& request) {
  GPEN_ASSIGN_OR_RETURN(const auto id, ParseId(request, "person"));
  GPEN_ASSIGN_OR_RETURN(const bool may_open, QuerySwitch(request, "open_to_all"));
  GPEN_TRY(context.people->Remove(id, may_open));
  context.events->DropStale();
  return SuccessResponse();
}

}  // namespace

void AddPeopleRoutes(const ApiContext* context, http::Router* router) {
  using http::Method;
  using http::Request;
  const std::string all = "/api/v1/people";
  const std::string one = all + "/{id}";
  router->Add(Method::kGet, all, [context](const Request&) { return ListPeople(*context); });
  router->AddText(Method::kPost, all, kMostBytes,
                  [context](const Request& request, std::string_view body) {
                    return Add(*context, request, body);
                  });
  router->AddText(Method::kPatch, one, kMostBytes,
                  [context](const Request& request, std::string_view body) {
                    return Change(*context, request, body);
                  });
  router->Add(Method::kPost, one + "/renew",
              [context](const Request& request) { return Renew(*context, request); });
  router->Add(Method::kDelete, one,
              [context](const Request& request) { return Remove(*context, request); });
}

}  // namespace gpen::api
