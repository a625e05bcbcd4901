// Reach: who may use which route, decided before its handler runs.
//
// What a route is about follows from its pattern, so that a new one below /api/v1/jobs/{id} is
// covered as it is added; one that nothing is said about is for managers alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/api_context.h"
#include "http/router.h"

namespace gpen::api {

enum class Reach : std::uint8_t {
  kEverybody,  ///< Its handler shows what the viewer may see, and no more.
  kJob,        ///< Whoever sees the job {id}.
  kBatch,      ///< Whoever sees the batch {id}.
  kUpload,     ///< Whoever sees the upload {id}.
  kOutput,     ///< Whoever sees a job whose result is {file}.
  kManagers,
};

/// Of the route `pattern`, which is one of the API's.
Reach ReachOf(http::Method method, std::string_view pattern);

/// Adds the guards of all routes: `context->access`, and then who may use which. What somebody may
/// not see is not found, in the same words as what is not there.
void AddGuards(const ApiContext* context, http::Router* router);

}  // namespace gpen::api
