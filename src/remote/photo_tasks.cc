#include "remote/photo_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "base/random_id.h"
#include "base/sha256.h"
#include "celery/base64.h"
#include "jobs/job_error.h"
#include "photos/new_photo_job.h"
#include "photos/photo_job.h"
#include "photos/placed_file.h"
#include "photos/stored_file.h"
#include "remote/photo_answer.h"
#include "remote/photo_parcel.h"
#include "remote/worker_about.h"
#include "watch/output_tree.h"
#include "watch/watch_folder.h"

namespace gpen::remote {
namespace {

namespace fs = std::filesystem;

constexpr int kLastInteractive = 2;
constexpr int kFirstWatch = 9;
constexpr int kLeastUrgent = 255;
constexpr Milliseconds kAskGate{1'000};
constexpr Milliseconds kStopWithin{30'000};
constexpr int kMostNames = 100;
constexpr std::int64_t kMostPreviewBytes = std::int64_t{16} << 20;

int LowestOf(const jobs::Admission& admission) {
  switch (*admission.lowest) {
    case jobs::JobPriority::kInteractive:
      return kLastInteractive;
    case jobs::JobPriority::kBatch:
      return kFirstWatch - 1;
    case jobs::JobPriority::kWatch:
      return kLeastUrgent;
  }
  return kLeastUrgent;
}

}  // namespace

jobs::JobPriority ClassOf(int priority) {
  if (priority <= kLastInteractive) return jobs::JobPriority::kInteractive;
  return priority < kFirstWatch ? jobs::JobPriority::kBatch : jobs::JobPriority::kWatch;
}

PhotoTasks::PhotoTasks(const PhotoTaskParts& parts)
    : parts_(parts), subscription_(parts.store->Subscribe([this](const jobs::JobEvent& event) {
        const std::scoped_lock lock(mutex_);
        if (const auto found = news_.find(event.job); found != news_.end()) {
          found->second = event;
          changed_.notify_all();
        }
      })) {}

std::optional<int> PhotoTasks::LowestPriority() {
  const auto admission = parts_.admit();
  return admission.lowest ? std::optional(LowestOf(admission)) : std::nullopt;
}

Result<std::string> PhotoTasks::Run(const celery::Task& task, celery::TaskContext& context) {
  GPEN_ASSIGN_OR_RETURN(const auto request, ReadPhotoRequest(task.args, task.kwargs));
  GPEN_ASSIGN_OR_RETURN(const auto models, parts_.models->For(request.options));
  if (request.parcel && request.parcel->models != FingerprintOf(models)) {
    return Error(ErrorCode::kConflict, "this worker has other models than the service that asks");
  }
  // Before anything is computed for it.
  if (const auto* web = request.output ? std::get_if<WebFile>(&*request.output) : nullptr) {
    GPEN_TRY(parts_.web->Check(web->url));
  }
  GPEN_ASSIGN_OR_RETURN(const auto submitted, Submit(task, request, models, context.stop_token()));
  GPEN_ASSIGN_OR_RETURN(const auto job, WaitFor(submitted, task.priority, context));
  if (job.state == jobs::JobState::kCancelled) {
    return Error(ErrorCode::kCancelled, "the photo was cancelled");
  }
  if (job.state == jobs::JobState::kFailed) return jobs::ErrorOf(job);
  return Deliver(task, request, job, context.stop_token());
}

Result<std::vector<std::byte>> PhotoTasks::ReadInput(const PhotoRequest& request,
                                                     const std::stop_token& stop) const {
  if (const auto* photo = std::get_if<InlinePhoto>(&request.input)) {
    const auto bytes = AsBytes(photo->bytes);
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  if (const auto* web = std::get_if<WebFile>(&request.input)) {
    return parts_.web->Get(web->url, parts_.limits.max_file_bytes, stop);
  }
  return parts_.roots->Read(std::get<RootedPath>(request.input), parts_.limits.max_file_bytes);
}

Result<jobs::Job> PhotoTasks::Submit(const celery::Task& task, const PhotoRequest& request,
                                     const photos::ModelChecksums& models,
                                     const std::stop_token& stop) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadInput(request, stop));
  const std::string sha256 = Sha256(bytes);
  if (!request.sha256.empty() && request.sha256 != sha256) {
    return Error(ErrorCode::kCorruptImage,
                 fmt::format("{}: expected the SHA-256 {}, found {}", request.name(),
                             request.sha256.substr(0, 64), sha256));
  }
  const auto size = static_cast<std::int64_t>(bytes.size());
  GPEN_TRY(parts_.folder->CheckSpace(size));
  const photos::StoredUpload upload{RandomId(), request.name(), sha256, size};
  GPEN_TRY(photos::WritePrivately(parts_.folder->Upload(upload.file), bytes));
  auto job = photos::NewPhotoJob(upload, request.options, models);
  job.priority = ClassOf(task.priority);
  job.max_attempts = 1;
  auto submitted = parts_.store->Submit(job);
  if (submitted) return std::move(submitted->job);
  [[maybe_unused]] const auto removed = photos::RemoveStored(parts_.folder->Upload(upload.file));
  return std::move(submitted).error();
}

// The job when it has ended. One that this machine may not do now is cancelled and given back.
Result<jobs::Job> PhotoTasks::WaitFor(const jobs::Job& job, int priority,
                                      celery::TaskContext& context) {
  const struct Waiting {
    Waiting(PhotoTasks* of, jobs::JobId job) : tasks(of), id(job) {
      const std::scoped_lock lock(tasks->mutex_);
      tasks->news_[id] = {};
    }
    ~Waiting() {
      const std::scoped_lock lock(tasks->mutex_);
      tasks->news_.erase(id);
    }
    PhotoTasks* tasks;
    jobs::JobId id;
  } waiting(this, job.id);
  std::optional<std::chrono::steady_clock::time_point> cancelled_at;
  while (true) {
    GPEN_ASSIGN_OR_RETURN(const auto now, parts_.store->Find(job.id));
    if (jobs::IsFinished(now.state)) return now;
    if (!now.step.empty()) context.Progress(now.step, now.fraction);
    if (now.state == jobs::JobState::kQueued) {
      const auto lowest = LowestPriority();
      if (!lowest || priority > *lowest) context.GiveBack();
    }
    if (!cancelled_at && (context.stop_token().stop_requested() || context.is_given_back())) {
      // It may have ended just now.
      [[maybe_unused]] const auto cancelled = parts_.store->Cancel(job.id);
      cancelled_at = std::chrono::steady_clock::now();
    }
    if (cancelled_at && std::chrono::steady_clock::now() - *cancelled_at > kStopWithin) {
      return Error(ErrorCode::kCancelled, "the photo does not stop: its end cannot be stored now");
    }
    std::unique_lock lock(mutex_);
    const auto seen = news_[job.id].sequence;
    const auto is_news = [&] { return news_[job.id].sequence != seen; };
    if (cancelled_at) {
      changed_.wait_for(lock, kAskGate, is_news);
    } else {
      changed_.wait_for(lock, context.stop_token(), kAskGate, is_news);
    }
  }
}

Result<std::string> PhotoTasks::PutIntoRoot(const celery::Task& task, const PhotoRequest& request,
                                            std::span<const std::byte> bytes,
                                            const std::string& extension) const {
  const auto* from = std::get_if<RootedPath>(&request.input);
  const ResultOwner owner{task.id, task.redelivered || task.retries > 0};
  if (request.output) {
    const auto& to = std::get<RootedPath>(*request.output);
    GPEN_TRY(parts_.roots->Write(to, bytes, owner, from));
    return FormatRootedPath(to);
  }
  // Beside the photo, as with watched folders.
  const fs::path folder = from->relative.parent_path() / watch::WatchFolder().output;
  const std::string name = from->relative.filename().native();
  const auto own = from->relative.extension().native();
  const bool fits = codec::FormatFromName(own) == codec::FormatFromName(extension);
  const std::string other = fits ? std::string() : extension;
  for (int attempt = 0; attempt < kMostNames; ++attempt) {
    const RootedPath to{from->root, folder / watch::ResultNameFor(name, other, attempt)};
    auto written = parts_.roots->Write(to, bytes, owner, from);
    if (written) return FormatRootedPath(to);
    if (written.error().code() != ErrorCode::kConflict) return std::move(written).error();
  }
  return Error(ErrorCode::kConflict,
               fmt::format("{} results of {} are there already", kMostNames, request.name()));
}

Result<std::vector<std::byte>> PhotoTasks::Pack(const photos::PhotoJob& photo,
                                                const photos::PhotoResult& result,
                                                std::vector<std::byte> file) const {
  const auto& folder = *parts_.folder;
  restore::RestoredFiles files;
  files.file = std::move(file);
  const fs::path stored = std::get<photos::StoredResult>(result.place).file;
  files.format = codec::FormatFromName(stored.extension().native()).value_or(codec::Format::kJpeg);
  files.report = result.report;
  files.machine = parts_.worker;
  GPEN_ASSIGN_OR_RETURN(files.before_preview,
                        ReadFile(folder.Thumbnail(result.before), kMostPreviewBytes));
  GPEN_ASSIGN_OR_RETURN(files.after_preview,
                        ReadFile(folder.Thumbnail(result.after), kMostPreviewBytes));
  if (!result.mask.empty()) {
    GPEN_ASSIGN_OR_RETURN(files.mask_preview,
                          ReadFile(folder.Thumbnail(result.mask), kMostPreviewBytes));
  }
  auto faces = ReadFile(folder.Faces(photos::FacesName(photo.job)), photos::kMostFacesBytes);
  if (faces) {
    files.faces = *std::move(faces);
  } else if (faces.error().code() != ErrorCode::kNotFound) {
    return std::move(faces).error();
  }
  return FormatParcel(files);
}

Result<std::string> PhotoTasks::Deliver(const celery::Task& task, const PhotoRequest& request,
                                        const jobs::Job& job, const std::stop_token& stop) const {
  GPEN_ASSIGN_OR_RETURN(const auto photo, photos::PhotoJob::Of(job));
  GPEN_ASSIGN_OR_RETURN(const auto result, photo.FirstResult());
  GPEN_ASSIGN_OR_RETURN(const auto placed, parts_.places->PlaceResult(result));
  GPEN_ASSIGN_OR_RETURN(auto bytes, photos::ReadPlaced(placed, 16 * parts_.limits.max_file_bytes));
  if (request.parcel) {
    GPEN_ASSIGN_OR_RETURN(bytes, Pack(photo, result, std::move(bytes)));
  }
  Answer answer{.cached = job.cached, .worker = parts_.worker};
  const bool is_inside = !std::holds_alternative<RootedPath>(request.input) && !request.output;
  if (const auto* web = request.output ? std::get_if<WebFile>(&*request.output) : nullptr) {
    GPEN_TRY(parts_.web->Put(web->url, bytes, stop));
    answer.output = fetch::ShownAddress(web->url);
  } else if (!is_inside) {
    GPEN_ASSIGN_OR_RETURN(answer.output,
                          PutIntoRoot(task, request, bytes, placed.path.extension().string()));
  } else if (bytes.size() <= kMostInlineBytes) {
    answer.photo = "data:application/octet-stream;base64," + celery::EncodeBase64(AsText(bytes));
  } else {
    return Error(
        ErrorCode::kImageTooLarge,
        fmt::format("the result has {} bytes, more than fit into a message: name an output "
                    "root:path or https://...",
                    bytes.size()));
  }
  return FormatAnswer(answer, result);
}

}  // namespace gpen::remote
