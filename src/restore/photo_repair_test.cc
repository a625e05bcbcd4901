#include "restore/photo_repair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/source_folder.h"
#include "image/resample.h"

namespace gpen::restore {
namespace {

// A smooth picture with a little structure, and white scratches three pixels wide in it.
constexpr int kWidth = 311;
constexpr int kHeight = 266;

bool IsScratched(int x, int y) { return std::abs(x - 60 - y / 20) <= 1 || std::abs(x - 220) <= 1; }

template <typename Sample>
Image Scratched(int channels, int width = kWidth, int height = kHeight, int zoom = 1) {
  constexpr int kUnit = std::numeric_limits<Sample>::max();
  Image photo(width, height, channels, kSampleTypeOf<Sample>);
  for (int row = 0; row < height; ++row) {
    Sample* pixel = photo.Row<Sample>(row);
    const int y = row / zoom;
    for (int column = 0; column < width; ++column, pixel += channels) {
      const int x = column / zoom;
      for (int c = 0; c < channels; ++c) {
        const double wave = 0.35 + 0.1 * std::sin(x / 31.0 + c) + 0.08 * std::cos(y / 23.0);
        const bool is_alpha = channels % 2 == 0 && c == channels - 1;
        const double value = is_alpha ? x / 400.0 : IsScratched(x, y) ? 0.97 : wave;
        pixel[c] = static_cast<Sample>(value * kUnit);
      }
    }
  }
  return photo;
}

class PhotoRepairTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto network = repair_.Network();
    if (!network && network.error().code() == ErrorCode::kModelMissing) {
      GTEST_SKIP() << network.error().message();
    }
    ASSERT_TRUE(network) << network.error().message();
  }
  Repaired Run(ImageView photo, int percent = 100) {
    RestoreOptions options;
    options.repair = percent;
    return RunWith(photo, options);
  }
  Repaired RunWith(ImageView photo, const RestoreOptions& options) {
    auto repaired = repair_.Repair(photo, options);
    EXPECT_TRUE(repaired) << repaired.error().message();
    return *std::move(repaired);
  }
  static RestoreOptions All() {
    RestoreOptions options;
    options.repair = 100;
    return options;
  }
  // Of the scratched pixels those that are marked, and of the others.
  static std::pair<double, double> Marked(const Image& mask) {
    double hit = 0;
    double scratched = 0;
    double wrong = 0;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const bool is_marked = mask.Row<std::uint8_t>(y)[x] > 0;
        scratched += IsScratched(x, y) ? 1 : 0;
        if (is_marked) ++(IsScratched(x, y) ? hit : wrong);
      }
    }
    return {hit / scratched, wrong / (kWidth * kHeight - scratched)};
  }

  static int CountMarked(const Repaired& repaired, int column) {
    int count = 0;
    for (int y = 0; y < repaired.mask.height(); ++y) {
      count += repaired.mask.Row<std::uint8_t>(y)[column] > 0 ? 1 : 0;
    }
    return count;
  }

  PhotoRepair repair_{SourceFolder() / "models", 2};
};

template <typename Sample>
void ExpectOnlyMarkedPixelsChanged(const Image& before, const Repaired& repaired) {
  const int channels = before.channels();
  for (int y = 0; y < before.height(); ++y) {
    const Sample* was = before.Row<Sample>(y);
    const Sample* is = repaired.photo.Row<Sample>(y);
    for (int x = 0; x < before.width(); ++x) {
      for (int c = 0; c < channels; ++c) {
        const bool may_change =
            repaired.mask.Row<std::uint8_t>(y)[x] > 0 && (channels % 2 == 1 || c < channels - 1);
        if (may_change) continue;
        ASSERT_EQ(is[x * channels + c], was[x * channels + c]) << x << ", " << y << ", " << c;
      }
    }
  }
}

TEST_F(PhotoRepairTest, FillsScratchesAndLeavesEveryOtherPixelToTheLastBit) {
  for (const int channels : {1, 2, 3, 4}) {
    const Image photo = Scratched<std::uint8_t>(channels);
    const auto repaired = Run(photo.view());
    ExpectOnlyMarkedPixelsChanged<std::uint8_t>(photo, repaired);
    const auto [hit, wrong] = Marked(repaired.mask);
    EXPECT_GT(hit, 0.5) << channels;
    EXPECT_LT(wrong, 0.05) << channels;
    const Image deep = Scratched<std::uint16_t>(channels);
    const auto deep_repaired = Run(deep.view());
    ExpectOnlyMarkedPixelsChanged<std::uint16_t>(deep, deep_repaired);
    EXPECT_GT(Marked(deep_repaired.mask).first, 0.5) << channels;
  }
}

TEST_F(PhotoRepairTest, AllStripsAndThreadsMakeTheSame) {
  const Image photo = Resize(Scratched<std::uint8_t>(3).view(), 1101, 300);
  const auto one = PhotoRepair(SourceFolder() / "models", 1).Repair(photo.view(), All());
  ASSERT_TRUE(one);
  const auto two = Run(photo.view());
  for (int y = 0; y < photo.height(); ++y) {
    const auto* a = one->photo.Row<std::uint8_t>(y);
    const auto* b = two.photo.Row<std::uint8_t>(y);
    for (int i = 0; i < 3 * photo.width(); ++i) ASSERT_NEAR(a[i], b[i], 1) << i / 3 << ", " << y;
  }
}

