#include "sandbox/photo_child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/child_process.h"
#include "base/guarded.h"
#include "restore/local_photo_work.h"
#include "sandbox/channel.h"
#include "sandbox/confinement.h"
#include "sandbox/photo_messages.h"

namespace gpen::sandbox {
namespace {

constexpr Milliseconds kForEver{-1};

// A terminal and a service manager ask all processes to end; this one ends with its service, which
// may want to give the photo back first.
void IgnoreRequestsToEnd() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_IGN);
}

// Where memory is short, the system ends this process and not the service.
void OfferForMemory() {
  if (std::FILE* file = std::fopen("/proc/self/oom_score_adj", "we"); file != nullptr) {
    std::fputs("800", file);
    std::fclose(file);
  }
}

// What the service has open is none of this process's business.
void CloseAllBut(int last) {
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, last + 1, ~0U, 0) == 0) return;
#endif
  const long most = ::sysconf(_SC_OPEN_MAX);
  for (int descriptor = last + 1; descriptor < most; ++descriptor) ::close(descriptor);
}

// The requests, read by a thread of its own, so that a stop is heard during the work. Where the
// service is gone nobody wants the work: the process ends at once. Lives as long as the process.
class Inbox {
 public:
  explicit Inbox(Channel* channel) : channel_(channel) {
    std::thread([this] { Read(); }).detach();
  }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// The next request, and what asks to stop it.
  std::pair<Message, std::stop_token> Next() {
    std::unique_lock lock(mutex_);
    come_.wait(lock, [this] { return request_.has_value(); });
    stop_ = std::stop_source();
    std::pair next(*std::exchange(request_, std::nullopt), stop_.get_token());
    return next;
  }

 private:
  void Read() {
    for (;;) {
      auto received = channel_->Receive(kForEver);
      if (!received) ::_exit(0);
      if (!*received) continue;
      const auto request = ReadRequest(**received);
      const std::scoped_lock lock(mutex_);
      if (request && *request == Request::kStop) {
        stop_.request_stop();
      } else {
        request_ = std::move(*received);
        come_.notify_one();
      }
    }
  }

  Channel* channel_;
  std::mutex mutex_;
  std::condition_variable come_;
  std::optional<Message> request_;  ///< The service sends the next when it has the answer.
  std::stop_source stop_;
};

Result<void> Answer(Channel* channel, const Outgoing& answer) {
  return channel->Send(answer.text, answer.parts);
}

template <typename T, typename Write>
Result<void> AnswerWith(Channel* channel, const Result<T>& result, const Write& write) {
  if (!result) return Answer(channel, WriteError(result.error()));
  return Answer(channel, write(*result));
}

Result<void> Restore(const Message& message, std::stop_token stop, restore::PhotoWork* work,
                     Channel* channel) {
  const auto request = ReadRestore(message);
  if (!request) return Answer(channel, WriteError(request.error()));
  std::mutex mutex;  // Steps may be told by helper threads.
  const auto report = [&](restore::Step step, int part, int parts) {
    const std::scoped_lock lock(mutex);
    // Where nobody listens any more, the inbox ends this process.
    [[maybe_unused]] const auto sent = Answer(channel, WriteProgress({step, part, parts}));
  };
  const auto restored =
      Guarded("this photo", [&] { return work->Restore(*request, stop, report); });
  return AnswerWith(channel, restored, WriteRestored);
}

Result<void> Do(const Message& message, std::stop_token stop, restore::PhotoWork* work,
                Channel* channel) {
  const auto request = ReadRequest(message);
  if (!request) return Answer(channel, WriteError(request.error()));
  if (*request == Request::kRestore) return Restore(message, std::move(stop), work, channel);
  if (*request == Request::kBlend) {
    const auto blend = ReadBlend(message);
    if (!blend) return Answer(channel, WriteError(blend.error()));
    return AnswerWith(channel, work->Blend(*blend), WriteBlended);
  }
  if (message.parts.size() != 1) {
    return Answer(channel, WriteError({ErrorCode::kInternal, "expected one file"}));
  }
  const auto& file = message.parts.front();
  return AnswerWith(channel,
                    *request == Request::kPreview ? work->Preview(file) : work->ForBrowsers(file),
                    WriteFile);
}

Result<std::unique_ptr<restore::LocalPhotoWork>> SetUp(const Setup& setup) {
  return Guarded("the networks", [&] {
    return setup.loads_networks ? restore::LocalPhotoWork::Create(setup.restorer)
                                : restore::LocalPhotoWork::CreateWithoutNetworks(setup.restorer);
  });
}

Result<void> Live(Channel* channel) {
  GPEN_ASSIGN_OR_RETURN(const auto first, channel->Receive(kForEver));
  if (!first) return Error(ErrorCode::kInternal, "expected a set-up");
  GPEN_ASSIGN_OR_RETURN(const auto setup, ReadSetup(*first));
  const auto left_open = ShutIn({setup.restorer.models_folder, setup.restorer.precision_record});
  const auto work = SetUp(setup);
  if (!work) return Answer(channel, WriteError(work.error()));
  GPEN_TRY(Answer(channel, WriteReady({(*work)->networks(), left_open})));
  Inbox inbox(channel);
  for (;;) {
    const auto [request, stop] = inbox.Next();
    // Where nobody takes the answer, the service is gone or hangs.
    if (!Do(request, stop, work->get(), channel)) ::_exit(1);
  }
}

}  // namespace

int RunPhotoChild() {
  ::prctl(PR_SET_NAME, "gpen-photos");
  IgnoreRequestsToEnd();
  CloseAllBut(ChildProcess::kSocket);
  OfferForMemory();
  ::fcntl(ChildProcess::kSocket, F_SETFD, FD_CLOEXEC);
  Channel channel{Descriptor(ChildProcess::kSocket)};
  const auto lived = Live(&channel);
  // Nothing is left to be put away, and other threads still run.
  std::fflush(stderr);
  ::_exit(lived ? 0 : 1);
}

}  // namespace gpen::sandbox
