#include <gtest/gtest.h>

#include "service/configuration.h"

namespace gpen::service {
namespace {

Result<std::vector<watching::WatchSettings>> Parse(const std::string& toml) {
  Configuration configuration;
  configuration.data_folder = "/var/lib/gpen";
  GPEN_TRY(ApplyToml(toml, "gpen.toml", &configuration));
  return configuration.watch;
}

TEST(WatchSettings, EachTableIsAFolderWithItsOwnOptions) {
  const auto parsed = Parse(
      "[server]\nport = 1234\n[[watch]]\npath = \"/srv/photos/\"\nstrength = 50\n"
      "[[watch]]\nname = \"kids\"\npath = \"/srv/photos/kids\"\noutput = \"/srv/out\"\n"
      "without_faces = \"skip\"\nformat = \"jpeg\"\nalways_poll = true\nsettle_seconds = 0.5\n"
      "poll_seconds = 60\nskip = [\"*_raw.*\", \"private\"]\nrecursive = false\n");
  ASSERT_TRUE(parsed) << parsed.error().message();
  ASSERT_EQ(parsed->size(), 2U);
  const auto& first = parsed->at(0);
  EXPECT_EQ(first.folder.name, "photos");
  EXPECT_EQ(first.folder.path, "/srv/photos");
  EXPECT_EQ(first.folder.output, "enhanced");
  EXPECT_TRUE(first.folder.output_is_sibling());
  EXPECT_TRUE(first.copies_without_faces);
  EXPECT_EQ(first.options.restore.strength, 50);
  // What the other folder watches, all outputs and our own data are not entered.
  EXPECT_EQ(first.folder.excluded,
            (std::vector<std::filesystem::path>{"/var/lib/gpen", "/srv/photos/kids", "/srv/out"}));
  const auto& second = parsed->at(1);
  EXPECT_EQ(second.folder.name, "kids");
  EXPECT_FALSE(second.copies_without_faces);
  EXPECT_EQ(second.options.format, codec::Format::kJpeg);
  EXPECT_EQ(second.folder.after_closing, Milliseconds(500));
  EXPECT_EQ(second.folder.poll, Milliseconds(60'000));
  EXPECT_EQ(second.folder.skipped, (std::vector<std::string>{"*_raw.*", "private"}));
  EXPECT_FALSE(second.folder.recursive);
  EXPECT_TRUE(second.folder.always_poll);
}

TEST(WatchSettings, MistakesNameTheLineAndWhatIsExpected) {
  struct Mistake {
    std::string lines;
    std::string message;
  };
  const std::string path = "path = \"/srv/photos\"\n";
  for (const auto& [lines, message] : std::vector<Mistake>{
           {"name = \"x\"\n", "path is missing"},
           {"path = \"photos\"\n", "gpen.toml:2: watch: path: expected an absolute path"},
           {path + "output = \"../x\"\n", "gpen.toml:3: watch: output: expected"},
           {path + "output = \"a/b\"\n", "output: expected"},
           {path + "output = \".hidden\"\n", "output: expected"},
           {path + "output = \"/srv\"\n", "contains the watched folder"},
           {path + "output = \"/srv/photos\"\n", "contains the watched folder"},
           {path + "without_faces = \"blur\"\n", "expected copy or skip"},
           {path + "poll_seconds = 0\n", "expected seconds from 0.5"},
           {path + "recursive = 1\n", "expected true or false"},
           {path + "strength = 101\n", "option strength"},
           {path + "pth = 1\n", "unknown setting \"pth\""},
           {path + "name = \"\"\n", "1 to 100"},
           {path + "[watch.deep]\nx = 1\n", "gpen.toml:"},
           {path + "[[watch]]\npath = \"/srv/photos\"\nname = \"b\"\n", "listed twice"},
           {path + "[[watch]]\npath = \"/mnt/photos\"\n", "called \"photos\""}}) {
    const auto parsed = Parse("[[watch]]\n" + lines);
    ASSERT_FALSE(parsed) << lines;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(parsed.error().message().find(message), std::string::npos)
        << lines << parsed.error().message();
  }
  EXPECT_FALSE(Parse("watch = 1\n"));
  EXPECT_FALSE(Parse("[watch]\npath = \"/srv\"\n"));
}

}  // namespace
}  // namespace gpen::service
