#include "base/folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/folder_testing.h"

namespace gpen {
namespace {

TEST(EntriesOf, AreThoseOfTheFolderAlone) {
  const TestFolder folder;
  std::filesystem::create_directories(folder.path() / "inner" / "deep");
  std::ofstream(folder.path() / "a.txt") << "a";
  std::set<std::string> names;
  for (const auto& entry : EntriesOf(folder.path())) names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"a.txt", "inner"}));
}

TEST(EntriesOf, AreNoneWhereThereIsNoFolder) {
  const TestFolder folder;
  std::error_code error;
  EXPECT_TRUE(EntriesOf(folder.path() / "nothing", error).empty());
  EXPECT_EQ(error, std::errc::no_such_file_or_directory);
  std::ofstream(folder.path() / "file") << "a";
  EXPECT_TRUE(EntriesOf(folder.path() / "file").empty());
}

}  // namespace
}  // namespace gpen
