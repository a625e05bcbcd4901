#include "http/multipart.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/file.h"

namespace gpen::http {
namespace {

struct Part {
  PartHeader header;
  std::string data;
  bool ended = false;
};

class Collector : public PartReader {
 public:
  Result<void> BeginPart(const PartHeader& header) override {
    parts.push_back({header, "", false});
    return {};
  }
  Result<void> PartData(std::span<const std::byte> bytes) override {
    parts.back().data += AsText(bytes);
    if (parts.back().data.size() > fail_after) {
      return Error(ErrorCode::kImageTooLarge, "too much for this reader");
    }
    return {};
  }
  Result<void> EndPart() override {
    parts.back().ended = true;
    return {};
  }

  std::vector<Part> parts;
  std::size_t fail_after = std::string::npos;
};

Result<void> Parse(std::string_view body, std::size_t piece, Collector* collector) {
  GPEN_ASSIGN_OR_RETURN(auto parser,
                        MultipartParser::Create("multipart/form-data; boundary=XYZ", collector));
  for (std::size_t at = 0; at < body.size(); at += piece) {
    GPEN_TRY(parser.Write(AsBytes(body.substr(at, piece))));
  }
  return parser.Finish();
}

// What curl, browsers and Python send, with traps: data that looks like the start of a delimiter,
// an empty part, a preamble and an epilogue.
constexpr std::string_view kBody =
    "a preamble\r\n--XYZ\r\n"
    "Content-Disposition: form-data; name=\"image\"; filename=\"my photo.jpg\"\r\n"
    "Content-Type: image/jpeg\r\n\r\n"
    "\r\n\r\n--XY\r\n--XYA--XYZ\r\n\r\r\n--XYZ\r\n"
    "content-disposition: form-data; name=strength\r\n\r\n"
    "80\r\n--XYZ\r\n"
    "Content-Disposition: form-data; name=\"empty\"; filename=\"\"\r\n\r\n"
    "\r\n--XYZ\r\n"
    "Content-Disposition: form-data; name=\"image\"; "
    "filename*=utf-8''%E7%85%A7%E7%89%87.jpg\r\n\r\n"
    "abc\r\n--XYZ--\r\nan epilogue";

TEST(MultipartParser, ReadsTheSamePartsHoweverTheBodyIsCut) {
  for (std::size_t piece = 1; piece <= kBody.size(); ++piece) {
    Collector collector;
    const auto parsed = Parse(kBody, piece, &collector);
    ASSERT_TRUE(parsed) << piece << ": " << parsed.error().message();
    ASSERT_EQ(collector.parts.size(), 4U) << piece;
    EXPECT_EQ(collector.parts[0].header.name, "image");
    EXPECT_EQ(collector.parts[0].header.file_name, "my photo.jpg");
    EXPECT_EQ(collector.parts[0].header.content_type, "image/jpeg");
    EXPECT_EQ(collector.parts[0].data, "\r\n\r\n--XY\r\n--XYA--XYZ\r\n\r") << piece;
    EXPECT_EQ(collector.parts[1].header.name, "strength");
    EXPECT_EQ(collector.parts[1].header.file_name, std::nullopt);
    EXPECT_EQ(collector.parts[1].data, "80");
    EXPECT_EQ(collector.parts[2].data, "");
    EXPECT_TRUE(collector.parts[2].ended);
    EXPECT_EQ(collector.parts[3].header.file_name, "\xE7\x85\xA7\xE7\x89\x87.jpg");
    EXPECT_EQ(collector.parts[3].data, "abc");
    EXPECT_TRUE(collector.parts[3].ended);
  }
}

TEST(MultipartParser, CaseOfTypesAndNamesTellsNothingApart) {
  for (const auto* type :
       {"Multipart/Form-Data; Boundary=XYZ", "MULTIPART/FORM-DATA;BOUNDARY=\"XYZ\"",
        "multipart/form-data; charset=UTF-8; boundary=XYZ"}) {
    Collector collector;
    auto parser = MultipartParser::Create(type, &collector);
    ASSERT_TRUE(parser) << type << ": " << parser.error().message();
    ASSERT_TRUE(parser->Write(
        AsBytes("--XYZ\r\nCONTENT-DISPOSITION: Form-Data; NAME=\"image\"; FileName=\"A.JPG\"\r\n"
                "content-TYPE: Image/JPEG\r\n\r\nabc\r\n--XYZ--\r\n")));
    ASSERT_TRUE(parser->Finish());
    ASSERT_EQ(collector.parts.size(), 1U);
    EXPECT_EQ(collector.parts[0].header.name, "image");
    EXPECT_EQ(collector.parts[0].header.file_name, "A.JPG");
  }
}

TEST(MultipartParser, ExtendedFileNamesSayTheirCharacterSet) {
  for (const auto& [parameters, name] :
       {std::pair{"filename=plain.jpg; FILENAME*=Utf-8''%E7%85%A7.jpg", "\xE7\x85\xA7.jpg"},
        std::pair{"filename*=UTF-8'en'a%20b.jpg", "a b.jpg"},
        std::pair{"filename=plain.jpg; filename*=iso-8859-1''%E9.jpg", "plain.jpg"},
        std::pair{"filename=plain.jpg; filename*=UTF-8''%zz", "plain.jpg"},
        std::pair{"filename=plain.jpg; filename*=\"\"", "plain.jpg"}}) {
    Collector collector;
    ASSERT_TRUE(Parse("--XYZ\r\nContent-Disposition: form-data; name=image; " +
                          std::string(parameters) + "\r\n\r\nx\r\n--XYZ--\r\n",
                      100, &collector));
    EXPECT_EQ(collector.parts[0].header.file_name, name) << parameters;
  }
}

TEST(MultipartParser, FileNamesAreKeptAsSpelt) {
  Collector collector;
  ASSERT_TRUE(
      Parse("--XYZ\r\nContent-Disposition: form-data; name=\"image\"; "
            "filename=\"../../etc/a%22b;c\\\"d 100%.jpg\"\r\n\r\nx\r\n--XYZ--\r\n",
            7, &collector));
  EXPECT_EQ(collector.parts[0].header.file_name, "../../etc/a\"b;c\"d 100%.jpg");
}

TEST(MultipartParser, RefusesWhatIsNotWellFormed) {
  for (const std::string_view body :
       {"", "--XYZ", "--XYZ\r\n", "--XYZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb",
        "--XYZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--XYZ\r\n",
        "--XYZ\r\nno colon\r\n\r\n\r\n--XYZ--", "--XYZ\r\n\r\n\r\n--XYZ--", "--XYZjunk\r\n",
        "--XYZ\r\nContent-Disposition: form-data\r\n\r\n\r\n--XYZ--", "no boundary at all"}) {
    Collector collector;
    const auto parsed = Parse(body, 3, &collector);
    ASSERT_FALSE(parsed) << body;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(MultipartParser, LimitsHeadersAndParts) {
  Collector collector;
  EXPECT_FALSE(Parse("--XYZ\r\nX: " + std::string(9000, 'x'), 100, &collector));
  std::string many;
  for (int i = 0; i < 2001; ++i) {
    many += "--XYZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
  }
  EXPECT_FALSE(Parse(many + "--XYZ--", 1000, &collector));
}

TEST(MultipartParser, PassesOnTheReadersError) {
  Collector collector;
  collector.fail_after = 5;
  const auto parsed = Parse(kBody, 11, &collector);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code(), ErrorCode::kImageTooLarge);
}

TEST(MultipartParser, WantsABoundary) {
  Collector collector;
  for (const auto* type : {"", "image/jpeg", "multipart/form-data",
                           "multipart/form-data; boundary=", "multipart/mixed; boundary=x"}) {
    EXPECT_FALSE(MultipartParser::Create(type, &collector)) << type;
  }
  EXPECT_TRUE(
      MultipartParser::Create("Multipart/Form-Data;charset=x; Boundary=\"a b\"", &collector));
}

}  // namespace
}  // namespace gpen::http
