// Photos through networks of random weights, against plain loops: what a photo becomes must not
// depend on strips, threads or vectors.
#include "restore/photo_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/folder_testing.h"
#include "converter/converter.h"
#include "converter/photo_weights_testing.h"
#include "kernels/instructions.h"

namespace gpen {
namespace {

using converter::TestTensors;

constexpr int kWidth = 8;
constexpr int kDepth = 3;

struct Planes {
  int height = 0;
  int width = 0;
  std::vector<std::vector<double>> values;  // By channel.

  double At(int channel, int y, int x) const {
    if (y < 0 || y >= height || x < 0 || x >= width) return 0;
    return values[static_cast<std::size_t>(channel)][static_cast<std::size_t>(y * width + x)];
  }
};

Planes Convolve(const TestTensors& tensors, const std::string& name, const Planes& input) {
  const auto& weight = tensors.at(name + ".weight");
  const auto& bias = tensors.at(name + ".bias");
  Planes output = {input.height, input.width, {}};
  for (int o = 0; o < weight.shape[0]; ++o) {
    auto& plane = output.values.emplace_back();
    for (int y = 0; y < input.height; ++y) {
      for (int x = 0; x < input.width; ++x) {
        double sum = bias.values[static_cast<std::size_t>(o)];
        for (int i = 0; i < weight.shape[1]; ++i) {
          for (int k = 0; k < 9; ++k) {
            const auto at = static_cast<std::size_t>((o * weight.shape[1] + i) * 9 + k);
            sum += double{weight.values[at]} * input.At(i, y + k / 3 - 1, x + k % 3 - 1);
          }
        }
        plane.push_back(sum);
      }
    }
  }
  return output;
}

int Mirrored(int at, int size) { return at < 0 ? -1 - at : at >= size ? 2 * size - 1 - at : at; }

double Cubic(double x) {
  x = std::abs(x);
  return x <= 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// The network on a photo of three channels, which is mirrored beyond its edges: the value at a
// place of the result.
class SlowNetwork {
 public:
  SlowNetwork(const TestTensors& tensors, ImageView photo, double amount, int scale, int unshuffle)
      : photo_(photo), scale_(scale), unshuffle_(unshuffle) {
    constexpr int kMargin = 8;
    margin_ = kMargin;
    Planes map = {(photo.height() + unshuffle - 1) / unshuffle + 2 * kMargin,
                  (photo.width() + unshuffle - 1) / unshuffle + 2 * kMargin,
                  {}};
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < unshuffle * unshuffle; ++i) {
        auto& plane = map.values.emplace_back();
        for (int y = 0; y < map.height; ++y) {
          for (int x = 0; x < map.width; ++x) {
            plane.push_back(Pixel(c, (y - kMargin) * unshuffle + i / unshuffle,
                                  (x - kMargin) * unshuffle + i % unshuffle));
          }
        }
      }
    }
    map.values.emplace_back(static_cast<std::size_t>(map.height * map.width), amount);
    for (int layer = 0; layer < kDepth; ++layer) {
      map = Convolve(tensors, "trunk." + std::to_string(layer), map);
      const auto& slope = tensors.at("slopes." + std::to_string(layer)).values;
      for (std::size_t c = 0; c < map.values.size(); ++c) {
        for (double& value : map.values[c]) value = value < 0 ? value * slope[c] : value;
      }
    }
    map_ = Convolve(tensors, "heads." + std::to_string(scale), map);
  }

  double At(int c, int y, int x) const {
    const int factor = scale_ * unshuffle_;
    const double change = map_.At(c * factor * factor + y % factor * factor + x % factor,
                                  y / factor + margin_, x / factor + margin_);
    if (scale_ == 1) return Pixel(c, y, x) + change;
    double sum = change;
    for (int i = -2; i <= 2; ++i) {
      for (int j = -2; j <= 2; ++j) {
        const double dy = (y % scale_ + 0.5) / scale_ - 0.5 - i;
        const double dx = (x % scale_ + 0.5) / scale_ - 0.5 - j;
        sum += Cubic(dy) * Cubic(dx) * Pixel(c, y / scale_ + i, x / scale_ + j);
      }
    }
    return sum;
  }

 private:
  double Pixel(int c, int y, int x) const {
    return photo_.Row<std::uint16_t>(
               Mirrored(y, photo_.height()))[3 * Mirrored(x, photo_.width()) + c] /
           65535.0;
  }

  ImageView photo_;
  int scale_;
  int unshuffle_;
  int margin_ = 0;
  Planes map_;
};

template <typename Sample>
Image Pattern(int width, int height, int channels) {
  Image image(width, height, channels, sizeof(Sample) == 1 ? SampleType::kU8 : SampleType::kU16);
  for (int y = 0; y < height; ++y) {
    for (int i = 0; i < width * channels; ++i) {
      const double wave = 0.5 + 0.35 * std::sin(0.31 * i + 0.7 * y) * std::cos(0.11 * y);
      image.Row<Sample>(y)[i] = static_cast<Sample>(wave * std::numeric_limits<Sample>::max());
    }
  }
  return image;
}

class PhotoNetworkTest : public ::testing::TestWithParam<std::pair<int, int>> {
 protected:
  void SetUp() override {
    const auto [scale, unshuffle] = GetParam();
    tensors_ = converter::RandomPhotoWeights(scale, unshuffle, kWidth, kDepth);
    const auto weights = folder_.path() / "photo.pth";
    ASSERT_TRUE(WriteFileAtomically(weights, AsBytes(converter::CheckpointBytes(tensors_, {}))));
    const auto conversion = converter::Convert(weights, {.task = nn::Task::kPhoto});
    ASSERT_TRUE(conversion) << conversion.error().message();
    const auto manifest = converter::WriteConversion(*conversion, folder_.path() / "photo.onnx");
    ASSERT_TRUE(manifest) << manifest.error().message();
    auto network = restore::PhotoNetwork::Load(folder_.path(), *manifest);
    ASSERT_TRUE(network) << network.error().message();
    network_.emplace(*std::move(network));
  }
  void TearDown() override { kernels::UseInstructionSet(""); }

