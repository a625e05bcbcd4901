#include "api/json.h"
#include "api/routes.h"

namespace gpen::api {
namespace {

Json MachineToJson(const photos::Machine& machine, const photos::HandoutCounts& counts) {
  return {{"name", machine.name},
          {"slots", machine.slots},
          {"running", machine.running},
          {"held_reason", machine.held_reason},
          {"done", counts.done},
          {"failed", counts.failed},
          {"given_back", counts.given_back}};
}

Json ViewToJson(const photos::MachinesView& view) {
  Json machines = Json::array();
  for (const auto& machine : view.machines) {
    const auto counts = view.counts.find(machine.name);
    machines.push_back(MachineToJson(
        machine, counts == view.counts.end() ? photos::HandoutCounts{} : counts->second));
  }
  return {{"machines", std::move(machines)},
          {"handed_out", view.handed_out},
          {"problem", view.problem}};
}

}  // namespace

void AddMachineRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/machines", [context](const http::Request&) {
    Json json = ViewToJson(context->machines == nullptr ? photos::MachinesView{}
                                                        : context->machines->View());
    json["problem"] = PublicOf(context->public_text, json["problem"].get<std::string>());
    json["enabled"] = context->machines != nullptr;
    return JsonResponse(json);
  });
}

}  // namespace gpen::api
