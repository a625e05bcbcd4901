#include "nn/manifest.h"

#include <gtest/gtest.h>

#include <string>

namespace gpen::nn {
namespace {

Manifest Example() {
  Manifest manifest;
  manifest.name = "gpen-lite-256";
  manifest.version = "1";
  manifest.file = "gpen-lite-256.onnx";
  manifest.sha256 = std::string(64, 'a');
  manifest.residual = true;
  manifest.license = "Apache-2.0";
  manifest.provenance = "trained by the project";
  return manifest;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Manifest, SurvivesTheRoundTrip) {
  Manifest manifest = Example();
  manifest.task = Task::kColorization;
  manifest.face_template = FaceTemplate::kGpen;
  manifest.color_order = ColorOrder::kBgr;
  manifest.value_range = {0, 1};
  manifest.input_size = 1024;
  const auto back = ParseManifest(FormatManifest(manifest));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(FormatManifest(*back), FormatManifest(manifest));
  EXPECT_EQ(back->task, Task::kColorization);
  EXPECT_EQ(back->input_size, 1024);
  EXPECT_EQ(back->parameters, 0) << "a manifest of before this field";
  manifest.parameters = 71'005'223;
  EXPECT_EQ(ParseManifest(FormatManifest(manifest))->parameters, 71'005'223);
}

TEST(Manifest, NamesTheFieldThatIsWrong) {
  const std::string good = FormatManifest(Example());
  const struct {
    std::string from, to, expected_in_message;
  } cases[] = {
      {"\"version\": \"1\",", "", "\"version\" is missing"},
      {"\"residual\"", "\"residuel\"", "\"residual\" is missing"},
      {"\"license\"", "\"x\": 1, \"license\"", "\"x\" is unknown"},
      {"256,", "250,", "power of two"},
      {"\"ffhq\"", "\"arcface\"", "one of ffhq, gpen, found \"arcface\""},
      {"\"restoration\"", "7", "one of restoration"},
      {"-1.0", "2", "smaller first"},
      {"\"gpen-lite-256.onnx\"", "\"../gpen.onnx\"", "a name of letters"},
      {std::string(64, 'a'), "abc", "64 lower-case"},
      {"true", "1", "true or false"},
      {"\"license\"", "\"parameters\": -1, \"license\"", "a number of weights"},
      {"\"license\"", "\"parameters\": 1e300, \"license\"", "a number of weights"},
      {"\"license\"", "\"parameters\": 9999999999999999, \"license\"", "a number of weights"},
      {"}", "", "one flat JSON object"},
  };
  for (const auto& test : cases) {
    const auto result = ParseManifest(Replaced(good, test.from, test.to));
    ASSERT_FALSE(result) << test.expected_in_message;
    EXPECT_EQ(result.error().code(), ErrorCode::kModelInvalid);
    EXPECT_NE(result.error().message().find(test.expected_in_message), std::string::npos)
        << result.error().message();
  }
}

TEST(Manifest, RefusesDeepNesting) {
  EXPECT_FALSE(ParseManifest(std::string(100'000, '[')));
  EXPECT_FALSE(ParseManifest("{\"name\":" + std::string(100, '[') + std::string(100, ']') + "}"));
}

TEST(Manifest, MissingFileIsModelMissing) {
  EXPECT_EQ(LoadManifest("/nonexistent/model.json").error().code(), ErrorCode::kModelMissing);
}

}  // namespace
}  // namespace gpen::nn
