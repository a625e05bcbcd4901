// The API's routes, by what they are about. Each function adds some to the router.
#pragma once

#include "api/api_context.h"
#include "http/router.h"

namespace gpen::api {

/// POST /enhance and GET /outputs/{file}: the original contract.
void AddEnhanceRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/jobs...
void AddJobRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/uploads...: photos that come in pieces.
void AddPartialUploadRoutes(const ApiContext* context, http::Router* router);
/// A finished photo restored again with other options.
void AddAgainRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/batches...
void AddBatchRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/bin: what was deleted and can be put back; pins.
void AddBinRoutes(const ApiContext* context, http::Router* router);
/// Strengths of each face, chosen after the restoration.
void AddAdjustmentRoutes(const ApiContext* context, http::Router* router);
/// The models that a photo may ask for.
void AddModelRoutes(const ApiContext* context, http::Router* router);
/// Presets, and what a photo would take.
void AddPresetRoutes(const ApiContext* context, http::Router* router);
/// Results of many jobs as one file.
void AddZipRoutes(const ApiContext* context, http::Router* router);
/// Settings that the web page changes.
void AddSettingsRoutes(const ApiContext* context, http::Router* router);
/// Before and after at full size, in a kind that browsers show.
void AddPictureRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/events...
void AddEventRoutes(const ApiContext* context, http::Router* router);
/// Health, metrics, the queue as a whole.
void AddSystemRoutes(const ApiContext* context, http::Router* router);
/// The web page and what belongs to it.
void AddAssetRoutes(http::Router* router);
/// /api/v1/watch: the watched folders.
void AddWatchRoutes(const ApiContext* context, http::Router* router);
void AddMachineRoutes(const ApiContext* context, http::Router* router);
void AddHandoutRoutes(const ApiContext* context, http::Router* router);
/// /api/v1/people: who may use the service.
void AddPeopleRoutes(const ApiContext* context, http::Router* router);
/// Login, and who somebody is.
void AddSessionRoutes(const ApiContext* context, http::Router* router);
/// The API's description.
void AddPageRoutes(http::Router* router);

/// All of the above but the assets.
void AddRoutes(const ApiContext* context, http::Router* router);

}  // namespace gpen::api
