// What openapi.json and the page's photo_options.ts say about photo options is what the table says.
// They are files, and not made while building, so that the page builds by itself and its types can
// be made from the document; these tests say what must stand in them.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "api/openapi_document.h"
#include "base/file.h"
#include "restore/photo_options.h"
#include "restore/presets.h"

namespace gpen::api {
namespace {

using Json = nlohmann::ordered_json;
using restore::OptionSetter;
using restore::OptionType;
using restore::PhotoOption;

constexpr std::string_view kOptionsPath = "#/components/schemas/Options/properties/";

// 24 and not 24.0, as people write it.
Json NumberToJson(double value) {
  return value == std::floor(value) ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

Json DefaultOf(const PhotoOption& option) {
  const auto value = option.get({});
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* whole = std::get_if<int>(&value)) return *whole;
  if (const auto* number = std::get_if<double>(&value)) return NumberToJson(*number);
  if (const auto* word = std::get_if<std::string_view>(&value)) return *word;
  return nullptr;
}

Json SchemaOf(const PhotoOption& option) {
  Json schema;
  const auto set_type = [&](const char* type) {
    schema["type"] = option.may_be_absent ? Json({type, "null"}) : Json(type);
  };
  const auto set_bounds = [&] {
    schema["minimum"] = NumberToJson(option.least);
    schema["maximum"] = NumberToJson(option.most);
  };
  switch (option.type) {
    case OptionType::kSwitch:
      set_type("boolean");
      break;
    case OptionType::kWhole:
      set_type("integer");
      set_bounds();
      break;
    case OptionType::kNumber:
      set_type("number");
      set_bounds();
      break;
    case OptionType::kWord:
      for (const auto word : option.words) schema["enum"].push_back(word);
      if (option.may_be_absent) schema["enum"].push_back(nullptr);
      break;
    case OptionType::kName:
    case OptionType::kBoxes:
    case OptionType::kStrokes:
      set_type("string");
      break;
  }
  schema["description"] = option.description;
  return schema;
}

Json Document() { return Json::parse(OpenApiDocument()); }

// An option of a job, whoever set it.
TEST(OpenApiOptions, AreThoseOfTheTable) {
  Json expected = {{"type", "object"}};
  for (const auto& option : restore::AllPhotoOptions()) {
    if (option.is_preset) continue;  // A job has what it stands for.
    expected["properties"][std::string(option.name)] = SchemaOf(option);
    if (!option.came_later) expected["required"].push_back(option.name);
  }
  expected["additionalProperties"] = false;
  EXPECT_EQ(Document()["components"]["schemas"]["Options"].dump(), expected.dump());
}

TEST(OpenApiOptions, FieldsAreThoseThatARequestMaySet) {
  Json expected = {{"type", "object"}};
  for (const auto& option : restore::AllPhotoOptions()) {
    if (!option.MayBeSetBy(OptionSetter::kApi)) continue;
    const std::string name(option.name);
    if (option.is_preset) {
      expected["properties"][name] = SchemaOf(option);
      expected["properties"][name]["default"] = DefaultOf(option);
      continue;
    }
    expected["properties"][name] = {{"$ref", std::string(kOptionsPath) + name},
                                    {"default", DefaultOf(option)}};
  }
  EXPECT_EQ(Document()["components"]["schemas"]["OptionFields"].dump(), expected.dump());
}

TEST(OpenApiOptions, BothWaysToSendAPhotoTakeThem) {
  const Json document = Document();
  for (const auto* path : {"/enhance", "/api/v1/jobs"}) {
    const auto& operation = document["paths"][path]["post"];
    const auto& query = operation["parameters"][0];
    EXPECT_EQ(query["in"], "query");
    EXPECT_EQ(query["explode"], true);
    EXPECT_EQ(query["schema"]["$ref"], "#/components/schemas/OptionFields");
    const auto& form = operation["requestBody"]["content"]["multipart/form-data"]["schema"];
    EXPECT_EQ(form["$ref"], "#/components/schemas/UploadForm");
  }
  EXPECT_EQ(document["components"]["schemas"]["UploadForm"]["allOf"][0]["$ref"],
            "#/components/schemas/OptionFields");
}

// Nobody has bounds or words of an option but the table's.
TEST(OpenApiOptions, OthersReferToThem) {
  const Json document = Document();
  const auto& post = document["paths"]["/api/v1/jobs/{id}/blend"]["post"];
  for (const Json& blend :
       {document["components"]["schemas"]["Blend"]["properties"],
        post["requestBody"]["content"]["application/json"]["schema"]["properties"]}) {
    EXPECT_EQ(blend["faces"]["items"]["$ref"], std::string(kOptionsPath) + "strength");
    EXPECT_EQ(blend["mode"]["$ref"], std::string(kOptionsPath) + "mode");
    EXPECT_EQ(blend["protect_tone"]["$ref"], std::string(kOptionsPath) + "protect_tone");
  }
}

TEST(OpenApiPage, ShowsEachOptionAsAParameter) {
  const auto page = OpenApiPage();
  for (const auto name : restore::PhotoOptionNames(OptionSetter::kApi)) {
    EXPECT_NE(page.find("<code>" + std::string(name) + "</code> (query)"), std::string::npos)
        << name;
  }
}

std::string WordsToText(const PhotoOption& option) {
  std::string text;
  for (const auto word : option.words) {
    text += (text.empty() ? "'" : ", '") + std::string(word) + "'";
  }
  return "[" + text + "]";
}

// A row of photo_options.ts.
std::string PageRow(const PhotoOption& option) {
  std::string row = "  " + std::string(option.name) + ": { ";
  if (option.type == OptionType::kWhole || option.type == OptionType::kNumber) {
    row += "least: " + NumberToJson(option.least).dump();
    row += ", most: " + NumberToJson(option.most).dump() + ", ";
  }
  if (option.type == OptionType::kWord) row += "words: " + WordsToText(option) + ", ";
  const Json usual = DefaultOf(option);
  row += "default: " + (usual.is_string() ? "'" + usual.get<std::string>() + "'" : usual.dump());
  return row + " },\n";
}

// What each preset sets, with the defaults of what others set.
std::string PagePresets() {
  std::string text = "export const presets = {\n";
  for (const auto& preset : restore::AllPresets()) {
    restore::PhotoOptions options;
    EXPECT_TRUE(restore::SetOption("preset", preset.name, OptionSetter::kPage, &options));
    text += "  '" + std::string(preset.name) + "': {\n";
    for (const auto name : restore::PresetOptions()) {
      const auto& option = *restore::FindPhotoOption(name, OptionSetter::kPage);
      const auto value = restore::FormatValue(option.get(options));
      text += "    " + std::string(name) + ": " +
              (option.type == OptionType::kWord ? "'" + value + "'" : value) + ",\n";
    }
    text += "  },\n";
  }
  return text + "} as const;\n";
}

TEST(PageOptions, AreThoseThatThePageMaySet) {
  const auto file = ReadFile("webui/src/api/photo_options.ts", 1 << 20);
  ASSERT_TRUE(file) << file.error().message();
  std::string expected = "export const photoOptions = {\n";
  for (const auto& option : restore::AllPhotoOptions()) {
    if (option.is_preset) continue;  // The page has the table of what they set.
    if (option.MayBeSetBy(OptionSetter::kPage)) expected += PageRow(option);
  }
  expected += "} as const;\n\n" + PagePresets();
  const auto text = AsText(*file);
  EXPECT_NE(text.find(expected), std::string::npos)
      << "expected in webui/src/api/photo_options.ts:\n"
      << expected << "found:\n"
      << text;
}

}  // namespace
}  // namespace gpen::api
