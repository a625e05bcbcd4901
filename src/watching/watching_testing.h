// WatchingFixture: one watched folder with a queue in memory, for the tests of this module.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock_testing.h"
#include "jobs/job_files_testing.h"
#include "jobs/memory_job_store_testing.h"
#include "photos/photo_job.h"
#include "photos/photo_texts.h"
#include "watch/watch_fixture_testing.h"
#include "watching/folder_feeder.h"
#include "watching/watched_folders.h"

namespace gpen::watching {

class WatchingFixture : public watch::WatchFixture {
 protected:
  void SetUp() override {
    watch::WatchFixture::SetUp();
    Reopen({});
  }
  /// A new start of the service, with these options of the queue.
  void Reopen(const jobs::JobStoreOptions& options) {
    store_ = jobs::MakeMemoryJobStore(options, clock_, files_);
    Watch();
  }
  /// A new start of the watching alone: the queue keeps what it has.
  void Watch() {
    WatchSettings settings;
    settings.folder = folder_;
    folders_.emplace(std::vector{settings}, ledger_.get(), clock_);
  }
  WatchedFolder& Folder() { return folders_->all().front(); }

  /// The row of a photo that is at work, with its job.
  watch::WatchedFile Queue(const std::string& path) {
    const auto identity = **watch::LookBeneath(OpenedRoot().folder(), path);
    EXPECT_TRUE(*ledger_->NoteSeen("f", path, identity, clock_.Now(), true));
    auto row = *Row(path);
    row.state = watch::FileState::kQueued;
    row.job = Submit({row.id, row.generation}).id;
    EXPECT_TRUE(*ledger_->Update(row));
    return row;
  }
  jobs::Job Submit(const photos::ExternalPhoto& photo) {
    jobs::NewJob job;
    job.priority = jobs::JobPriority::kWatch;
    job.key = std::to_string(photo.row) + "." + std::to_string(photo.generation);
    job.name = "f/" + job.key;
    job.payload = photos::FormatTask({photo, {}});
    auto submitted = store_->Submit(job);
    EXPECT_TRUE(submitted) << submitted.error().message();
    return submitted->job;
  }
  std::vector<jobs::Job> Jobs() { return *store_->List({}); }
  jobs::Job Claim() {
    const auto claim = store_->ClaimNext({.owner = "test"});
    EXPECT_TRUE(claim && claim->job);
    return *claim->job;
  }
  static photos::PhotoJob Of(const jobs::Job& job) {
    auto photo = photos::PhotoJob::Of(job);
    EXPECT_TRUE(photo) << photo.error().message();
    return *photo;
  }

  jobs::FakeJobFiles files_;
  std::unique_ptr<jobs::JobStore> store_;
  std::optional<WatchedFolders> folders_;
};

}  // namespace gpen::watching
