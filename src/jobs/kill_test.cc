// Workers are killed without warning, 50 times, at known stages of a job and at random moments:
// each job still ends exactly once, with a whole result.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/folder_testing.h"
#include "jobs/sqlite_job_store.h"
#include "jobs/worker_identity.h"
#include "jobs/worker_pool.h"

namespace gpen::jobs {
namespace {

namespace fs = std::filesystem;

constexpr int kJobs = 60;
constexpr int kKills = 50;

// The results are files named by the job's key, as the service does it.
class ResultFolder : public JobFiles {
 public:
  explicit ResultFolder(fs::path folder) : folder_(std::move(folder)) {}
  fs::path PathOf(const std::string& key) const { return folder_ / key; }
  FileState FindResult(const Job& job) override {
    return fs::exists(folder_ / job.result) ? FileState::kPresent : FileState::kMissing;
  }
  Result<void> DeleteResult(const Job&) override { return {}; }
  Result<void> DeleteOwn(const Job&) override { return {}; }
  Result<void> DeleteInput(const Job&) override { return {}; }

 private:
  fs::path folder_;
};

std::string ContentOf(const std::string& key) {
  std::string content;
  while (content.size() < 20'000) content += key + ".";
  return content;
}

// Where a child kills itself; kNowhere: its parent does, at a random moment.
enum Stage { kClaimed, kHalfWritten, kWritten, kVisible, kCompleted, kNowhere };

// The life of one child: opens, reconciles, works until nothing is left.
[[noreturn]] void WorkUntilDone(const fs::path& database, const fs::path& results, Stage die_at) {
  const SystemClock clock;
  ResultFolder files(results);
  auto opened = OpenSqliteJobStore({.file = database}, {}, clock, files);
  if (!opened || !opened->store->Reconcile(IsWorkerAlive)) ::_exit(2);
  JobStore& store = *opened->store;
  const auto die_if = [&](Stage stage) {
    if (stage == die_at) ::raise(SIGKILL);
  };
  const auto completed = store.Subscribe([&](const JobEvent& event) {
    if (event.kind == JobEventKind::kFinished) die_if(kCompleted);
  });
  WorkerPoolOptions options;
  options.concurrency = 2;
  options.pause_between = Milliseconds(0);
  options.background = false;
  WorkerPool pool(
      store, clock, options, [&](const Job& job, JobContext& context) -> Result<JobResult> {
        die_if(kClaimed);
        context.Progress("writing", 0.5);
        const std::string content = ContentOf(job.key);
        const auto half = content.size() / 2;
        GPEN_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(files.PathOf(job.key)));
        GPEN_TRY(file.Write(AsBytes(content.substr(0, half))));
        die_if(kHalfWritten);
        GPEN_TRY(file.Write(AsBytes(content.substr(half))));
        die_if(kWritten);
        GPEN_TRY(file.Commit());
        die_if(kVisible);
        return JobResult{job.key, static_cast<std::int64_t>(content.size())};
      });
  pool.Start();
  while (true) {
    const auto status = store.Status();
    if (status && status->counts.unfinished() == 0) {
      pool.Stop();
      ::_exit(0);
    }
    std::this_thread::sleep_for(Milliseconds(2));
  }
}

std::string IntegrityOf(const fs::path& file) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::string answer = "not opened";
  if (sqlite3_open(file.c_str(), &database) == SQLITE_OK &&
      sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nullptr) ==
          SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return answer;
}

TEST(KillTest, EachJobEndsExactlyOnceThroughFiftyKills) {
  const TestFolder folder;
  const fs::path database = folder.path() / "queue.db";
  const fs::path results = folder.path() / "results";
  fs::create_directory(results);
  const SystemClock clock;
  ResultFolder files(results);
  int twins = 0;
  {
    // Closed before the first fork: a child must not inherit the connection.
    auto store = std::move(OpenSqliteJobStore({.file = database}, {}, clock, files)->store);
    for (int i = 0; i < kJobs; ++i) {
      NewJob job;
      job.key = "photo" + std::to_string(i % 50);  // Some are handed in twice.
      job.max_attempts = 1000;
      const auto submitted = store->Submit(job);
      ASSERT_TRUE(submitted);
      twins += submitted->outcome == SubmitOutcome::kJoined ? 1 : 0;
    }
  }
  ASSERT_EQ(twins, kJobs - 50);

  std::mt19937 random(20'261'124);  // The moments still differ: the machine decides them.
  int killed = 0;
  for (int i = 0; i < kKills; ++i) {
    const auto stage = static_cast<Stage>(i % (kNowhere + 1));
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) WorkUntilDone(database, results, stage);
    if (stage == kNowhere) {
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      ASSERT_EQ(WTERMSIG(status), SIGKILL);
      ++killed;
    } else {
      ASSERT_EQ(WEXITSTATUS(status), 0) << "the child could not open or mend the queue";
      auto store = std::move(OpenSqliteJobStore({.file = database}, {}, clock, files)->store);
      // Done early on a fast machine: more work, so that every kill meets some.
      NewJob job;
      job.key = "more" + std::to_string(i);
      job.max_attempts = 1000;
      ASSERT_TRUE(store->Submit(job));
    }
    for (const auto& entry : fs::directory_iterator(results)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(".")) continue;  // A temporary file is not visible as a result.
      ASSERT_EQ(fs::file_size(entry.path()), ContentOf(name).size()) << name;
    }
  }
  EXPECT_GT(killed, kKills / 2);

  const pid_t last = ::fork();
  ASSERT_GE(last, 0);
  if (last == 0) WorkUntilDone(database, results, kNowhere);
  int status = 0;
  ASSERT_EQ(::waitpid(last, &status, 0), last);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);

  EXPECT_EQ(IntegrityOf(database), "ok");
  auto store = std::move(OpenSqliteJobStore({.file = database}, {}, clock, files)->store);
  std::map<JobId, int> ends;
  std::int64_t after = 0;
  std::int64_t previous = 0;
  while (true) {
    const EventPage page = *store->EventsAfter(after, 500, {});
    ASSERT_FALSE(page.gap);
    for (const JobEvent& event : page.events) {
      EXPECT_EQ(event.sequence, ++previous);
      if (event.kind == JobEventKind::kFinished) ++ends[event.job];
    }
    after = page.last;
    if (page.events.empty()) break;
  }
  const auto jobs =
      *store->List({.states = {}, .batch = {}, .priority = {}, .text = {}, .limit = 500});
  EXPECT_GE(jobs.size(), static_cast<std::size_t>(kJobs));
  std::set<std::string> keys;
  for (const Job& job : jobs) {
    keys.insert(job.key);
    EXPECT_EQ(job.state, JobState::kDone) << job.error_message;
    EXPECT_EQ(ends[job.id], 1) << "job " << job.id;
    const auto content = ReadFile(results / job.result, 1 << 20);
    ASSERT_TRUE(content);
    EXPECT_EQ(AsText(*content), ContentOf(job.key));
  }
  std::size_t visible = 0;
  for (const auto& entry : fs::directory_iterator(results)) {
    visible += entry.path().filename().string().starts_with(".") ? 0U : 1U;
  }
  EXPECT_EQ(visible, keys.size()) << "one result for each key";
}

}  // namespace
}  // namespace gpen::jobs
