#include "sandbox/child_photo_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <utility>

#include "codec/decode.h"

namespace gpen::sandbox {
namespace {

constexpr int kTries = 2;
constexpr Milliseconds kLookForIdleEvery{5'000};

std::int64_t Mega(std::int64_t bytes) { return (bytes + (1 << 20) - 1) >> 20; }

// One for which there is no memory now is not begun.
Result<void> CheckMemory(const codec::PhotoInfo& photo, const Allowance& allowance) {
  if (allowance.memory_bytes == 0 || photo.decode_memory_bytes <= allowance.memory_bytes) return {};
  return Error(ErrorCode::kOutOfMemory,
               fmt::format("this photo needs about {} MB of memory, and {} MB are free now: give "
                           "the service more, or make the photo smaller",
                           Mega(photo.decode_memory_bytes), Mega(allowance.memory_bytes)));
}

// What a person is told about a photo that ended every process that opened it.
Error Deadly(const ProcessEnd& end) {
  if (end.signal == SIGKILL) {
    return {ErrorCode::kImageTooLarge,
            "the system ended the process that worked on this photo, twice, most likely because "
            "memory ran out: give the service more memory, or make the photo smaller"};
  }
  return {ErrorCode::kCorruptImage,
          fmt::format("this photo ended the process that worked on it, twice ({}): the file is "
                      "damaged, or made to do harm",
                      end.signal != 0 ? fmt::format("signal {}", end.signal)
                                      : fmt::format("exit code {}", end.exit_code))};
}

}  // namespace

Result<std::unique_ptr<ChildPhotoWork>> ChildPhotoWork::Start(const ChildOptions& options) {
  std::unique_ptr<ChildPhotoWork> work(new ChildPhotoWork(options));
  GPEN_ASSIGN_OR_RETURN(auto first, work->Take(true));
  work->ready_ = first.ready();
  work->GiveBack(std::move(first));
  work->cleaner_ = std::jthread([raw = work.get()](std::stop_token stop) { raw->EndIdle(stop); });
  return work;
}

ChildPhotoWork::~ChildPhotoWork() { cleaner_ = {}; }

// One that waits, or a new one.
Result<PhotoProcess> ChildPhotoWork::Take(bool with_networks) {
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(idle_, [](const Idle& idle) { return !idle.process.IsAlive(); });
    const auto found = std::ranges::find_if(
        idle_, [&](const Idle& idle) { return idle.process.has_networks() == with_networks; });
    if (found != idle_.end()) {
      PhotoProcess process = std::move(found->process);
      idle_.erase(found);
      return process;
    }
  }
  return PhotoProcess::Start(options_.command, {options_.restorer, with_networks});
}

void ChildPhotoWork::GiveBack(PhotoProcess process) {
  if (process.HasGrown()) return;  // A new one is smaller.
  const std::scoped_lock lock(mutex_);
  idle_.push_back({std::move(process), std::chrono::steady_clock::now()});
}

void ChildPhotoWork::EndIdle(std::stop_token stop) {
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    stopped.wait_for(lock, stop, std::min(kLookForIdleEvery, options_.keep_idle),
                     [] { return false; });
    const auto long_ago = std::chrono::steady_clock::now() - options_.keep_idle;
    std::erase_if(idle_, [&](const Idle& idle) { return idle.since < long_ago; });
  }
}

std::vector<pid_t> ChildPhotoWork::idle_processes() const {
  const std::scoped_lock lock(mutex_);
  std::vector<pid_t> pids;
  pids.reserve(idle_.size());
  for (const auto& idle : idle_) pids.push_back(idle.process.pid());
  return pids;
}

Result<Message> ChildPhotoWork::Ask(const Outgoing& request, std::span<const std::byte> photo,
                                    bool with_networks, const std::stop_token& stop,
                                    const restore::Progress& progress) {
  GPEN_ASSIGN_OR_RETURN(const auto info, codec::Probe(photo, options_.restorer.limits));
  // What it will be enlarged to is checked where it is; four times is the most.
  const auto pixels = std::int64_t{info.width} * info.height;
  for (int tried = 1;; ++tried) {
    const Allowance allowance = AllowanceFor(pixels, 4);
    GPEN_TRY(CheckMemory(info, allowance));
    GPEN_ASSIGN_OR_RETURN(auto process, Take(with_networks));
    auto answer = process.Ask(request, allowance, stop, progress);
    if (answer) {
      GiveBack(std::move(process));
      return answer;
    }
    // It is killed at the end of its scope where it still runs.
    if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped on request");
    if (!process.end()) return answer;
    fmt::print(stderr, "the process for photos died (signal {}, exit code {})\n",
               process.end()->signal, process.end()->exit_code);
    if (tried == kTries) return Deadly(*process.end());
  }
}

Result<restore::RestoredFiles> ChildPhotoWork::Restore(const restore::RestoreWork& work,
                                                       std::stop_token stop,
                                                       const restore::Progress& progress) {
  GPEN_ASSIGN_OR_RETURN(auto answer, Ask(WriteRestore(work), work.file, true, stop, progress));
  return ReadRestored(std::move(answer));
}

Result<restore::BlendedPhoto> ChildPhotoWork::Blend(const restore::BlendWork& work) {
  GPEN_ASSIGN_OR_RETURN(auto answer, Ask(WriteBlend(work), work.original, false, {}, {}));
  return ReadBlended(std::move(answer));
}

Result<std::vector<std::byte>> ChildPhotoWork::Preview(std::span<const std::byte> file) {
  GPEN_ASSIGN_OR_RETURN(auto answer,
                        Ask(WritePicture(Request::kPreview, file), file, false, {}, {}));
  return ReadFilePart(std::move(answer));
}

Result<std::vector<std::byte>> ChildPhotoWork::ForBrowsers(std::span<const std::byte> file) {
  GPEN_ASSIGN_OR_RETURN(auto answer,
                        Ask(WritePicture(Request::kForBrowsers, file), file, false, {}, {}));
  return ReadFilePart(std::move(answer));
}

}  // namespace gpen::sandbox
