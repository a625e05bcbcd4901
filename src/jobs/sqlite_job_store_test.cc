#include "jobs/sqlite_job_store.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "base/clock_testing.h"
#include "base/durable_database.h"
#include "base/file_system.h"
#include "base/folder_testing.h"
#include "jobs/job_bin_contract_testing.h"
#include "jobs/job_person_contract_testing.h"
#include "jobs/job_store_contract_testing.h"
#include "jobs/sqlite_schema.h"

namespace gpen::jobs {
namespace {

namespace fs = std::filesystem;

struct SqliteMaker {
  std::unique_ptr<JobStore> Make(const JobStoreOptions& options, const Clock& clock,
                                 JobFiles& files) {
    auto opened = OpenSqliteJobStore({.file = folder.path() / "queue.db"}, options, clock, files);
    if (!opened) throw std::runtime_error(opened.error().message());
    return std::move(opened->store);
  }
  TestFolder folder;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, JobStoreContract, SqliteMaker);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, JobBinContract, SqliteMaker);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, JobPersonContract, SqliteMaker);

std::int64_t FuseMagic(const fs::path&) { return 0x65735546; }

struct SqliteOnFuseMaker {
  std::unique_ptr<JobStore> Make(const JobStoreOptions& options, const Clock& clock,
                                 JobFiles& files) {
    auto opened =
        OpenSqliteJobStore({.file = folder.path() / "queue.db", .magic_for_testing = FuseMagic},
                           options, clock, files);
    if (!opened) throw std::runtime_error(opened.error().message());
    return std::move(opened->store);
  }
  TestFolder folder;
};

INSTANTIATE_TYPED_TEST_SUITE_P(SqliteOnFuse, JobStoreContract, SqliteOnFuseMaker);

class SqliteJobStoreTest : public ::testing::Test {
 protected:
  Result<OpenedJobStore> Open() { return OpenSqliteJobStore({.file = file_}, {}, clock_, files_); }
  void Execute(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  static NewJob New(const std::string& key) {
    NewJob job;
    job.key = key;
    return job;
  }

  FakeClock clock_;
  FakeJobFiles files_;
  TestFolder folder_;
  const fs::path file_ = folder_.path() / "queue.db";
};

TEST_F(SqliteJobStoreTest, ARestartKeepsEverything) {
  {
    auto store = std::move(Open()->store);
    ASSERT_TRUE(store->Submit(New("a")));
    ASSERT_TRUE(store->CreateBatch("holiday"));
    ASSERT_TRUE(store->SetPaused(true));
  }
  auto store = std::move(Open()->store);
  EXPECT_TRUE(*store->IsPaused());
  EXPECT_EQ(store->Find(1)->key, "a");
  EXPECT_EQ(store->FindBatch(1)->name, "holiday");
  EXPECT_EQ(store->EventsAfter(0, 10, {})->events.size(), 2U);
  EXPECT_EQ(store->Submit(New("b"))->job.id, 2);
  EXPECT_EQ(store->Status()->last_sequence, 3);
}

TEST_F(SqliteJobStoreTest, IdsAndSequencesAreNeverUsedTwice) {
  {
    auto store = std::move(Open()->store);
    const auto submitted = *store->Submit(New("a"));
    ASSERT_TRUE(store->Delete(submitted.job.id));
  }
  Execute("DELETE FROM events");
  auto store = std::move(Open()->store);
  EXPECT_EQ(store->Submit(New("a"))->job.id, 2);
  EXPECT_EQ(store->EventsAfter(0, 10, {})->events.front().sequence, 4);
}

TEST_F(SqliteJobStoreTest, ItsFilesAreForItsUserOnly) {
  std::ofstream(file_).close();
  ASSERT_EQ(::chmod(file_.c_str(), 0666), 0);
  auto store = std::move(Open()->store);
  ASSERT_TRUE(store->Submit(New("a")));
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write)
        << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 3) << "database, log and shared memory";
}

TEST_F(SqliteJobStoreTest, RefusesANetworkFileSystem) {
  for (const std::int64_t magic : {0x6969L, 0x517BL, 0xFF534D42L, 0xFE534D42L}) {
    const auto store = OpenSqliteJobStore(
        {.file = file_, .magic_for_testing = [&](const fs::path&) { return magic; }}, {}, clock_,
        files_);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(store.error().message().find("local disk"), std::string::npos);
    EXPECT_FALSE(fs::exists(file_));
  }
  EXPECT_EQ(NetworkFileSystemName(0xEF53), "") << "ext4";
}

TEST_F(SqliteJobStoreTest, OnFuseItNeedsNoSharedMemoryAndIsAlone) {
  const SqliteOptions on_fuse = {
      .file = file_, .busy_timeout = Milliseconds(1), .magic_for_testing = FuseMagic};
  {
    auto opened = *OpenSqliteJobStore(on_fuse, {}, clock_, files_);
    EXPECT_NE(opened.notice.find("FUSE"), std::string::npos);
    ASSERT_TRUE(opened.store->Submit(New("a")));
    EXPECT_FALSE(fs::exists(file_.string() + "-shm"));
    const auto second = OpenSqliteJobStore(on_fuse, {}, clock_, files_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kUnavailable);
  }
  // The same file on a local disk again.
  auto opened = *Open();
  EXPECT_EQ(opened.notice, "");
  EXPECT_EQ(opened.store->Find(1)->key, "a");
}

