#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "api/routes.h"
#include "api/zip_stream.h"
#include "http/file_response.h"
#include "photos/adjustment.h"
#include "photos/photo_job.h"
#include "watching/watch_keeper.h"

namespace gpen::api {
namespace {

// Watched photos lie where other people write: each is looked for when its turn comes.
Descriptor OpenWatched(const watching::WatchKeeper& watch, std::int64_t watched_file) {
  photos::PhotoResult result;
  result.watched_file = watched_file;
  const auto placed = watch.PlaceResult(result);
  if (!placed) return {};
  return Descriptor(::open(placed->path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

ZipEntry EntryOf(const ApiContext& context, const jobs::Job& job,
                 const photos::PhotoResult& result) {
  ZipEntry entry;
  entry.name = ResultName(job.name, result.output);
  if (result.watched_file == 0) {
    entry.path = context.folder->Output(result.output);
  } else {
    entry.open = [watch = context.watch, id = result.watched_file] {
      return OpenWatched(*watch, id);
    };
  }
  return entry;
}

}  // namespace

Result<http::Response> ZipOfJobs(const ApiContext& context, jobs::JobFilter filter,
                                 const std::string& name) {
  filter.states = {jobs::JobState::kDone};
  filter.before = 0;
  filter.limit = 500;
  std::vector<ZipEntry> entries;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const auto page, context.store->List(filter));
    if (page.empty()) break;
    filter.before = page.back().id;
    for (const auto& job : page) {
      const auto result = photos::CurrentResult(*context.folder, job);
      // A watched photo without a face that was not copied has none.
      if (!result || result->output.empty()) continue;
      entries.push_back(EntryOf(context, job, *result));
    }
  }
  if (entries.empty()) {
    return Error(ErrorCode::kConflict, fmt::format("\"{}\" has no results yet", name));
  }
  std::ranges::reverse(entries);  // Oldest first.
  http::Response response;
  response.Set("Content-Type", "application/zip");
  response.Set("Cache-Control", "no-store");
  response.Set("Content-Disposition", http::Attachment(name + ".zip"));
  response.body = std::make_unique<ZipStream>(std::move(entries));
  return response;
}

void AddZipRoutes(const ApiContext* context, http::Router* router) {
  router->Add(http::Method::kGet, "/api/v1/zip", [context](const http::Request& request) {
    for (const auto& [name, value] : request.target.query) {
      if (name == "state" || name == "before" || name == "limit") {
        return http::ErrorResponse(
            Error(ErrorCode::kInvalidArgument,
                  fmt::format("expected text, priority or batch, found {}: a ZIP holds all results "
                              "that these let through",
                              name)));
      }
    }
    const auto filter = ParseJobFilter(request);
    if (!filter) return http::ErrorResponse(filter.error());
    auto response = ZipOfJobs(*context, *filter, "photos");
    return response ? std::move(*response) : http::ErrorResponse(response.error());
  });
}

}  // namespace gpen::api
