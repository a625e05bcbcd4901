// WatchFixture: a watched folder on a real disk, with a ledger, for the tests of this module.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/file.h"
#include "base/folder_testing.h"
#include "base/sha256.h"
#include "watch/beneath.h"
#include "watch/folder_watcher.h"
#include "watch/output_tree.h"

namespace gpen::watch {

class WatchFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(root_);
    auto opened = Ledger::Open(temporary_.path() / "watch.db", clock_);
    ASSERT_TRUE(opened) << opened.error().message();
    ledger_ = *std::move(opened);
    folder_.name = "f";
    folder_.path = root_;
    folder_.after_closing = Milliseconds(0);
    folder_.stable = Milliseconds(0);
    folder_.cut_short = Milliseconds(0);  // Most tests write words, not photos.
  }

  void Write(const std::string& path, const std::string& text) const {
    const auto whole = root_ / path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole, std::ios::binary) << text;
  }
  static std::string Read(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  std::optional<WatchedFile> Row(const std::string& path) { return *ledger_->FindPath("f", path); }
  FileState StateOf(const std::string& path) {
    const auto row = Row(path);
    return row ? row->state : FileState::kMissing;
  }
  /// As on a disk of this machine, whatever temporary folders lie on.
  const WatchedRoot& OpenedRoot() {
    if (!opened_.is_open()) opened_ = WatchedRoot(*OpenRoot(root_), /*is_network=*/false);
    return opened_;
  }

  SystemClock clock_;
  TestFolder temporary_;
  const std::filesystem::path root_ = temporary_.path() / "photos";
  WatchFolder folder_;
  std::unique_ptr<Ledger> ledger_;
  WatchedRoot opened_;
};

}  // namespace gpen::watch
