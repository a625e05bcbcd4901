#include "jobs/worker_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <new>
#include <stdexcept>

#include "base/clock_testing.h"
#include "jobs/job_files_testing.h"
#include "jobs/memory_job_store_testing.h"
#include "jobs/worker_identity.h"

namespace gpen::jobs {
namespace {

using std::chrono::seconds;

class WorkerPoolTest : public ::testing::Test {
 protected:
  Job Submit(const std::string& key, JobPriority priority = JobPriority::kBatch) {
    NewJob job;
    job.key = key;
    job.priority = priority;
    job.max_attempts = 2;
    return store_.Submit(job)->job;
  }
  // A variable of the test's own: its threads must end before what the runner and the gate read.
  [[nodiscard]] std::unique_ptr<WorkerPool> Start(WorkerPool::Runner runner,
                                                  WorkerPool::Gate gate = {}) {
    auto pool =
        std::make_unique<WorkerPool>(store_, clock_, options_, std::move(runner), std::move(gate));
    pool->Start();
    return pool;
  }
  // For what a thread will do soon. The limit only ends a test that has failed.
  template <typename Condition>
  [[nodiscard]] static bool Eventually(const Condition& condition) {
    for (int i = 0; i < 10'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(Milliseconds(1));
    }
    return false;
  }
  bool Reaches(JobId id, JobState state) {
    return Eventually([&] { return store_.Find(id)->state == state; });
  }
  static Result<JobResult> RunUntilStopped(const Job&, JobContext& context) {
    while (!context.ShouldStop()) std::this_thread::sleep_for(Milliseconds(1));
    return Error(ErrorCode::kCancelled, "stopped");
  }
  static Result<JobResult> Echo(const Job& job, JobContext&) { return JobResult{job.key, 0}; }

