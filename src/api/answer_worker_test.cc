#include "api/answer_worker.h"

#include <latch>

#include "api/api_testing.h"

namespace gpen::api {
namespace {

http::Response Small() { return http::TextResponse(200, "small"); }

TEST(AnswerWorker, MakesNoAnswerForAClientThatHasLeft) {
  AnswerWorker worker;
  std::latch begun(1);
  std::latch go_on(1);
  AnswerCatcher first;
  worker.Add("a", first.responder(), [&]() -> Result<http::Response> {
    begun.count_down();
    go_on.wait();
    return Small();
  });
  begun.wait();
  std::atomic<bool> is_there = true;
  std::atomic<int> made = 0;
  const http::Responder leaving([](const http::Response&) {}, [&] { return is_there.load(); });
  worker.Add("b", leaving, [&]() -> Result<http::Response> {
    ++made;
    return Small();
  });
  is_there = false;
  AnswerCatcher last;
  worker.Add("c", last.responder(), []() -> Result<http::Response> { return Small(); });
  go_on.count_down();
  EXPECT_EQ(last.Take().status, 200);
  EXPECT_EQ(made, 0);
}

TEST(AnswerWorker, OneClientLeavesPlacesForTheOthers) {
  AnswerWorker worker;
  std::latch begun(1);
  std::latch go_on(1);
  AnswerCatcher first;
  worker.Add("greedy", first.responder(), [&]() -> Result<http::Response> {
    begun.count_down();
    go_on.wait();
    return Small();
  });
  begun.wait();
  std::vector<AnswerCatcher> greedy(60);
  for (auto& answer : greedy) {
    worker.Add("greedy", answer.responder(), []() -> Result<http::Response> { return Small(); });
  }
  AnswerCatcher other;
  worker.Add("other", other.responder(), []() -> Result<http::Response> { return Small(); });
  EXPECT_FALSE(other.has_come()) << "it waits for its turn";
  go_on.count_down();
  EXPECT_EQ(other.Take().status, 200);
  int refused = 0;
  for (auto& answer : greedy) {
    if (answer.Take().status == 429) ++refused;
  }
  EXPECT_GE(refused, 32);
  EXPECT_LT(refused, 40);
}

}  // namespace
}  // namespace gpen::api