TEST_F(PhotoRepairTest, TheMoreIsWantedTheMoreIsMarked) {
  const Image photo = Scratched<std::uint8_t>(3);
  const auto count = [](const Repaired& repaired) {
    int marked = 0;
    for (int x = 0; x < kWidth; ++x) marked += CountMarked(repaired, x);
    return marked;
  };
  Repaired less = Run(photo.view(), 1);
  const int least = count(less);
  for (const int percent : {50, 100}) {
    Repaired more = Run(photo.view(), percent);
    for (int y = 0; y < kHeight; ++y) {
      const auto* was = less.mask.Row<std::uint8_t>(y);
      const auto* is = more.mask.Row<std::uint8_t>(y);
      for (int x = 0; x < kWidth; ++x) ASSERT_GE(is[x], was[x]) << percent;
    }
    less = std::move(more);
  }
  EXPECT_GT(count(less), least);
}

TEST_F(PhotoRepairTest, WhatIsDrawnIsFilledWhollyWithTheNetworkAndWithout) {
  const Image photo = Scratched<std::uint8_t>(4);
  RestoreOptions options;
  options.damage = {{5, {{220, 0}, {220, kHeight - 1}}}};
  for (const int repair : {0, 50}) {
    options.repair = repair;
    const auto repaired = RunWith(photo.view(), options);
    ExpectOnlyMarkedPixelsChanged<std::uint8_t>(photo, repaired);
    for (int y = 0; y < kHeight; ++y) {
      EXPECT_EQ(repaired.mask.Row<std::uint8_t>(y)[222], 255);
      // As the photo beside it.
      const int filled = repaired.photo.Row<std::uint8_t>(y)[4 * 220];
      ASSERT_NEAR(filled, photo.Row<std::uint8_t>(y)[4 * 217], 12) << repair << ", " << y;
    }
    const bool is_other_marked = Marked(repaired.mask).first > 0.6;
    EXPECT_EQ(is_other_marked, repair > 0);
  }
}

TEST_F(PhotoRepairTest, AWideDrawnPlaceIsFilledToItsMiddle) {
  Image photo(900, 900, 1, SampleType::kU8);
  for (int y = 0; y < 900; ++y) {
    for (int x = 0; x < 900; ++x) {
      const bool is_torn = std::hypot(x - 450, y - 450) < 370;
      photo.Row<std::uint8_t>(y)[x] = is_torn ? 255 : 100;
    }
  }
  RestoreOptions options;
  for (const double y : {250.0, 450.0, 650.0}) {
    options.damage.push_back({400, {{250, y}, {650, y}}});
  }
  options.damage.push_back({400, {{240, 240}, {660, 240}, {660, 660}, {240, 660}, {240, 240}}});
  const auto repaired = RunWith(photo.view(), options);
  for (int at = 100; at < 800; at += 20) {
    EXPECT_NEAR(repaired.photo.Row<std::uint8_t>(at)[450], 100, 3) << at;
    EXPECT_NEAR(repaired.photo.Row<std::uint8_t>(450)[at], 100, 3) << at;
  }
}

TEST_F(PhotoRepairTest, WhatIsSaidToBeUndamagedStaysAsItIs) {
  for (const int zoom : {1, 2}) {  // A large photo is looked at reduced, too.
    const Image photo = Scratched<std::uint8_t>(3, zoom * 620, zoom * 601, zoom);
    auto options = All();
    ASSERT_GT(CountMarked(RunWith(photo.view(), options), 220 * zoom), 0);
    options.undamaged = {{12.0 * zoom, {{220.0 * zoom, 0}, {220.0 * zoom, 601.0 * zoom}}}};
    const auto repaired = RunWith(photo.view(), options);
    ExpectOnlyMarkedPixelsChanged<std::uint8_t>(photo, repaired);
    EXPECT_EQ(CountMarked(repaired, 220 * zoom), 0) << zoom;
  }
}

// What is laid in from a smaller size obeys the mask too.
TEST_F(PhotoRepairTest, WideDamageOfALargePhotoIsFound) {
  const Image large = Scratched<std::uint8_t>(3, 1201, 1203, 2);
  const auto repaired = Run(large.view());
  ExpectOnlyMarkedPixelsChanged<std::uint8_t>(large, repaired);
  double hit = 0;
  double scratched = 0;
  for (int y = 0; y < large.height(); ++y) {
    for (int x = 0; x < large.width(); ++x) {
      if (!IsScratched(x / 2, y / 2)) continue;
      ++scratched;
      hit += repaired.mask.Row<std::uint8_t>(y)[x] > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(hit / scratched, 0.3);
}

TEST_F(PhotoRepairTest, StopsWhenAskedToAndTellsHowFarItIs) {
  const Image photo = Scratched<std::uint8_t>(3);
  std::stop_source stop;
  double last = 0;
  const auto cancelled = repair_.Repair(photo.view(), All(), stop.get_token(), [&](double done) {
    EXPECT_GE(done, last);
    last = done;
    stop.request_stop();
  });
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code(), ErrorCode::kCancelled);
  EXPECT_GT(last, 0);
  EXPECT_LT(last, 1);
}

TEST(PhotoRepair, ANetworkForAnotherPurposeIsRefused) {
  const auto folder = SourceFolder() / "models";
  const auto manifest = nn::LoadManifest(folder / "photo-clean.json");
  ASSERT_TRUE(manifest);
  const auto network = RepairNetwork::Load(folder, *manifest);
  ASSERT_FALSE(network);
  EXPECT_TRUE(network.error().code() == ErrorCode::kModelInvalid ||
              network.error().code() == ErrorCode::kModelMissing);
}

}  // namespace
}  // namespace gpen::restore