TEST_F(SqliteJobStoreTest, NamesWhatIsWrongWithTheFile) {
  const auto no_folder =
      OpenSqliteJobStore({.file = folder_.path() / "no" / "q.db"}, {}, clock_, files_);
  ASSERT_FALSE(no_folder);
  EXPECT_EQ(no_folder.error().code(), ErrorCode::kNotFound);

  std::ofstream(file_) << std::string(4096, 'x');
  const auto no_database = Open();
  ASSERT_FALSE(no_database);
  EXPECT_EQ(no_database.error().code(), ErrorCode::kConflict);
  EXPECT_NE(no_database.error().message().find("move the file"), std::string::npos);
}

TEST_F(SqliteJobStoreTest, RefusesADamagedDatabase) {
  {
    auto store = std::move(Open()->store);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(store->Submit(New("key " + std::to_string(i))));
  }
  const auto size = fs::file_size(file_);
  ASSERT_GT(size, 16384U);
  {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192);
    file << std::string(size - 8192, '\x5A');
  }
  const auto damaged = Open();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code(), ErrorCode::kConflict);
}

TEST_F(SqliteJobStoreTest, RefusesANewerSchema) {
  ASSERT_TRUE(Open());
  Execute("INSERT INTO schema_version VALUES (1000, 0)");
  const auto newer = Open();
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code(), ErrorCode::kConflict);
  EXPECT_NE(newer.error().message().find("schema 1000"), std::string::npos);
}

TEST_F(SqliteJobStoreTest, AQueueOfEveryEarlierSchemaIsOpened) {
  const auto steps = SchemaSteps();
  for (std::size_t version = 1; version < steps.size(); ++version) {
    fs::remove(file_);
    {
      auto database = OpenDurableDatabase(file_, 1000, false).value();
      ASSERT_TRUE(MigrateSchema(*database, steps.first(version), 0));
      ASSERT_TRUE(database->Execute(
          "INSERT INTO jobs (priority, key, name, payload, input_bytes, input_deleted, state,"
          " attempts, max_attempts, not_before, cancel_requested, owner, fence, lease_expires,"
          " heartbeat, step, fraction, result, result_bytes, cached, twin, error_code,"
          " error_message, created, started, finished, removing) VALUES (0, 'k', 'old.jpg', 'p', 5,"
          " 0, 2, 1, 3, 0, 0, '', 1, 0, 0, '', 1, 'r', 7, 0, 0, '', '', 1, 1, 1, 0)"));
    }
    auto store = std::move(Open()->store);
    const auto job = store->Find(1);
    ASSERT_TRUE(job) << "of schema " << version;
    EXPECT_EQ(job->name, "old.jpg");
    EXPECT_FALSE(job->is_binned());
    EXPECT_FALSE(job->pinned);
    EXPECT_EQ(job->added_by, 0);
    EXPECT_TRUE(store->Bin(1));
    EXPECT_EQ(store->Status()->binned, 1);
  }
}

TEST_F(SqliteJobStoreTest, TwoConnectionsShareTheQueue) {
  auto first = std::move(Open()->store);
  auto second = std::move(Open()->store);
  ASSERT_TRUE(first->Submit(New("a")));
  ClaimRequest request;
  request.owner = "w";
  const auto claimed = second->ClaimNext(request);
  ASSERT_TRUE(claimed && claimed->job);
  EXPECT_FALSE(first->ClaimNext(request)->job);
  ASSERT_TRUE(first->Cancel(claimed->job->id));
  EXPECT_TRUE(second->Renew(claimed->job->lease(), seconds(60))->cancel_requested);
}

TEST_F(SqliteJobStoreTest, AFullDiskIsAnErrorAndThenOver) {
  auto store = std::move(Open()->store);
  ASSERT_TRUE(store->Submit(New("before")));
  // A file-size limit stands for the full disk: both fail in write().
  rlimit old = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 4096, .rlim_max = old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  NewJob large = New("during");
  large.payload = std::string(1 << 16, 'x');
  const auto refused = store->Submit(large);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message().find("disk"), std::string::npos);
  ASSERT_TRUE(store->Submit(New("after")));
  EXPECT_EQ(store->Status()->counts.total(), 2);
  store.reset();
  EXPECT_TRUE(Open()) << "the database is sound";
}

TEST_F(SqliteJobStoreTest, ReconcileEndsADeletionThatACrashInterrupted) {
  {
    auto store = std::move(Open()->store);
    ASSERT_TRUE(store->Submit(New("a")));
    ClaimRequest request;
    request.owner = "w";
    ASSERT_TRUE(store->Complete(store->ClaimNext(request)->job->lease(), {"r", 1}));
  }
  Execute("UPDATE jobs SET removing = 1");
  auto store = std::move(Open()->store);
  EXPECT_EQ(store->Submit(New("a"))->outcome, SubmitOutcome::kQueued);
  ASSERT_TRUE(store->Reconcile([](const std::string&) { return true; }));
  EXPECT_FALSE(store->Find(1));
  EXPECT_EQ(files_.deleted_results, std::vector<std::string>{"r"});
}

}  // namespace
}  // namespace gpen::jobs
