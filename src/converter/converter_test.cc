#include "converter/converter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "base/file.h"
#include "base/folder_testing.h"
#include "base/sha256.h"
#include "converter/checkpoint_testing.h"
#include "converter/model_check.h"
#include "converter/parsing_weights_testing.h"
#include "converter/photo_weights_testing.h"
#include "nn/model_memory.h"

namespace gpen::converter {
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

TEST(Converter, ANetworkForPhotosRunsAsTheRuntimeRunsIt) {
  for (const auto& [scale, unshuffle] : {std::pair(1, 2), std::pair(2, 1), std::pair(4, 1)}) {
    const TestFolder folder;
    const auto weights = folder.path() / "photo.pth";
    const auto bytes = CheckpointBytes(RandomPhotoWeights(scale, unshuffle, 12, 3), {});
    ASSERT_TRUE(WriteFileAtomically(weights, AsBytes(bytes)));
    const ConvertOptions options = {.half_weights = true, .task = nn::Task::kPhoto};
    const auto conversion = Convert(weights, options);
    ASSERT_TRUE(conversion) << conversion.error().message();
    const auto output = folder.path() / "photo.onnx";
    const auto manifest = WriteConversion(*conversion, output);
    ASSERT_TRUE(manifest) << manifest.error().message();
    EXPECT_EQ(manifest->task, nn::Task::kPhoto);
    const auto difference = DifferenceFromPlainForm(weights, options, output, 1);
    ASSERT_TRUE(difference) << difference.error().message();
    EXPECT_LT(*difference, 1e-4) << scale;
    EXPECT_EQ(Convert(weights, {}).error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(Converter, ANetworkWithCoarserMapsRunsAsTheRuntimeRunsIt) {
  struct Case {
    TestTensors tensors;
    bool residual;
    const char* summary;
  };
  const Case cases[] = {
      {RandomRepairWeights(16, {1, 3, 2}), false,
       "network that finds damage, of 16, 16 and 16 channels at a half, a quarter and an eighth "
       "of the size, 37156 parameters"},
      {RandomCoarsePhotoWeights(2, 16, 5, {1, 3, 2}), true,
       "photo network, x1 behind a pixel unshuffle of 2, 5 layers of 16 channels and coarser ones "
       "of 16 and 16, 38492 parameters"}};
  for (const Case& each : cases) {
    const TestFolder folder;
    const auto weights = folder.path() / "network.pth";
    ASSERT_TRUE(WriteFileAtomically(weights, AsBytes(CheckpointBytes(each.tensors, {}))));
    const ConvertOptions options = {.half_weights = true, .task = nn::Task::kPhoto};
    const auto conversion = Convert(weights, options);
    ASSERT_TRUE(conversion) << conversion.error().message();
    EXPECT_EQ(conversion->summary, each.summary);
    EXPECT_EQ(conversion->residual, each.residual);
    const auto output = folder.path() / "network.onnx";
    const auto manifest = WriteConversion(*conversion, output);
    ASSERT_TRUE(manifest) << manifest.error().message();
    const auto difference = DifferenceFromPlainForm(weights, options, output, 1);
    ASSERT_TRUE(difference) << difference.error().message();
    EXPECT_LT(*difference, 1e-4);
  }
}

TEST(Converter, SaysWhatIsWrongWithANetworkForPhotos) {
  const TestFolder folder;
  const auto path = folder.path() / "photo.pth";
  const auto refusal = [&](const TestTensors& tensors) {
    EXPECT_TRUE(WriteFileAtomically(path, AsBytes(CheckpointBytes(tensors, {}))));
    const auto conversion = Convert(path, {.task = nn::Task::kPhoto});
    return conversion ? std::string() : conversion.error().message();
  };
  const auto whole = RandomPhotoWeights(2, 1, 8, 3);
  EXPECT_EQ(refusal(whole), "");
  auto tensors = whole;
  tensors.erase("trunk.1.bias");
  EXPECT_NE(refusal(tensors).find("trunk.1.bias is missing"), std::string::npos);
  tensors = whole;
  tensors["trunk.1.bias"] = {{9}, std::vector<float>(9)};
  EXPECT_NE(refusal(tensors).find("expected trunk.1.bias to be 8, found 9"), std::string::npos);
  tensors = whole;
  tensors["heads.4.weight"] = tensors["heads.2.weight"];
  EXPECT_NE(refusal(tensors).find("expected a network for one scale"), std::string::npos);
  tensors = RandomRepairWeights(8, {1, 2});
  EXPECT_EQ(refusal(tensors), "");
  tensors["dilations"].values[1] = 1.5F;
  EXPECT_NE(refusal(tensors).find("expected dilations from 1 to 16, found 1.5"), std::string::npos);
  tensors = RandomRepairWeights(8, {1, 2});
  tensors.erase("at_quarter.1.slope");
  EXPECT_NE(refusal(tensors).find("at_quarter.1.slope is missing"), std::string::npos);
  tensors.erase("at_quarter.0.convolution.weight");
  EXPECT_NE(refusal(tensors).find("expected at_quarter.0.convolution.weight of up to 512 channels"),
            std::string::npos);
  tensors = RandomCoarsePhotoWeights(2, 8, 4, {1, 2});
  EXPECT_EQ(refusal(tensors), "");
  tensors["coarse.lift_quarter.weight"] = {{64, 8, 1, 1}, std::vector<float>(512)};
  EXPECT_NE(refusal(tensors).find("expected coarse.lift_quarter.weight to be 32x8x1x1"),
            std::string::npos);
  EXPECT_NE(refusal(RandomCoarsePhotoWeights(2, 8, 3, {1, 2}))
                .find("expected more than 3 layers beside coarser maps, found 3"),
            std::string::npos);
  tensors = whole;
  tensors["dilations"] = {{3}, {1, 2, 1}};
  EXPECT_NE(refusal(tensors).find("in the form that it had before version 6"), std::string::npos);
  tensors = whole;
  tensors["more"] = tensors["trunk.1.bias"];
  EXPECT_NE(refusal(tensors).find("'more' is no part"), std::string::npos);
}

TEST(Converter, AParsingNetworkRunsAsTheRuntimeRunsIt) {
  const TestFolder folder;
  const auto weights = folder.path() / "parsing.pth";
  const auto write = [&](const TestTensors& tensors) {
    ASSERT_TRUE(WriteFileAtomically(weights, AsBytes(CheckpointBytes(tensors, {}))));
  };
  const auto whole = RandomParsingWeights(12, 20);
  write(whole);
  const ConvertOptions options = {.task = nn::Task::kParsing};
  const auto conversion = Convert(weights, options);
  ASSERT_TRUE(conversion) << conversion.error().message();
  const auto output = folder.path() / "parsing.onnx";
  const auto manifest = WriteConversion(*conversion, output);
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(nn::LoadManifest(folder.path() / "parsing.json")->task, nn::Task::kParsing);
  EXPECT_EQ(manifest->input_size, 128);
  const auto difference = DifferenceFromPlainForm(weights, options, output, 1);
  ASSERT_TRUE(difference) << difference.error().message();
  EXPECT_LT(*difference, 1e-4);
  EXPECT_NE(Convert(weights, {}).error().message().find("give --task parsing"), std::string::npos);
  EXPECT_FALSE(Convert(weights, {.task = nn::Task::kPhoto}));

  auto tensors = whole;
  tensors.erase("dilated.3.bias");
  write(tensors);
  EXPECT_NE(Convert(weights, options).error().message().find("dilated.3.bias is missing"),
            std::string::npos);
  tensors = whole;
  tensors.erase("entrance.1.weight");
  write(tensors);
  EXPECT_NE(Convert(weights, options).error().message().find("expected entrance.1.weight"),
            std::string::npos);
  tensors = whole;
  tensors["more"] = tensors["head.bias"];
  write(tensors);
  EXPECT_NE(Convert(weights, options).error().message().find("no part of a face parsing network"),
            std::string::npos);
}

TEST(Converter, LeavesWhatIsThereUntilItIsInstalled) {
  const TestFolder folder;
  const auto conversion = Convert(WriteWeights(folder, 1), {});
  ASSERT_TRUE(conversion) << conversion.error().message();
  const auto output = folder.path() / "model.onnx";
  ASSERT_TRUE(WriteFileAtomically(output, AsBytes("earlier")));
  const auto files = [&] {
    return std::distance(std::filesystem::directory_iterator(folder.path()), {});
  };
  const auto before = files();
  {
    const auto staged = StagedConversion::Write(*conversion, output);
    ASSERT_TRUE(staged) << staged.error().message();
    EXPECT_EQ(*Sha256OfFile(staged->path()), staged->manifest().sha256);
    EXPECT_EQ(AsText(*ReadFile(output, 100)), "earlier");
  }
  EXPECT_EQ(files(), before) << "what was not installed is gone";
  auto refused = StagedConversion::Write(*conversion, output);
  EXPECT_EQ(refused->Install(AtomicFile::IfExists::kFail).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(AsText(*ReadFile(output, 100)), "earlier");
  auto staged = StagedConversion::Write(*conversion, output);
  ASSERT_TRUE(staged->Install());
  EXPECT_EQ(*Sha256OfFile(output), staged->manifest().sha256);
  EXPECT_EQ(nn::LoadManifest(folder.path() / "model.json")->parameters,
            conversion->description.parameters);
}

// docs/adr/0011-own-operators.md: peaks of a process that loads and runs the network, in MB.
TEST(Converter, EstimatesAtLeastTheMemoryThatWasMeasured) {
  struct Measured {
    std::int64_t parameters;
    int size;
    std::int64_t peak;
  };
  for (const auto& network : {Measured{18'879'010, 256, 218}, Measured{71'005'223, 512, 926},
                              Measured{71'210'540, 1024, 1346}, Measured{71'294'769, 2048, 2218}}) {
    nn::Manifest manifest;
    manifest.input_size = network.size;
    manifest.parameters = network.parameters;
    // Whether the file holds floats or halves, the runtime computes with floats.
    for (const std::int64_t bytes_per_weight : {4, 2}) {
      const auto estimate =
          nn::EstimateMemory(manifest, bytes_per_weight * network.parameters) >> 20;
      EXPECT_GE(estimate, network.peak) << network.size;
      EXPECT_LE(estimate, network.peak * 13 / 10) << network.size;
    }
    // A manifest that does not state the parameters: the file tells as much where it holds floats.
    const auto stated = nn::EstimateMemory(manifest, 0);
    manifest.parameters = 0;
    EXPECT_EQ(nn::EstimateMemory(manifest, 4 * network.parameters), stated) << network.size;
  }
}

TEST(Converter, RefusesWhatIsTooLargeForTheMachine) {
  nn::Manifest manifest;
  manifest.name = "huge";
  const auto checked = nn::CheckMemory(manifest, std::int64_t{1} << 50);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_TRUE(nn::CheckMemory(manifest, 1000));
  manifest.parameters = std::int64_t{1} << 40;
  EXPECT_FALSE(nn::CheckMemory(manifest, 1000));
}

}  // namespace
}  // namespace gpen::converter
