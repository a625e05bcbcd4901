#include "celery/roster.h"

#include <gtest/gtest.h>

#include "base/clock_testing.h"
#include "celery/producer.h"
#include "celery/task_id.h"
#include "celery/worker.h"
#include "redis/redis_server_testing.h"

namespace gpen::celery {
namespace {

class IdleRunner : public TaskRunner {
 public:
  std::vector<std::string> Names() const override { return {"test.do"}; }
  std::optional<int> LowestPriority() override { return 8; }
  Result<std::string> Run(const Task& task, TaskContext&) override { return task.args; }
};

class RosterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    GPEN_NEEDS_REDIS();
    server_.emplace();
  }
  WorkerOptions Options(const std::string& queue) const {
    WorkerOptions options;
    options.broker = options.backend = server_->address();
    options.name = queue + "@host";
    options.incarnation = options.name + "/1";
    options.queue = queue;
    options.concurrency = 2;
    options.heartbeat = Milliseconds(100);
    options.about = "about it";
    return options;
  }
  template <typename Condition>
  bool Eventually(Roster& roster, const Condition& condition) {
    for (int i = 0; i < 100 && !condition(); ++i) {
      [[maybe_unused]] const auto heard = roster.Listen(Milliseconds(100));
    }
    return condition();
  }

  const Keys keys_;
  std::optional<redis::RedisServer> server_;
  FakeClock clock_;
  SystemClock system_;
  IdleRunner runner_;
};

TEST_F(RosterTest, KnowsWhoServesTheQueueUntilItIsSilentOrSaysGoodbye) {
  Roster roster(server_->address(), keys_, "gpen", &clock_, Milliseconds(1'000));
  const auto size = [&] { return roster.Living().size(); };
  ASSERT_FALSE(*roster.Listen(Milliseconds(10)));  // Listens from here on.
  Worker ours(Options("gpen"), &runner_, &system_);
  Worker other(Options("other"), &runner_, &system_);
  ASSERT_TRUE(ours.Start());
  ASSERT_TRUE(other.Start());
  ASSERT_TRUE(Eventually(roster, [&] { return size() == 1; }));
  const auto seen = roster.Living().front();
  EXPECT_EQ(seen.name, "gpen@host");
  EXPECT_EQ(seen.about, "about it");
  EXPECT_EQ(seen.slots, 2);
  EXPECT_EQ(seen.running, 0);
  EXPECT_EQ(seen.lowest, 8);
  clock_.Advance(Milliseconds(1'001));
  EXPECT_EQ(size(), 0);
  ASSERT_TRUE(Eventually(roster, [&] { return size() == 1; }));
  ours.Stop();
  EXPECT_TRUE(Eventually(roster, [&] { return size() == 0; }));
}

TEST_F(RosterTest, PassesOverWhatMakesNoSense) {
  Roster roster(server_->address(), keys_, "gpen", &clock_);
  for (const char* message :
       {"", "[]", "{}", R"({"body": {"type": "worker-heartbeat", "queue": "gpen"}})",
        R"({"body": {"type": "task-sent", "queue": "gpen", "hostname": "a"}})",
        R"({"body": {"type": "worker-heartbeat", "queue": 1, "hostname": "a"}})"}) {
    EXPECT_FALSE(roster.Hear(message)) << message;
  }
  EXPECT_TRUE(roster.Living().empty());
  EXPECT_TRUE(roster.Hear(
      R"({"body": {"type": "worker-heartbeat", "queue": "gpen", "hostname": "a", "slots": -5,
          "active": "x", "lowest": [], "about": {}}})"));
  ASSERT_EQ(roster.Living().size(), 1);
  EXPECT_EQ(roster.Living().front().slots, 0);
  EXPECT_FALSE(roster.Living().front().lowest);
}

TEST_F(RosterTest, AProducerFollowsItsTaskToTheEnd) {
  ProducerOptions options;
  options.broker = options.backend = server_->address();
  Producer producer(options, &system_);
  Task task;
  task.id = NewTaskId();
  task.name = "test.do";
  task.priority = 5;
  const auto posted = producer.Send(task);
  ASSERT_TRUE(posted) << posted.error().message();
  EXPECT_EQ(producer.Lengths()->waiting, 1);
  const auto found = [&] { return producer.Find(task.id).value_or(KnownState{}); };
  EXPECT_EQ(found().state, "PENDING");
  EXPECT_EQ(producer.Locate(*posted)->place, Whereabouts::Place::kWaiting);
  Worker worker(Options("gpen"), &runner_, &system_);
  ASSERT_TRUE(worker.Start());
  for (int i = 0; i < 200 && found().state != "SUCCESS"; ++i) {
    std::this_thread::sleep_for(Milliseconds(20));
  }
  EXPECT_EQ(found().state, "SUCCESS");
  EXPECT_EQ(found().result, task.args);
}

TEST_F(RosterTest, WhatAProducerTakesBackNobodyDoes) {
  ProducerOptions options;
  options.broker = options.backend = server_->address();
  Producer producer(options, &system_);
  Task task;
  task.id = NewTaskId();
  task.name = "test.do";
  const auto posted = producer.Send(task);
  ASSERT_TRUE(posted);
  producer.Withdraw(*posted);
  EXPECT_EQ(producer.Lengths()->waiting, 0);
  EXPECT_EQ(producer.Locate(*posted)->place, Whereabouts::Place::kNowhere);
  server_->Stop();
  EXPECT_FALSE(producer.Send(task));
  producer.Withdraw(*posted);  // Does no harm without a server.
}

}  // namespace
}  // namespace gpen::celery
