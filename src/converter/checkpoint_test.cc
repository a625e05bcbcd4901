#include "converter/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/folder_testing.h"
#include "base/source_folder.h"
#include "converter/checkpoint_testing.h"

namespace gpen::converter {
namespace {

using Floats = std::vector<float>;

const std::filesystem::path kCorpus = SourceFolder() / "fuzz/corpus/checkpoint";

Result<Checkpoint> OpenBytes(const std::string& bytes) {
  return Checkpoint::Open(FromMemory(AsBytes(bytes), "test.pth"));
}

std::string MessageOf(const std::string& bytes) {
  const auto checkpoint = OpenBytes(bytes);
  return checkpoint ? "no error" : checkpoint.error().message();
}

void ExpectIn(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TestTensors SomeTensors() {
  return {{"a.weight", {{2, 3}, {0, 1, 2, 3, 4, 5}}}, {"b.bias", {{1}, {-0.5F}}}};
}

// Files that PyTorch 2.6 wrote: a plain, a transposed and a cut-out tensor.
TEST(Checkpoint, ReadsWhatPyTorchWrote) {
  for (const char* name : {"torch-zip.pth", "torch-old.pth", "torch-nested-bfloat16.pth",
                           "torch-nested-float16-old.pth"}) {
    const auto checkpoint = Checkpoint::Open(kCorpus / name);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message();
    ASSERT_EQ(checkpoint->tensors().size(), 3U) << name;
    EXPECT_EQ(*checkpoint->ReadFloats("ecd0.0.0.weight"), (Floats{0, 0.25, 0.5, 0.75, 1, 1.25}));
    EXPECT_EQ(checkpoint->tensors().at("t").shape, (std::vector<std::int64_t>{3, 2}));
    EXPECT_EQ(*checkpoint->ReadFloats("t"), (Floats{0, 3, 1, 4, 2, 5}));
    EXPECT_EQ(*checkpoint->ReadFloats("view"), (Floats{2, 3, 4}));
  }
  EXPECT_EQ(Checkpoint::Open(kCorpus / "torch-nested-bfloat16.pth")->nested_under(), "g_ema");
  EXPECT_EQ(Checkpoint::Open(kCorpus / "torch-nested-float16-old.pth")->nested_under(),
            "params_ema");
  EXPECT_EQ(Checkpoint::Open(kCorpus / "torch-old.pth")->format(), "pickle");
}

TEST(Checkpoint, ReadsEveryFormatTypeAndNesting) {
  for (const bool old_format : {false, true}) {
    for (const auto type : {ElementType::kFloat32, ElementType::kFloat16, ElementType::kBFloat16}) {
      for (const auto& nesting : std::vector<std::vector<std::string>>{
               {}, {"g_ema"}, {"g"}, {"params_ema"}, {"state_dict"}, {"model", "state_dict"}}) {
        const auto bytes = CheckpointBytes(SomeTensors(), {old_format, type, nesting, "module."});
        const auto checkpoint = OpenBytes(bytes);
        ASSERT_TRUE(checkpoint) << checkpoint.error().message();
        EXPECT_EQ(*checkpoint->ReadFloats("a.weight"), (Floats{0, 1, 2, 3, 4, 5}));
        EXPECT_EQ(*checkpoint->ReadFloats("b.bias"), Floats{-0.5F});
      }
    }
  }
}

TEST(Checkpoint, PrefersTheSmoothedWeights) {
  PickleWriter pickle;
  pickle.Raw("}(");
  for (const char* key : {"g", "g_ema"}) {
    pickle.Text(key).Raw("}").Text("w").Tensor(key, "FloatStorage", 1, 0, {1}, {1}, false).Raw("s");
  }
  const std::string bytes = ZipOf({{"x/data.pkl", pickle.Raw("u").Stop()},
                                   {"x/data/g", std::string("\0\0\x80\x3f", 4)},
                                   {"x/data/g_ema", std::string("\0\0\0\x40", 4)}});
  const auto checkpoint = OpenBytes(bytes);
  ASSERT_TRUE(checkpoint) << checkpoint.error().message();
  EXPECT_EQ(*checkpoint->ReadFloats("w"), Floats{2});
}

TEST(Checkpoint, NeverRunsACommand) {
  for (const char* name : {"command.pth", "command-old.pth"}) {
    const auto checkpoint = Checkpoint::Open(kCorpus / name);
    ASSERT_FALSE(checkpoint);
    EXPECT_EQ(checkpoint.error().code(), ErrorCode::kModelInvalid);
    ExpectIn(checkpoint.error().message(), "posix.system");
    ExpectIn(checkpoint.error().message(), "nothing was executed");
  }
  const auto eval = PickleWriter().Raw("cbuiltins\neval\n(").Text("1").Raw("tR").Stop();
  ExpectIn(MessageOf(ZipOf({{"x/data.pkl", eval}})), "builtins.eval");
  // The same name put together on the stack.
  const auto stacked = PickleWriter().Text("os").Text("system").Raw("\x93").Stop();
  ExpectIn(MessageOf(ZipOf({{"x/data.pkl", stacked}})), "os.system");
  // INST and OBJ call too; so do extension codes and REDUCE with other callables.
  ExpectIn(MessageOf(ZipOf({{"x/data.pkl", PickleWriter().Raw("(ios\nsystem\n").Stop()}})), "0x69");
  ExpectIn(MessageOf(ZipOf({{"x/data.pkl", PickleWriter().Raw("\x82\x01").Stop()}})), "0x82");
}

TEST(Checkpoint, SaysWhatAFileIsInstead) {
  ExpectIn(MessageOf(""), "an empty file");
  ExpectIn(MessageOf("<!DOCTYPE html><html>"), "a web page");
  ExpectIn(MessageOf("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull");
  ExpectIn(MessageOf(std::string("\x08\0\0\0\0\0\0\0{\"a\":1}", 15)), "safetensors");
  ExpectIn(MessageOf("\x1f\x8b\x08 some gzip"), "gzip");
  ExpectIn(MessageOf("some text"), "something else");
  ExpectIn(MessageOf(PickleWriter().Integer(5).Stop()), "a pickle that torch.save did not write");
  ExpectIn(MessageOf(ZipOf({{"a.txt", "hello"}})), "without 'data.pkl'");
  ExpectIn(MessageOf(ZipOf({{"x/data.pkl", "."}, {"x/constants.pkl", "."}})), "TorchScript");
  EXPECT_EQ(Checkpoint::Open("/no/such/file.pth").error().code(), ErrorCode::kModelMissing);
  EXPECT_EQ(Checkpoint::Open(SourceFolder()).error().code(), ErrorCode::kInvalidArgument);
}

TEST(Checkpoint, NoticesEveryTruncation) {
  for (const bool old_format : {false, true}) {
    const auto bytes = CheckpointBytes(SomeTensors(), {.old_format = old_format});
    ASSERT_TRUE(OpenBytes(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(OpenBytes(bytes.substr(0, size))) << size << " of " << bytes.size();
    }
  }
  ExpectIn(MessageOf(CheckpointBytes(SomeTensors()).substr(0, 500)), "cut short");
}

TEST(Checkpoint, NoticesDamagedValues) {
  auto bytes = CheckpointBytes(SomeTensors());
  const auto place = bytes.find(std::string("\0\0\x80\x3f", 4));  // The value 1.
  ASSERT_NE(place, std::string::npos);
  bytes[place] = 1;
  const auto checkpoint = OpenBytes(bytes);
  ASSERT_TRUE(checkpoint);
  const auto values = checkpoint->ReadFloats("a.weight");
  ASSERT_FALSE(values);
  ExpectIn(values.error().message(), "expected checksum");
}

TEST(Checkpoint, RefusesTensorsOutsideTheirStorage) {
  const auto with = [](std::int64_t offset, std::vector<std::int64_t> shape,
                       std::vector<std::int64_t> strides) {
    const auto pickle = PickleWriter()
                            .Raw("}")
                            .Text("w")
                            .Tensor("0", "FloatStorage", 4, offset, shape, strides, false)
                            .Raw("s")
                            .Stop();
    return MessageOf(ZipOf({{"x/data.pkl", pickle}, {"x/data/0", std::string(16, '\0')}}));
  };
  EXPECT_EQ(with(0, {4}, {1}), "no error");
  EXPECT_EQ(with(1, {3}, {1}), "no error");
  EXPECT_EQ(with(0, {2}, {3}), "no error");
  ExpectIn(with(0, {5}, {1}), "within its storage of 4");
  ExpectIn(with(2, {3}, {1}), "within its storage");
  ExpectIn(with(0, {2}, {4}), "within its storage");
  ExpectIn(with(5, {1}, {1}), "within its storage");
  ExpectIn(with(INT64_MAX, {1}, {1}), "within its storage");
  ExpectIn(with(0, {INT64_MAX, INT64_MAX}, {1, 1}), "within its storage");
  ExpectIn(with(0, {3, 1}, {INT64_MAX, INT64_MAX}), "within its storage");
  // A stride of 0 would make a large tensor of a small file.
  ExpectIn(with(0, {1 << 30}, {0}), "within its storage");
  ExpectIn(with(-1, {1}, {1}), "0 or more");
  ExpectIn(with(0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}), "8 dimensions");
}

TEST(Checkpoint, RefusesWeightsThatAreNoNumbers) {
  TestTensors tensors = SomeTensors();
  tensors["a.weight"].values[2] = std::nanf("");
  const auto bytes = CheckpointBytes(tensors);
  ExpectIn(OpenBytes(bytes)->ReadFloats("a.weight").error().message(), "not a number");
  EXPECT_EQ(OpenBytes(bytes)->ReadFloats("none").error().code(), ErrorCode::kNotFound);
  const auto pickle = PickleWriter()
                          .Raw("}")
                          .Text("n")
                          .Tensor("0", "LongStorage", 1, 0, {1}, {1}, false)
                          .Raw("s")
                          .Stop();
  const auto counted = ZipOf({{"x/data.pkl", pickle}, {"x/data/0", std::string(8, '\0')}});
  ExpectIn(OpenBytes(counted)->ReadFloats("n").error().message(),
           "expected floating point, found int64");
}

TEST(Checkpoint, ComparesThePicklesChecksum) {
  auto bytes = CheckpointBytes(SomeTensors());
  const auto name = bytes.find("a.weight");
  ASSERT_NE(name, std::string::npos);
  bytes[name] = 'b';
  const auto message = MessageOf(bytes);
  ExpectIn(message, "test.pth: its 'data.pkl' is damaged: expected checksum ");
  ExpectIn(message, "download or copy the file again");
}

TEST(Checkpoint, NamesWhatThereIsInsteadOfWeights) {
  const auto holding = [](const std::string& opcodes) {
    return MessageOf(ZipOf({{"x/data.pkl", PickleWriter().Raw(opcodes).Stop()}}));
  };
  PickleWriter dict;
  dict.Raw("}(").Text("epoch").Integer(7).Text("optimizer").Raw("}u");
  const auto message = MessageOf(ZipOf({{"x/data.pkl", dict.Stop()}}));
  ExpectIn(message, "one under g_ema, params_ema");
  ExpectIn(message, "found a dict of 'epoch', 'optimizer': load it in Python");
  ExpectIn(holding("}"), "found an empty dict");
  ExpectIn(holding("]"), "found no dict: save the weights with torch.save");
}

TEST(Checkpoint, NamesTheDiscriminator) {
  ExpectIn(MessageOf(CheckpointBytes(SomeTensors(), {.nesting = {"d"}})), "only the discriminator");
}

TEST(Checkpoint, NestingDeepDoesNotExhaustTheStack) {
  std::string opcodes;
  for (int i = 0; i < 300000; ++i) opcodes += "]";
  for (int i = 0; i < 299999; ++i) opcodes += "a";
  EXPECT_NE(MessageOf(ZipOf({{"x/data.pkl", PickleWriter().Raw(opcodes).Stop()}})), "no error");
}

TEST(Checkpoint, RefusesAPickleThatGrows) {
  // A list of a million values, given again and again to OrderedDict: bounded, not quadratic.
  std::string opcodes = "](" + std::string(1000000, 'N') + "eq\x01" + "0";
  for (int i = 0; i < 100000; ++i) opcodes += "ccollections\nOrderedDict\n(h\x01tR0";
  EXPECT_NE(MessageOf(ZipOf({{"x/data.pkl", PickleWriter().Raw(opcodes).Stop()}})), "no error");
}

}  // namespace
}  // namespace gpen::converter
