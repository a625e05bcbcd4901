// PhotoFixture: a data folder on a real disk and a queue in memory, for the tests of this module.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "base/clock_testing.h"
#include "base/folder_testing.h"
#include "jobs/memory_job_store_testing.h"
#include "photos/data_folder.h"
#include "photos/photo_files.h"
#include "photos/photo_job.h"
#include "photos/photo_texts.h"

namespace gpen::photos {

class PhotoFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = DataFolder::Open(temporary_.path() / "data", 0);
    ASSERT_TRUE(opened) << opened.error().message();
    folder_.emplace(*std::move(opened));
    files_.emplace(&*folder_);
    store_ = jobs::MakeMemoryJobStore({}, clock_, *files_);
  }

  static void Write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  static bool IsThere(const std::filesystem::path& path) { return std::filesystem::exists(path); }

  /// A job in the queue's memory, as it was handed in.
  jobs::Job Submit(const PhotoTask& task, const std::string& key = std::string(64, 'a')) {
    jobs::NewJob job;
    job.key = key;
    job.name = "photo.jpg";
    job.payload = FormatTask(task);
    job.input_bytes = std::holds_alternative<UploadedPhoto>(task.source) ? 1 : 0;
    auto submitted = store_->Submit(job);
    EXPECT_TRUE(submitted) << submitted.error().message();
    return submitted->job;
  }
  /// Runs the next job of the queue to this end.
  jobs::Job Complete(const PhotoResult& result) {
    const auto claim = store_->ClaimNext({.owner = "test"});
    EXPECT_TRUE(claim && claim->job);
    auto done = store_->Complete(claim->job->lease(), {FormatResult(result), 1});
    EXPECT_TRUE(done) << done.error().message();
    return *done;
  }
  static PhotoJob Of(const jobs::Job& job) {
    auto photo = PhotoJob::Of(job);
    EXPECT_TRUE(photo) << photo.error().message();
    return *photo;
  }
  /// As the runs name their files.
  static PhotoResult Stored(const std::string& base) {
    return {StoredResult{base + ".png"}, base + ".before.jpg", base + ".after.jpg", 1, "{}"};
  }
  /// Writes all files that `result` names, but for one outside the data folder.
  void WriteFiles(const PhotoResult& result) const {
    if (const auto* stored = std::get_if<StoredResult>(&result.place)) {
      Write(folder_->Output(stored->file), "result");
    }
    Write(folder_->Thumbnail(result.before), "before");
    Write(folder_->Thumbnail(result.after), "after");
  }

  FakeClock clock_;
  TestFolder temporary_;
  std::optional<DataFolder> folder_;
  std::optional<PhotoFiles> files_;
  std::unique_ptr<jobs::JobStore> store_;
};

}  // namespace gpen::photos
