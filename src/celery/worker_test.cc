#include "celery/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "celery/backend.h"
#include "celery/broker.h"
#include "celery/message.h"
#include "redis/redis_server_testing.h"

namespace gpen::celery {
namespace {

using Json = nlohmann::ordered_json;

// Does what a test says, and counts.
class FakeRunner : public TaskRunner {
 public:
  std::vector<std::string> Names() const override { return {"test.do"}; }
  std::optional<int> LowestPriority() override {
    const std::scoped_lock lock(mutex);
    return lowest;
  }
  Result<std::string> Run(const Task& task, TaskContext& context) override {
    std::function<Result<std::string>(const Task&, TaskContext&)> what;
    {
      const std::scoped_lock lock(mutex);
      ++runs;
      what = work;
    }
    return what(task, context);
  }
  void Set(std::function<Result<std::string>(const Task&, TaskContext&)> what) {
    const std::scoped_lock lock(mutex);
    work = std::move(what);
  }
  int Runs() {
    const std::scoped_lock lock(mutex);
    return runs;
  }

  std::mutex mutex;
  std::optional<int> lowest = 255;
  int runs = 0;
  std::function<Result<std::string>(const Task&, TaskContext&)> work =
      [](const Task&, TaskContext& context) -> Result<std::string> {
    context.Progress("half", 0.5);
    return std::string(R"({"done":true})");
  };
};

Result<std::string> WaitForStop(const Task&, TaskContext& context) {
  for (int i = 0; i < 1000 && !context.stop_token().stop_requested(); ++i) {
    std::this_thread::sleep_for(Milliseconds(10));
  }
  return Error(ErrorCode::kCancelled, "stopped");
}

class WorkerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    GPEN_NEEDS_REDIS();
    server_.emplace();
    client_.emplace(server_->address(), redis::ClientOptions{});
    broker_.emplace(&*client_, keys_, "gpen", "test/1");
    backend_.emplace(&*client_, &clock_, keys_, Milliseconds(60'000));
  }
  WorkerOptions Options(const std::string& name = "a") const {
    WorkerOptions options;
    options.broker = options.backend = server_->address();
    options.name = name + "@host";
    options.incarnation = name + "/1";
    options.poll = Milliseconds(10);
    options.first_retry = Milliseconds(50);
    options.renew = Milliseconds(100);
    options.lifetime = Milliseconds(1'000);
    options.heartbeat = Milliseconds(100);
    return options;
  }
  std::unique_ptr<Worker> Start(const WorkerOptions& options) {
    auto worker = std::make_unique<Worker>(options, &runner_, &clock_);
    const auto started = worker->Start();
    EXPECT_TRUE(started) << started.error().message();
    return worker;
  }
  void Send(Task task) {
    task.name = task.name.empty() ? "test.do" : task.name;
    auto message = MessageFor(task, "test");
    message.routing_key = "gpen";
    ASSERT_TRUE(broker_->Publish("", "gpen", "", WriteMessage(message), 0));
  }
  std::string StateOf(const std::string& id) { return backend_->Find(id)->state; }
  bool Await(const std::function<bool()>& condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(Milliseconds(10));
    return condition();
  }
  bool AwaitState(const std::string& id, const std::string& state) {
    const bool came = Await([&] { return StateOf(id) == state; });
    EXPECT_TRUE(came) << id << " is " << StateOf(id) << ": " << backend_->Find(id)->result;
    return came;
  }
  bool NothingIsLeft() {
    return Await([&] {
      return client_
                 ->Run({"EXISTS", "unacked", "unacked_index", "gpen", keys_.claims(),
                        keys_.attempts()})
                 ->integer == 0;
    });
  }

  const Keys keys_;
  SystemClock clock_;
  FakeRunner runner_;
  std::optional<redis::RedisServer> server_;
  std::optional<redis::Client> client_;
  std::optional<Broker> broker_;
  std::optional<Backend> backend_;
};

TEST_F(WorkerTest, DoesATaskAndWhatFollows) {
  Task task{.id = "1"};
  task.callbacks = R"([{"task": "test.do", "options": {"task_id": "callback"}}])";
  task.chain = R"([{"task": "test.do", "args": [7], "options": {"task_id": "last"}},
                   {"task": "test.do", "options": {"task_id": "next"}, "immutable": true}])";
  const auto worker = Start(Options());
  Send(task);
  for (const char* id : {"1", "callback", "next", "last"}) AwaitState(id, "SUCCESS");
  EXPECT_EQ(backend_->Find("1")->result, R"({"done":true})");
  EXPECT_TRUE(NothingIsLeft());
  EXPECT_EQ(worker->Counts().succeeded, 4);
}

TEST_F(WorkerTest, TriesAgainWhatPasses) {
  runner_.Set([this](const Task& task, TaskContext&) -> Result<std::string> {
    if (task.retries < 2) return Error(ErrorCode::kUnavailable, "the disk is full");
    return std::string("1");
  });
  const auto worker = Start(Options());
  Send({.id = "1"});
  AwaitState("1", "SUCCESS");
  EXPECT_EQ(runner_.Runs(), 3);
  runner_.Set([](const Task&, TaskContext&) -> Result<std::string> {
    return Error(ErrorCode::kUnavailable, "the disk is full");
  });
  Send({.id = "2"});
  AwaitState("2", "FAILURE");
  EXPECT_EQ(Json::parse(backend_->Find("2")->result)["exc_message"][1], "unavailable");
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(WorkerTest, GivesBackWhenItStopsOrMayNot) {
  runner_.Set(WaitForStop);
  auto worker = Start(Options());
  Send({.id = "1"});
  AwaitState("1", "STARTED");
  worker->Stop();
  EXPECT_EQ(*broker_->Length(), 1);
  EXPECT_EQ(client_->Run({"EXISTS", "unacked", keys_.attempts()})->integer, 0);
  {
    // Quiet hours: nothing is claimed.
    const std::scoped_lock lock(runner_.mutex);
    runner_.lowest.reset();
  }
  worker = Start(Options("b"));
  std::this_thread::sleep_for(Milliseconds(200));
  EXPECT_EQ(*broker_->Length(), 1);
}

TEST_F(WorkerTest, TakesOverFromWorkersThatAreGoneAndEndsWhatKillsThem) {
  Send({.id = "1"});
  for (int i = 0; i < 3; ++i) {
    const auto incarnation = "gone/" + std::to_string(i);
    Broker gone(&*client_, keys_, "gpen", incarnation);
    ASSERT_TRUE(gone.Claim(255)->delivery);
    ASSERT_TRUE(gone.SayGone(incarnation));
    if (i < 2) {
      ASSERT_EQ(*gone.RestoreOfTheGone(), 1);
    }
  }
  Send({.id = "2"});
  const auto worker = Start(Options());
  AwaitState("2", "SUCCESS");
  AwaitState("1", "FAILURE");
  EXPECT_EQ(Json::parse(backend_->Find("1")->result)["exc_type"], "WorkerLostError");
  EXPECT_EQ(runner_.Runs(), 1);
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(WorkerTest, DoesWhatItHadClaimedWithoutBeingTold) {
  const auto options = Options();
  const auto worker = Start(options);
  std::atomic<bool> may_end = false;
  runner_.Set([&](const Task& task, TaskContext& context) -> Result<std::string> {
    while (task.id == "running" && !may_end && !context.stop_token().stop_requested()) {
      std::this_thread::sleep_for(Milliseconds(10));
    }
    return std::string("{}");
  });
  Send({.id = "running"});
  ASSERT_TRUE(AwaitState("running", "STARTED"));
  Send({.id = "lost"});
  Broker same(&*client_, keys_, "gpen", options.incarnation);
  ASSERT_TRUE(same.Claim(255)->delivery);
  EXPECT_TRUE(Await([&] { return *broker_->Length() == 1; })) << "it is given back";
  EXPECT_EQ(StateOf("running"), "STARTED") << "what it works on is not";
  may_end = true;
  EXPECT_TRUE(AwaitState("running", "SUCCESS"));
  EXPECT_TRUE(AwaitState("lost", "SUCCESS"));
  EXPECT_TRUE(NothingIsLeft());
}

TEST_F(WorkerTest, KeepsToTime) {
  runner_.Set(WaitForStop);
  const auto worker = Start(Options());
  Task slow{.id = "slow"};
  slow.hard_limit = 0.1;
  Send(slow);
  AwaitState("slow", "FAILURE");
  EXPECT_EQ(Json::parse(backend_->Find("slow")->result)["exc_type"], "TimeLimitExceeded");
  Task late{.id = "late"};
  late.expires = clock_.Now() - Milliseconds(1);
  Send(late);
  AwaitState("late", "REVOKED");
  runner_.Set([](const Task&, TaskContext&) -> Result<std::string> { return std::string("1"); });
  Task waits{.id = "waits"};
  const auto due = clock_.Now() + Milliseconds(400);
  waits.eta = due;
  Send(waits);
  AwaitState("waits", "SUCCESS");
  EXPECT_GE(clock_.Now(), due);
}

TEST_F(WorkerTest, DropsWhatIsDoneAlready) {
  ASSERT_TRUE(backend_->Store({.id = "1"}, {.state = "SUCCESS", .result = "1"}));
  Send({.id = "1"});
  Send({.id = "2", .name = "test.unknown"});
  const auto worker = Start(Options());
  AwaitState("2", "FAILURE");
  EXPECT_EQ(Json::parse(backend_->Find("2")->result)["exc_type"], "NotRegistered");
  EXPECT_TRUE(NothingIsLeft());
  EXPECT_EQ(runner_.Runs(), 0);
}

TEST_F(WorkerTest, SeveralShareTheWork) {
  const auto a = Start(Options("a"));
  const auto b = Start(Options("b"));
  for (int i = 0; i < 40; ++i) Send({.id = std::to_string(i)});
  for (int i = 0; i < 40; ++i) AwaitState(std::to_string(i), "SUCCESS");
  EXPECT_EQ(runner_.Runs(), 40);
  EXPECT_TRUE(NothingIsLeft());
}

}  // namespace
}  // namespace gpen::celery
