#include "gpen/run_estimate.h"

#include <gtest/gtest.h>

#include "base/folder_testing.h"

namespace gpen::app {
namespace {

TEST(LongRunText, SaysOnlyWhatTakesLong) {
  EXPECT_EQ(LongRunText(std::nullopt, 3), "");
  EXPECT_EQ(LongRunText(9.4, 1), "");
  EXPECT_EQ(LongRunText(14.6, 1), "about 15 seconds for this photo, by how fast earlier ones were");
  EXPECT_EQ(LongRunText(200, 12),
            "about 3:20 minutes for 12 photos, by how fast earlier ones were");
  EXPECT_EQ(LongRunText(3.5 * 3600, 900),
            "about 3:30 hours for 900 photos, by how fast earlier ones were");
}

TEST(EstimateRun, IsNoneWhereNothingIsKnown) {
  const TestFolder folder;
  restore::SpeedRecord speeds(folder.path() / "speeds.json");
  PhotoTask task;
  task.input = folder.path() / "none.jpg";
  EXPECT_FALSE(EstimateRun(speeds, {}, {task}));
  restore::RunFigures run;
  run.width = run.height = 1000;
  run.enlarged = 2;
  run.times.decode_ms = run.times.network_ms = run.times.encode_ms = 1;
  speeds.Learn(run);
  EXPECT_FALSE(EstimateRun(speeds, {}, {task}));  // The photo cannot be read.
}

}  // namespace
}  // namespace gpen::app
