// Jobs, batches and events as the JSON of /api/v1.
#pragma once

#include <string>
#include <vector>

#include "http/response.h"
#include "jobs/job_store.h"

namespace gpen::api {

std::string JobToJson(const jobs::Job& job);
std::string BatchToJson(const jobs::Batch& batch);
std::string EventToJson(const jobs::JobEvent& event);

/// "[a,b]" of JSON texts.
std::string JsonList(const std::vector<std::string>& items);

/// The error of a job that failed or was cancelled, as an answer.
http::Response JobErrorResponse(const jobs::Job& job);

}  // namespace gpen::api
