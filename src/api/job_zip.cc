#include "api/job_zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api/archive_names.h"
#include "api/job_lookup.h"
#include "api/output_file.h"
#include "api/zip_stream.h"
#include "http/file_response.h"
#include "photos/adjustment.h"

namespace gpen::api {
namespace {

// The current result of a done job; nothing where it has none.
std::optional<ZipEntry> EntryOf(const ApiContext& context, const jobs::Job& job) {
  const auto photo = photos::PhotoJob::Of(job);
  if (!photo) return std::nullopt;
  auto result = photos::CurrentResult(*context.folder, *photo);
  // A watched photo without a face that was not copied has none.
  if (!result || photos::AddressOf(*result).empty()) return std::nullopt;
  result->report.clear();  // It may be long, and there may be many.
  ZipEntry entry;
  entry.name = ArchiveName(ResultName(job.name, photos::AddressOf(*result)));
  // It may lie where other people write: it is looked for when its turn comes.
  entry.open = [places = context.places, result = *std::move(result)]() -> Descriptor {
    const auto placed = places->PlaceResult(result);
    if (!placed) return {};
    auto open = photos::OpenPlaced(*placed);
    return open ? *std::move(open) : Descriptor();
  };
  return entry;
}

// The results there are, newest first.
Result<std::vector<ZipEntry>> EntriesOf(const ApiContext& context, jobs::JobFilter filter) {
  filter.states = {jobs::JobState::kDone};
  filter.before = 0;
  filter.limit = 500;
  std::vector<ZipEntry> entries;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const auto page, context.store->List(filter));
    if (page.empty()) return entries;
    filter.before = page.back().id;
    for (const auto& job : page) {
      if (auto entry = EntryOf(context, job)) entries.push_back(*std::move(entry));
    }
  }
}

Result<http::Response> ZipOf(const ApiContext& context, std::vector<ZipEntry> entries,
                             const std::string& name) {
  if (entries.empty()) {
    return Error(ErrorCode::kConflict, fmt::format("\"{}\" has no results yet", name));
  }
  std::ranges::reverse(entries);  // Oldest first.
  http::Response response;
  response.Set("Content-Type", "application/zip");
  response.Set("Cache-Control", "no-store");
  response.Set("Content-Disposition", http::Attachment(name + ".zip"));
  response.body = std::make_unique<ZipStream>(
      std::move(entries),
      [worker = context.archives](std::function<void()> task) { worker->Post(std::move(task)); });
  return response;
}

}  // namespace

Result<http::Response> ZipOfJobs(const ApiContext& context, jobs::JobFilter filter,
                                 const std::string& name) {
  GPEN_ASSIGN_OR_RETURN(auto entries, EntriesOf(context, std::move(filter)));
  return ZipOf(context, std::move(entries), name);
}

Result<http::Response> ZipOfJobs(const ApiContext& context, std::optional<jobs::PersonId> scope,
                                 const std::vector<jobs::JobId>& ids, const std::string& name) {
  std::vector<ZipEntry> entries;
  for (const auto id : ids) {
    GPEN_ASSIGN_OR_RETURN(const auto job, FindJob(context, scope, id));
    if (job.state != jobs::JobState::kDone) continue;
    if (auto entry = EntryOf(context, job)) entries.push_back(*std::move(entry));
  }
  return ZipOf(context, std::move(entries), name);
}

void AnswerWithZip(const ApiContext& context, const http::Request& request,
                   const http::Responder& responder, std::function<Result<http::Response>()> make) {
  context.archives->Add(request.remote_address, responder, std::move(make));
}

}  // namespace gpen::api