  Image Run(ImageView photo, double amount = 0.5, int threads = 1) {
    auto result = network_->Run(photo, amount, threads);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *std::move(result) : Image();
  }

  TestFolder folder_;
  TestTensors tensors_;
  std::optional<restore::PhotoNetwork> network_;
};

TEST_P(PhotoNetworkTest, IsWhatPlainLoopsMakeWithEverySetOfInstructions) {
  const auto [scale, unshuffle] = GetParam();
  // Odd, several strips wide, and with edges that the network sees beyond.
  const Image photo = Pattern<std::uint16_t>(157, 19, 3);
  const SlowNetwork slow(tensors_, photo.view(), 0.5, scale, unshuffle);
  for (const auto& instructions : kernels::InstructionSets()) {
    kernels::UseInstructionSet(instructions);
    const Image found = Run(photo.view(), 0.5, 3);
    ASSERT_EQ(found.width(), 157 * scale);
    ASSERT_EQ(found.height(), 19 * scale);
    double worst = 0;
    for (int y = 0; y < found.height(); ++y) {
      for (int i = 0; i < 3 * found.width(); ++i) {
        const double expected = std::clamp(slow.At(i % 3, y, i / 3), 0.0, 1.0) * 65535;
        worst = std::max(worst, std::abs(found.Row<std::uint16_t>(y)[i] - expected));
      }
    }
    EXPECT_LT(worst, 4) << instructions;
  }
}

TEST_P(PhotoNetworkTest, StripsAndThreadsLeaveNoTrace) {
  const Image photo = Pattern<std::uint8_t>(700, 40, 3);
  const Image one = Run(photo.view(), 1, 1);
  for (const int threads : {2, 5}) {
    const Image many = Run(photo.view(), 1, threads);
    int differences = 0;
    for (int y = 0; y < one.height(); ++y) {
      for (int i = 0; i < 3 * one.width(); ++i) {
        differences += one.Row<std::uint8_t>(y)[i] != many.Row<std::uint8_t>(y)[i] ? 1 : 0;
      }
    }
    EXPECT_EQ(differences, 0) << threads;
  }
}

TEST_P(PhotoNetworkTest, GrayAndAlphaAreTheirOwn) {
  const int scale = GetParam().first;
  const Image gray = Pattern<std::uint8_t>(60, 30, 2);
  const Image color = [&] {
    Image image(60, 30, 4, SampleType::kU8);
    for (int y = 0; y < 30; ++y) {
      for (int i = 0; i < 240; ++i) {
        image.Row<std::uint8_t>(y)[i] = gray.Row<std::uint8_t>(y)[i / 4 * 2 + (i % 4 == 3 ? 1 : 0)];
      }
    }
    return image;
  }();
  const Image from_gray = Run(gray.view());
  const Image from_color = Run(color.view());
  ASSERT_EQ(from_gray.channels(), 2);
  ASSERT_EQ(from_color.channels(), 4);
  for (int y = 0; y < 30 * scale; ++y) {
    const auto* one = from_gray.Row<std::uint8_t>(y);
    const auto* four = from_color.Row<std::uint8_t>(y);
    for (int x = 0; x < 60 * scale; ++x) {
      const double luma = 0.299 * four[4 * x] + 0.587 * four[4 * x + 1] + 0.114 * four[4 * x + 2];
      // Colours were cut off at black and white, each by itself.
      const bool cut =
          std::any_of(four + 4 * x, four + 4 * x + 3, [](int v) { return v == 0 || v == 255; });
      if (!cut) {
        ASSERT_NEAR(one[2 * x], luma, 1.1);
      }
      ASSERT_EQ(one[2 * x + 1], four[4 * x + 3]) << "alpha";
      if (scale == 1) {
        ASSERT_EQ(one[2 * x + 1], gray.Row<std::uint8_t>(y)[2 * x + 1]);
      }
    }
  }
}

TEST_P(PhotoNetworkTest, SmallestPhotos) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(3, 2), std::pair(1, 70)}) {
    const Image photo = Pattern<std::uint8_t>(width, height, 3);
    EXPECT_EQ(Run(photo.view(), 0, 4).height(), height * GetParam().first);
  }
}

TEST_P(PhotoNetworkTest, TellsItsProgressAndStops) {
  const Image photo = Pattern<std::uint8_t>(600, 300, 3);
  double last = 0;
  const auto finished = network_->Run(photo.view(), 0, 2, {}, [&](double done) {
    EXPECT_GE(done, last);
    EXPECT_LE(done, 1);
    last = done;
  });
  EXPECT_TRUE(finished);
  EXPECT_GT(last, 0.2);
  std::stop_source stop;
  const auto stopped =
      network_->Run(photo.view(), 0, 2, stop.get_token(), [&](double) { stop.request_stop(); });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Scales, PhotoNetworkTest,
                         ::testing::Values(std::pair(1, 2), std::pair(2, 1), std::pair(4, 1)));

}  // namespace
}  // namespace gpen
