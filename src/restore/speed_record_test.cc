#include "restore/speed_record.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/folder_testing.h"

namespace gpen::restore {
namespace {

// A photo of 2 megapixels with one face, made `enlarged` times as large.
RunFigures FiguresOfRun(int enlarged, double photo_ms) {
  PhotoReport report;
  report.width = 2000;
  report.height = 1000;
  report.enlarged = enlarged;
  report.faces.resize(1);
  report.times.decode_ms = 150;
  report.times.detect_ms = 50;
  report.times.network_ms = 30;
  report.times.photo_ms = photo_ms;
  report.times.encode_ms = 100.0 * enlarged * enlarged;
  return FiguresOf(report);
}

PhotoOptions Enlarging(Enlargement enlarge) {
  PhotoOptions options;
  options.restore.enlarge = enlarge;
  return options;
}

TEST(SpeedRecord, KnowsNothingBeforeItHasSeenIt) {
  const TestFolder folder;
  SpeedRecord record(folder.path() / "speeds.json");
  EXPECT_FALSE(record.SecondsFor(1e6, {}));
  record.Learn(FiguresOfRun(1, 0));
  EXPECT_TRUE(record.SecondsFor(1e6, {}));
  EXPECT_FALSE(record.SecondsFor(1e6, Enlarging(Enlargement::k2)));
}

TEST(SpeedRecord, CountsEachStepByItsWork) {
  const TestFolder folder;
  SpeedRecord record(folder.path() / "speeds.json");
  record.Learn(FiguresOfRun(1, 0));
  record.Learn(FiguresOfRun(2, 4000));
  // Reading 0.1 s and writing 0.05 s a megapixel, 0.03 s for a photo's faces.
  EXPECT_NEAR(*record.SecondsFor(2e6, {}), 0.2 + 0.1 + 0.03, 1e-9);
  EXPECT_NEAR(*record.SecondsFor(8e6, {}), 0.8 + 0.4 + 0.03, 1e-9);
  EXPECT_NEAR(*record.SecondsFor(2e6, Enlarging(Enlargement::k2)), 0.2 + 0.4 + 0.03 + 4, 1e-9);
}

TEST(SpeedRecord, EnlargingAndCleaningAtOnceIsAStepOfItsOwn) {
  const TestFolder folder;
  const auto file = folder.path() / "speeds.json";
  auto options = Enlarging(Enlargement::k4);
  options.restore.clean = 50;
  {
    SpeedRecord record(file);
    record.Learn(FiguresOfRun(4, 4000));
    EXPECT_FALSE(record.SecondsFor(2e6, options));
    auto both = FiguresOfRun(4, 7000);
    both.cleaned = true;
    record.Learn(both);
    EXPECT_NEAR(*record.SecondsFor(2e6, Enlarging(Enlargement::k4)), 0.2 + 1.6 + 0.03 + 4, 1e-9);
  }
  EXPECT_NEAR(*SpeedRecord(file).SecondsFor(2e6, options), 0.2 + 1.6 + 0.03 + 7, 1e-9);
}

TEST(SpeedRecord, SharpeningIsAStepOfItsOwn) {
  const TestFolder folder;
  const auto file = folder.path() / "speeds.json";
  PhotoOptions options;
  options.restore.sharpen = 90;
  {
    SpeedRecord record(file);
    record.Learn(FiguresOfRun(1, 0));
    EXPECT_FALSE(record.SecondsFor(2e6, options));
    auto sharpened = FiguresOfRun(1, 0);
    sharpened.times.sharpen_ms = 3000;
    record.Learn(sharpened);
  }
  EXPECT_NEAR(*SpeedRecord(file).SecondsFor(2e6, options), 0.2 + 0.1 + 0.03 + 3, 1e-9);
  EXPECT_NEAR(*SpeedRecord(file).SecondsFor(2e6, {}), 0.2 + 0.1 + 0.03, 1e-9);
}

TEST(SpeedRecord, KnowsEachModelByItself) {
  const TestFolder folder;
  const auto file = folder.path() / "speeds.json";
  PhotoOptions own;
  own.model = "gpen-bfr-512";
  {
    SpeedRecord record(file);
    record.Learn(FiguresOfRun(1, 0));
    EXPECT_FALSE(record.SecondsFor(2e6, own)) << "its faces were never measured";
    auto slow = FiguresOfRun(1, 0);
    slow.times.network_ms = 5000;
    record.Learn(slow, own.model);
    EXPECT_NEAR(*record.SecondsFor(2e6, own), 0.2 + 0.1 + 5, 1e-9);
    EXPECT_NEAR(*record.SecondsFor(2e6, {}), 0.2 + 0.1 + 0.03, 1e-9);
  }
  EXPECT_NEAR(*SpeedRecord(file).SecondsFor(2e6, own), 5.3, 1e-9);
}

TEST(SpeedRecord, LaterPhotosCountMore) {
  const TestFolder folder;
  SpeedRecord record(folder.path() / "speeds.json");
  record.Learn(FiguresOfRun(2, 40'000));
  for (int i = 0; i < 60; ++i) record.Learn(FiguresOfRun(2, 4000));
  EXPECT_NEAR(*record.SecondsFor(2e6, Enlarging(Enlargement::k2)), 4.63, 0.1);
}

TEST(SpeedRecord, LastsAndLeavesOtherMachinesAlone) {
  const TestFolder folder;
  const auto file = folder.path() / "below" / "speeds.json";
  std::filesystem::create_directories(file.parent_path());
  ASSERT_TRUE(WriteFileAtomically(file, AsBytes(R"({"another CPU":{"read":{"work":1}}})")));
  double seconds = 0;
  {
    SpeedRecord record(file);
    record.Learn(FiguresOfRun(4, 9000));
    seconds = *record.SecondsFor(3e6, Enlarging(Enlargement::k4));
  }
  const SpeedRecord again(file);
  EXPECT_NEAR(*again.SecondsFor(3e6, Enlarging(Enlargement::k4)), seconds, 1e-6);
  const auto bytes = ReadFile(file, 1 << 20);
  ASSERT_TRUE(bytes);
  EXPECT_NE(AsText(*bytes).find("another CPU"), std::string_view::npos);
}

TEST(SpeedRecord, ADamagedFileCountsAsNone) {
  const TestFolder folder;
  const auto file = folder.path() / "speeds.json";
  for (const auto* text : {"", "[]", "{", R"({"x":7})"}) {
    ASSERT_TRUE(WriteFileAtomically(file, AsBytes(std::string_view(text))));
    SpeedRecord record(file);
    EXPECT_FALSE(record.SecondsFor(1e6, {}));
    record.Learn(FiguresOfRun(1, 0));
    record.Store();
    EXPECT_TRUE(SpeedRecord(file).SecondsFor(1e6, {}));
  }
}

}  // namespace
}  // namespace gpen::restore
