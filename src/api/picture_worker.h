// PictureWorker: one thread for answers that take a moment to make, such as a photo blended anew or
// turned into a kind that browsers show, so that the server's own threads stay free.
//
// One at a time: each needs the memory of a whole photo. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/result.h"
#include "http/responder.h"

namespace gpen::api {

class PictureWorker {
 public:
  using Work = std::function<Result<http::Response>()>;

  PictureWorker();
  /// Ends after the work at hand; who still waits is answered by the server's stop.
  ~PictureWorker();
  PictureWorker(const PictureWorker&) = delete;
  PictureWorker& operator=(const PictureWorker&) = delete;

  /// Answers with what `work` makes, in the order added; with 429 at once where too many wait.
  void Add(const http::Responder& responder, Work work);

 private:
  void Run(std::stop_token stop);

  std::mutex mutex_;
  std::condition_variable_any added_;
  std::deque<std::pair<http::Responder, Work>> waiting_;
  std::jthread thread_;  // Last: it uses the rest.
};

}  // namespace gpen::api
