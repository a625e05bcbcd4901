#include "api/routes.h"

namespace gpen::api {

void AddRoutes(const ApiContext* context, http::Router* router) {
  AddEnhanceRoutes(context, router);
  AddJobRoutes(context, router);
  AddPartialUploadRoutes(context, router);
  AddAgainRoutes(context, router);
  AddBatchRoutes(context, router);
  AddBinRoutes(context, router);
  AddPictureRoutes(context, router);
  AddZipRoutes(context, router);
  AddAdjustmentRoutes(context, router);
  AddPresetRoutes(context, router);
  AddModelRoutes(context, router);
  AddSettingsRoutes(context, router);
  AddEventRoutes(context, router);
  AddSystemRoutes(context, router);
  AddWatchRoutes(context, router);
  AddMachineRoutes(context, router);
  AddHandoutRoutes(context, router);
  AddPeopleRoutes(context, router);
  AddSessionRoutes(context, router);
  AddPageRoutes(router);
}

}  // namespace gpen::api
