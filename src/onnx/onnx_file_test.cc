#include <gtest/gtest.h>

#include "base/file.h"
#include "onnx/onnx_reader.h"
#include "onnx/onnx_writer.h"

namespace gpen::onnx {
namespace {

OnnxModel SmallModel() {
  OnnxModel model;
  model.inputs = {{"input", {1, 3, 4, 4}}};
  model.outputs = {{"output", {1, 2, 4, 4}}};
  model.initializers["w"] = FloatValues({2, 3, 1, 1}, {1, 2, 3, 4, 5, 6});
  model.initializers["ints"] = IntegerValues({-1, 7});
  model.nodes = {{"Conv",
                  "conv",
                  {"input", "w", ""},
                  {"output"},
                  {{"pads", std::vector<std::int64_t>{0, 0, 0, 0}},
                   {"group", std::int64_t{-2}},
                   {"alpha", 0.2F},
                   {"mode", std::string("CRD")}}}};
  model.functions = {
      {"ours", "Twice", {"x"}, {"y"}, {{"Add", "sum", {"x", "x"}, {"y"}}}},
  };
  model.metadata = {{"name", "small"}};
  return model;
}

Result<OnnxModel> Read(std::span<const std::byte> bytes) {
  return ReadModel(FromMemory(bytes, "test.onnx"));
}

TEST(OnnxFile, ReadsBackWhatItWrote) {
  const auto bytes = ModelBytes(SmallModel());
  ASSERT_TRUE(bytes);
  const auto model = Read(*bytes);
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_EQ(model->nodes.size(), 1U);
  ASSERT_EQ(model->functions.size(), 1U);
  EXPECT_EQ(model->functions[0].domain, "ours");
  EXPECT_EQ(model->functions[0].inputs, (std::vector<std::string>{"x"}));
  EXPECT_EQ(model->functions[0].nodes[0].op, "Add");
  EXPECT_EQ(model->nodes[0].op, "Conv");
  EXPECT_EQ(model->nodes[0].inputs, (std::vector<std::string>{"input", "w", ""}));
  EXPECT_EQ(model->nodes[0].attributes, SmallModel().nodes[0].attributes);
  EXPECT_EQ(model->inputs[0].name, "input");
  EXPECT_EQ(model->inputs[0].shape, (Shape{1, 3, 4, 4}));
  EXPECT_EQ(model->outputs[0].shape, (Shape{1, 2, 4, 4}));
  EXPECT_EQ(model->opset, 17);
  EXPECT_EQ(model->metadata.at("name"), "small");
  EXPECT_EQ(*ReadFloatValues(model->initializers.at("w")), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(model->initializers.at("ints").type, DataType::kInt64);
  EXPECT_EQ(*ModelBytes(*model), *bytes);
}

TEST(OnnxFile, NoticesEveryTruncationInsideTheGraph) {
  const auto bytes = ModelBytes(SmallModel());
  for (std::size_t size = 0; size < bytes->size(); ++size) {
    EXPECT_FALSE(Read(std::span(*bytes).first(size))) << size;
  }
  EXPECT_FALSE(Read(AsBytes("not a model at all")));
}

TEST(OnnxFile, RefusesWeightsThatDoNotFitTheirShape) {
  OnnxModel model = SmallModel();
  model.initializers["w"].shape = {2, 4, 1, 1};
  EXPECT_EQ(ModelBytes(model).error().code(), ErrorCode::kInternal);
}

TEST(OnnxFile, StopsAtTheFormatsTwoGigabytes) {
  OnnxModel model = SmallModel();
  model.initializers["w"].shape = {1 << 30};
  EXPECT_EQ(ModelBytes(model).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace gpen::onnx
