// AnswerWorker: one thread for answers that take a moment to make, such as a photo blended anew,
// one turned into a kind that browsers show, or a list of thousands of results, so that the
// server's own threads stay free.
//
// One at a time: each may need the memory of a whole photo. Of the places in the line no client
// gets all, and an answer whose client has left is not made. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "http/fair_shares.h"
#include "http/responder.h"

namespace gpen::api {

class AnswerWorker {
 public:
  using Work = std::function<Result<http::Response>()>;

  AnswerWorker();
  /// Ends after the work at hand; who still waits is answered by the server's stop.
  ~AnswerWorker();
  AnswerWorker(const AnswerWorker&) = delete;
  AnswerWorker& operator=(const AnswerWorker&) = delete;

  /// Answers with what `work` makes, in the order added; with 429 at once where too many wait.
  /// `client`: its address.
  void Add(const std::string& client, const http::Responder& responder, Work work);

  /// Runs `task`, part of an answer that is being sent already; there is at most one for each.
  void Post(std::function<void()> task);

 private:
  struct Waiting {
    std::optional<http::FairShares::Place> place;  ///< None: posted.
    std::optional<http::Responder> responder;
    std::function<void()> run;
  };

  void Run(const std::stop_token& stop);
  void DropAbandoned();

  http::FairShares places_;
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::deque<Waiting> waiting_;
  std::jthread thread_;  // Last: it uses the rest.
};

}  // namespace gpen::api
