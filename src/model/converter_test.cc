#include "model/converter.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/sha256.h"
#include "base/test_folder.h"
#include "model/model_check.h"
#include "model/test_checkpoint.h"
#include "nn/model_memory.h"

namespace gpen::model {
namespace {

std::filesystem::path WriteWeights(const TestFolder& folder, int unshuffle) {
  const auto path = folder.path() / "weights.pth";
  const auto bytes = CheckpointBytes(RandomWeights(TestNetwork(32, 1.0 / 32, 1, unshuffle, 32), 9),
                                     {.nesting = {"g_ema"}, .prefix = "module."});
  EXPECT_TRUE(WriteFileAtomically(path, AsBytes(bytes)));
  return path;
}

TEST(Converter, WritesAModelThatPassesItsCheckWithItsManifest) {
  const TestFolder folder;
  const auto weights = WriteWeights(folder, 1);
  const auto conversion = Convert(weights, {});
  ASSERT_TRUE(conversion) << conversion.error().message();
  const auto output = folder.path() / "my-model.onnx";
  const auto manifest = WriteConversion(*conversion, output);
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(manifest->name, "my-model");
  EXPECT_EQ(manifest->sha256, *Sha256OfFile(output));
  EXPECT_EQ(manifest->input_size, 32);
  EXPECT_FALSE(manifest->residual);
  EXPECT_EQ(manifest->face_template, nn::FaceTemplate::kGpen);
  const auto read = nn::LoadManifest(folder.path() / "my-model.json");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->sha256, manifest->sha256);
  EXPECT_EQ(WriteConversion(*conversion, folder.path() / "my model.onnx").error().code(),
            ErrorCode::kInvalidArgument);
  const auto difference = DifferenceFromPlainForm(weights, {}, output, 1);
  ASSERT_TRUE(difference) << difference.error().message();
  EXPECT_LT(*difference, 1e-4);
}

TEST(Converter, TakesOurKindOfNetworkByItsShape) {
  const TestFolder folder;
  const auto conversion = Convert(WriteWeights(folder, 2), {});
  ASSERT_TRUE(conversion) << conversion.error().message();
  EXPECT_TRUE(conversion->manifest.residual);
  EXPECT_EQ(conversion->manifest.face_template, nn::FaceTemplate::kFfhq);
  const auto chosen = Convert(folder.path() / "weights.pth",
                              {.residual = false, .face_template = nn::FaceTemplate::kGpen});
  EXPECT_FALSE(chosen->manifest.residual);
  EXPECT_EQ(chosen->manifest.face_template, nn::FaceTemplate::kGpen);
}

TEST(Converter, TheSegmentationNetworkTakesZeroToOne) {
  const TestFolder folder;
  const auto conversion = Convert(WriteWeights(folder, 1), {.task = nn::Task::kSegmentationToFace});
  EXPECT_EQ(conversion->manifest.value_range, (std::array{0.0F, 1.0F}));
}

TEST(Converter, EstimatesAtLeastTheMemoryThatWasMeasured) {
  struct Measured {
    std::int64_t weight_bytes;
    int size, channels;
    std::int64_t peak_megabytes;  // Of a process that loads and runs the network.
  };
  for (const auto& network :
       {Measured{75'516'040, 256, 32, 218}, Measured{284'020'892, 512, 64, 926},
        Measured{284'842'160, 1024, 32, 1346}, Measured{285'000'000, 2048, 16, 2218}}) {
    const auto estimate =
        nn::EstimateMemory(network.weight_bytes, network.size, network.channels) >> 20;
    EXPECT_GE(estimate, network.peak_megabytes) << network.size;
    EXPECT_LE(estimate, network.peak_megabytes * 13 / 10) << network.size;
  }
}

TEST(Converter, RefusesWhatIsTooLargeForTheMachine) {
  nn::Manifest manifest;
  manifest.name = "huge";
  const auto checked = nn::CheckMemory(manifest, std::int64_t{1} << 50);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_TRUE(nn::CheckMemory(manifest, 1000));
}

}  // namespace
}  // namespace gpen::model