  FakeClock clock_;
  FakeJobFiles files_;
  const std::unique_ptr<JobStore> owned_store_ = MakeMemoryJobStore({}, clock_, files_);
  JobStore& store_ = *owned_store_;
  WorkerPoolOptions options_;
};

TEST_F(WorkerPoolTest, RunsWhatWasThereAndWhatComes) {
  const Job before = Submit("before", JobPriority::kInteractive);
  const auto pool = Start(Echo);
  EXPECT_TRUE(Reaches(before.id, JobState::kDone));
  const Job later = Submit("later", JobPriority::kInteractive);
  EXPECT_TRUE(Reaches(later.id, JobState::kDone));
  EXPECT_EQ(store_.Find(later.id)->result, "later");
}

TEST_F(WorkerPoolTest, RestsBetweenBatchJobsButNotForAPerson) {
  const Job first = Submit("first");
  const Job second = Submit("second");
  const auto pool = Start(Echo);
  ASSERT_TRUE(Reaches(first.id, JobState::kDone));
  ASSERT_TRUE(Eventually([&] { return pool->Status().pausing_between_jobs; }));
  const Job person = Submit("person", JobPriority::kInteractive);
  EXPECT_TRUE(Reaches(person.id, JobState::kDone));
  EXPECT_EQ(store_.Find(second.id)->state, JobState::kQueued);
  clock_.Advance(options_.pause_between);
  EXPECT_TRUE(Reaches(second.id, JobState::kDone));
}

TEST_F(WorkerPoolTest, CancelStopsTheRunningJob) {
  const Job job = Submit("k");
  const auto pool = Start(RunUntilStopped);
  ASSERT_TRUE(Reaches(job.id, JobState::kRunning));
  ASSERT_TRUE(store_.Cancel(job.id));
  EXPECT_TRUE(Reaches(job.id, JobState::kCancelled));
}

TEST_F(WorkerPoolTest, PauseGivesTheJobBackAndResumeTakesItAgain) {
  const Job job = Submit("k");
  const auto pool = Start(RunUntilStopped);
  ASSERT_TRUE(Reaches(job.id, JobState::kRunning));
  ASSERT_TRUE(store_.SetPaused(true));
  ASSERT_TRUE(Reaches(job.id, JobState::kQueued));
  EXPECT_EQ(store_.Find(job.id)->attempts, 0);
  // The pause between jobs begins when the pool is through with it, not when the store is.
  ASSERT_TRUE(Eventually([&] { return pool->Status().running == 0; }));
  ASSERT_TRUE(store_.SetPaused(false));
  clock_.Advance(options_.pause_between);
  EXPECT_TRUE(Reaches(job.id, JobState::kRunning));
}

TEST_F(WorkerPoolTest, StopGivesTheJobBack) {
  const Job job = Submit("k");
  const auto pool = Start(RunUntilStopped);
  ASSERT_TRUE(Reaches(job.id, JobState::kRunning));
  pool->Stop();
  EXPECT_EQ(store_.Find(job.id)->state, JobState::kQueued);
  EXPECT_EQ(store_.Find(job.id)->attempts, 0);
}

TEST_F(WorkerPoolTest, RetriesWhatMaySucceedAndFailsWhatCannot) {
  const Job disk = Submit("disk", JobPriority::kInteractive);
  const Job corrupt = Submit("corrupt", JobPriority::kInteractive);
  const auto pool = Start([](const Job& job, JobContext&) -> Result<JobResult> {
    if (job.key == "corrupt") return Error(ErrorCode::kCorruptImage, "cut short");
    if (job.attempts == 1) return Error(ErrorCode::kUnavailable, "disk full");
    return JobResult{"r", 0};
  });
  EXPECT_TRUE(Reaches(corrupt.id, JobState::kFailed));
  ASSERT_TRUE(Eventually([&] { return store_.Find(disk.id)->error_code == "unavailable"; }));
  clock_.Advance(seconds(10));
  EXPECT_TRUE(Reaches(disk.id, JobState::kDone));
}

TEST_F(WorkerPoolTest, WhatIsHeldBackWaitsWithItsReasonAndKeepsItsAttempts) {
  const Job held = Submit("held", JobPriority::kInteractive);
  const Job other = Submit("other", JobPriority::kInteractive);
  std::atomic<bool> is_mended = false;
  const auto pool = Start([&](const Job& job, JobContext& context) -> Result<JobResult> {
    if (job.key == "held" && !is_mended) {
      return context.HoldBack(Error(ErrorCode::kUnavailable, "the output folder is read-only"));
    }
    return Echo(job, context);
  });
  EXPECT_TRUE(Reaches(other.id, JobState::kDone));
  for (int i = 1; i <= 6; ++i) {
    ASSERT_TRUE(Eventually([&] { return store_.Find(held.id)->postponed == i; }));
    EXPECT_EQ(store_.Find(held.id)->attempts, 0);
    clock_.Advance(seconds(10) * (1 << (i - 1)));
  }
  ASSERT_TRUE(Eventually([&] { return store_.Find(held.id)->postponed == 7; }));
  EXPECT_EQ(HeldReason(pool->Status(), *store_.Status()),
            "1 of 1 wait: the output folder is read-only");
  is_mended = true;
  clock_.Advance(seconds(600));
  EXPECT_TRUE(Reaches(held.id, JobState::kDone));
  EXPECT_EQ(HeldReason(pool->Status(), *store_.Status()), "");
}

TEST_F(WorkerPoolTest, WhatLacksMemoryIsTriedForHalfAnHour) {
  const Job job = Submit("large", JobPriority::kInteractive);
  std::atomic<int> runs = 0;
  const auto pool = Start([&](const Job&, JobContext&) -> Result<JobResult> {
    ++runs;
    throw std::bad_alloc();
  });
  while (store_.Find(job.id)->state != JobState::kFailed) {
    const int before = runs;
    ASSERT_TRUE(Eventually([&] { return store_.Find(job.id)->state != JobState::kRunning; }));
    clock_.Advance(seconds(600));
    ASSERT_TRUE(Eventually(
        [&] { return runs > before || store_.Find(job.id)->state == JobState::kFailed; }));
  }
  EXPECT_EQ(runs, 9);
  EXPECT_EQ(store_.Find(job.id)->error_code, "out_of_memory");
}

TEST_F(WorkerPoolTest, AnExceptionFailsTheJobOnly) {
  const Job thrown = Submit("thrown", JobPriority::kInteractive);
  const Job next = Submit("next", JobPriority::kInteractive);
  const auto pool = Start([](const Job& job, JobContext& context) -> Result<JobResult> {
    if (job.key == "thrown") throw std::runtime_error("surprise");
    return Echo(job, context);
  });
  EXPECT_TRUE(Reaches(next.id, JobState::kDone));
  EXPECT_EQ(store_.Find(thrown.id)->state, JobState::kFailed);
  EXPECT_NE(store_.Find(thrown.id)->error_message.find("surprise"), std::string::npos);
}

TEST_F(WorkerPoolTest, NoMoreRunAtOnceThanTheGateHasRoomFor) {
  std::atomic<int> room{2};
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::atomic<bool> finish{false};
  options_.concurrency = 8;
  options_.pause_between = Milliseconds(0);
  std::vector<Job> jobs;
  for (int i = 0; i < 12; ++i) jobs.push_back(Submit(std::to_string(i)));
  const auto pool = Start(
      [&](const Job& job, JobContext& context) -> Result<JobResult> {
        most = std::max(most.load(), ++running);
        while (!finish) std::this_thread::sleep_for(Milliseconds(1));
        --running;
        return Echo(job, context);
      },
      [&] {
        Admission admission;
        admission.most_running = room;
        admission.except = {jobs.front().id};
        return admission;
      });
  ASSERT_TRUE(Eventually([&] { return running == 2; }));
  room = 3;
  pool->Wake();
  ASSERT_TRUE(Eventually([&] { return running == 3; }));
  finish = true;
  ASSERT_TRUE(Eventually([&] { return pool->Status().runs == 11; }));
  EXPECT_LE(most, 3);
  EXPECT_EQ(store_.Find(jobs.front().id)->state, JobState::kQueued);
}

TEST_F(WorkerPoolTest, TheGateHoldsClassesBackAndInterrupts) {
  std::mutex mutex;
  Admission admission;
  std::atomic<bool> finish{false};
  const auto pool = Start(
      [&](const Job& job, JobContext& context) -> Result<JobResult> {
        while (!context.ShouldStop() && !finish) std::this_thread::sleep_for(Milliseconds(1));
        if (context.ShouldStop()) return Error(ErrorCode::kCancelled, "stopped");
        return Echo(job, context);
      },
      [&] {
        const std::scoped_lock lock(mutex);
        return admission;
      });
  const auto set = [&](std::optional<JobPriority> lowest, bool interrupt) {
    {
      const std::scoped_lock lock(mutex);
      admission.lowest = lowest;
      admission.interrupt_running = interrupt;
      admission.reason = "quiet until 07:00";
    }
    pool->Wake();
  };
  const Job batch = Submit("batch");
  ASSERT_TRUE(Reaches(batch.id, JobState::kRunning));
  set(JobPriority::kInteractive, true);
  clock_.Advance(options_.gate_poll);
  ASSERT_TRUE(Reaches(batch.id, JobState::kQueued));
  EXPECT_TRUE(Eventually([&] { return pool->Status().held_reason == "quiet until 07:00"; }));
  finish = true;
  const Job person = Submit("person", JobPriority::kInteractive);
  EXPECT_TRUE(Reaches(person.id, JobState::kDone));
  EXPECT_EQ(store_.Find(batch.id)->state, JobState::kQueued);
  set(JobPriority::kWatch, false);
  clock_.Advance(options_.pause_between);
  EXPECT_TRUE(Reaches(batch.id, JobState::kDone));
  EXPECT_EQ(store_.Find(batch.id)->attempts, 1);
}

TEST_F(WorkerPoolTest, AnExtraPauseHoldsForAPersonToo) {
  const auto pool = Start(Echo, [] {
    Admission hot;
    hot.extra_pause = seconds(20);
    hot.reason = "hot";
    return hot;
  });
  const Job first = Submit("first", JobPriority::kInteractive);
  ASSERT_TRUE(Reaches(first.id, JobState::kDone));
  const Job second = Submit("second", JobPriority::kInteractive);
  ASSERT_TRUE(Eventually([&] { return pool->Status().pausing_between_jobs; }));
  EXPECT_EQ(store_.Find(second.id)->state, JobState::kQueued);
  clock_.Advance(seconds(20));
  EXPECT_TRUE(Reaches(second.id, JobState::kDone));
}

TEST_F(WorkerPoolTest, AWorkerSurvivesWhatIsThrownBetweenJobs) {
  std::atomic<bool> short_of_memory{true};
  const Job job = Submit("k", JobPriority::kInteractive);
  const auto pool = Start(Echo, [&]() -> Admission {
    if (short_of_memory) throw std::bad_alloc();
    return {};
  });
  EXPECT_TRUE(Eventually([&] { return !pool->Status().store_problem.empty(); }));
  EXPECT_NE(pool->Status().store_problem.find("not enough memory"), std::string::npos);
  short_of_memory = false;
  clock_.Advance(seconds(5));
  EXPECT_TRUE(Reaches(job.id, JobState::kDone));
}

TEST_F(WorkerPoolTest, ASubscriberThatThrowsHarmsNobody) {
  const auto thrower =
      store_.Subscribe([](const JobEvent&) { throw std::runtime_error("surprise"); });
  std::atomic<int> finished{0};
  const auto listener = store_.Subscribe([&](const JobEvent& event) {
    if (event.kind == JobEventKind::kFinished) ++finished;
  });
  const Job job = Submit("k", JobPriority::kInteractive);
  const auto pool = Start(Echo);
  EXPECT_TRUE(Reaches(job.id, JobState::kDone));
  EXPECT_TRUE(Eventually([&] { return finished == 1; }));
}

TEST_F(WorkerPoolTest, ALongJobKeepsItsLease) {
  std::atomic<bool> finish{false};
  std::atomic<int> runs{0};
  const Job job = Submit("k");
  const auto pool = Start([&](const Job& running, JobContext& context) -> Result<JobResult> {
    ++runs;
    while (!finish && !context.ShouldStop()) std::this_thread::sleep_for(Milliseconds(1));
    return Echo(running, context);
  });
  // The lease counts from where the pool begins the job, which is a little after the claim.
  ASSERT_TRUE(Eventually([&] { return runs == 1; }));
  for (int i = 0; i < 20; ++i) {
    clock_.Advance(options_.heartbeat);
    EXPECT_TRUE(Eventually([&] { return store_.Find(job.id)->heartbeat == clock_.Now(); }));
  }
  finish = true;
  EXPECT_TRUE(Reaches(job.id, JobState::kDone));
  EXPECT_EQ(runs, 1);
}

TEST_F(WorkerPoolTest, ProgressIsSeenAndThrottled) {
  const Job job = Submit("k", JobPriority::kInteractive);
  const auto pool = Start([](const Job& running, JobContext& context) -> Result<JobResult> {
    for (int i = 0; i < 100; ++i) context.Progress("face 1 of 2", i / 200.0);
    context.Progress("face 2 of 2", 0.5);
    return Echo(running, context);
  });
  ASSERT_TRUE(Reaches(job.id, JobState::kDone));
  std::string steps;
  const EventPage page = *store_.EventsAfter(0, 500, {.job = job.id});
  for (const JobEvent& event : page.events) {
    if (event.kind == JobEventKind::kProgress) steps += event.step + "; ";
  }
  EXPECT_EQ(steps, "face 1 of 2; face 2 of 2; ") << "the fake clock stands still";
}

TEST_F(WorkerPoolTest, WorkersGiveWayToOthers) {
  std::atomic<int> nice{-100};
  std::atomic<long> io_priority{-100};
  const Job job = Submit("k", JobPriority::kInteractive);
  const auto pool = Start([&](const Job& running, JobContext& context) -> Result<JobResult> {
    nice = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)));
    io_priority = ::syscall(SYS_ioprio_get, 1, 0);
    return Echo(running, context);
  });
  ASSERT_TRUE(Reaches(job.id, JobState::kDone));
  EXPECT_GE(nice, 10);
  EXPECT_EQ(io_priority >> 13, 3) << "the idle class";
  EXPECT_LT(::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid))), nice)
      << "only the worker threads";
}

TEST(WorkerIdentityTest, KnowsTheLivingFromTheDead) {
  const std::string mine = WorkerIdentity(3);
  EXPECT_TRUE(IsWorkerAlive(mine));
  const auto replace_part = [&](int index, const std::string& part) {
    std::string changed;
    std::size_t begin = 0;
    for (int i = 0; i < 5; ++i) {
      const auto end = mine.find('/', begin);
      changed += (i == 0 ? "" : "/") + (i == index ? part : mine.substr(begin, end - begin));
      begin = end + 1;
    }
    return changed;
  };
  EXPECT_EQ(replace_part(-1, ""), mine);
  EXPECT_FALSE(IsWorkerAlive(replace_part(0, "another-boot")));
  EXPECT_TRUE(IsWorkerAlive(replace_part(1, "pid:[1]"))) << "cannot be judged from here";
  EXPECT_FALSE(IsWorkerAlive(replace_part(2, "4194303"))) << "no such process";
  EXPECT_FALSE(IsWorkerAlive(replace_part(3, "12"))) << "the number was given to another process";
  EXPECT_TRUE(IsWorkerAlive("something else"));
}

}  // namespace
}  // namespace gpen::jobs
