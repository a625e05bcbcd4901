#include "service/routes.h"

namespace gpen::service {

void AddRoutes(const ServiceContext* context, http::Router* router) {
  AddEnhanceRoutes(context, router);
  AddJobRoutes(context, router);
  AddBatchRoutes(context, router);
  AddPictureRoutes(context, router);
  AddZipRoutes(context, router);
  AddBlendRoutes(context, router);
  AddSettingsRoutes(context, router);
  AddEventRoutes(context, router);
  AddSystemRoutes(context, router);
  AddWatchRoutes(context, router);
  AddPageRoutes(context, router);
}

}  // namespace gpen::service
