#include "face/face_models.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/source_folder.h"
#include "face/ultraface.h"
#include "nn/session.h"

namespace gpen::face {
namespace {

std::filesystem::path ModelsFolder() { return SourceFolder() / "models"; }

// Interleaved noise as a picture: some of it coarse, so that the networks see shapes.
std::vector<float> Noise(int height, int width, int channels) {
  std::mt19937 random(7);
  const auto value = [&] { return static_cast<float>(random() % 2001) / 1000 - 1; };
  std::vector<float> coarse(static_cast<std::size_t>((height / 16 + 1) * (width / 16 + 1)));
  for (auto& each : coarse) each = value();
  std::vector<float> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float shape = coarse[static_cast<std::size_t>(y / 16 * (width / 16 + 1) + x / 16)];
      for (int c = 0; c < channels; ++c) pixels.push_back(0.7F * shape + 0.3F * value());
    }
  }
  return pixels;
}

std::vector<float> Planar(const std::vector<float>& pixels, std::size_t channels) {
  std::vector<float> planes(pixels.size());
  const std::size_t plane = pixels.size() / channels;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    planes[i % channels * plane + i / channels] = pixels[i];
  }
  return planes;
}

// What the runtime makes of a model's file.
std::vector<std::vector<float>> RuntimeSays(const FaceModelFile& model,
                                            const std::vector<float>& input,
                                            bool flush_denormals = true) {
  nn::SessionOptions options;
  options.flush_denormals = flush_denormals;
  const auto session = nn::Session::Load(ModelsFolder() / "face" / model.file, options);
  EXPECT_TRUE(session) << session.error().message();
  if (!session) return {};
  std::vector<std::vector<float>> outputs;
  for (const auto& output : (*session)->outputs()) outputs.emplace_back(output.size());
  const std::span<const float> inputs[] = {input};
  const std::vector<std::span<float>> spans(outputs.begin(), outputs.end());
  EXPECT_TRUE((*session)->Run(inputs, spans));
  return outputs;
}

double Length(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

// How far `found` is from `expected`, as a part of its length.
double Difference(std::vector<float> found, const std::vector<float>& expected) {
  EXPECT_EQ(found.size(), expected.size());
  EXPECT_GT(Length(expected), 0);
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) found[i] -= expected[i];
  return Length(found) / Length(expected);
}

TEST(FaceModels, DenormalNumbersMayBeTakenForZero) {
  // Their weights hold thousands of them.
  const auto face = Planar(Noise(112, 112, 3), 3);
  const auto gray = Noise(64, 64, 1);
  EXPECT_LT(Difference(RuntimeSays(kIdentity, face)[0], RuntimeSays(kIdentity, face, false)[0]),
            1e-6);
  EXPECT_LT(Difference(RuntimeSays(kLandmarks, gray)[0], RuntimeSays(kLandmarks, gray, false)[0]),
            1e-6);
}

// Our own kernels on a model's file.
std::vector<nn::FeatureMap> WeSay(const FaceModelFile& model, int size, int channels,
                                  const std::vector<float>& pixels) {
  const auto network = LoadFaceModel(ModelsFolder(), model);
  EXPECT_TRUE(network) << network.error().message();
  if (!network) return {};
  const std::size_t row_floats = static_cast<std::size_t>(size * channels);
  auto maps = network->Run(size, size, [&](int y, float* row) {
    std::copy_n(pixels.data() + static_cast<std::size_t>(y) * row_floats, row_floats, row);
  });
  EXPECT_TRUE(maps);
  return maps ? *std::move(maps) : std::vector<nn::FeatureMap>();
}

constexpr double kTolerance = 2e-5;

TEST(FaceModels, IdentityIsWhatTheRuntimeComputes) {
  const auto pixels = Noise(112, 112, 3);
  EXPECT_LT(Difference(WeSay(kIdentity, 112, 3, pixels).at(0).values,
                       RuntimeSays(kIdentity, Planar(pixels, 3)).at(0)),
            kTolerance);
}

TEST(FaceModels, LandmarksAreWhatTheRuntimeComputes) {
  const auto pixels = Noise(64, 64, 1);
  EXPECT_LT(Difference(WeSay(kLandmarks, 64, 1, pixels).at(0).values,
                       RuntimeSays(kLandmarks, pixels).at(0)),
            kTolerance);
}

TEST(FaceModels, BlazeFaceIsWhatTheRuntimeComputes) {
  const auto pixels = Noise(256, 256, 3);
  const auto found = WeSay(kBlazeFace, 256, 3, pixels);
  const auto expected = RuntimeSays(kBlazeFace, pixels);
  ASSERT_EQ(found.size(), expected.size());
  // The runtime's outputs are in the order of the file's declarations, ours in that of the graph.
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_LT(Difference(found[i].values, expected[std::array{3, 1, 2, 0}[i]]), kTolerance) << i;
  }
}

TEST(FaceModels, UltraFaceIsWhatTheRuntimeComputes) {
  const auto pixels = Noise(UltraFace::kHeight, UltraFace::kWidth, 3);
  const auto expected = RuntimeSays(kUltraFace, Planar(pixels, 3));
  Image picture(UltraFace::kWidth, UltraFace::kHeight, 3, SampleType::kF32);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    picture.Row<float>(0)[i] = (pixels[i] * 128 + 127) / 255;
  }
  auto network = LoadFaceModel(ModelsFolder(), kUltraFace);
  ASSERT_TRUE(network) << network.error().message();
  const auto ultraface = UltraFace::Create(std::move(*network));
  ASSERT_TRUE(ultraface) << ultraface.error().message();
  const auto found = ultraface->Detect(picture.view(), 0, UltraFace::Faces::kAll, {});
  ASSERT_TRUE(found);
  ASSERT_EQ(2 * found->size(), expected.at(0).size());
  double score = 0;
  double edge = 0;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const Box& box = (*found)[i].box;
    const float* wanted = &expected[1][4 * i];
    score = std::max(score, std::abs((*found)[i].score - expected[0][2 * i + 1]));
    edge = std::max({edge, std::abs(box.left - wanted[0] * UltraFace::kWidth),
                     std::abs(box.top - wanted[1] * UltraFace::kHeight),
                     std::abs(box.right - wanted[2] * UltraFace::kWidth),
                     std::abs(box.bottom - wanted[3] * UltraFace::kHeight)});
  }
  EXPECT_LT(score, 1e-5);
  EXPECT_LT(edge, 1e-3);  // Pixels.
}

}  // namespace
}  // namespace gpen::face
