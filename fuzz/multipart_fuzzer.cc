// The multipart parser: whole and cut into pieces it must say the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/file.h"
#include "http/multipart.h"

namespace {

class Collector : public gpen::http::PartReader {
 public:
  gpen::Result<void> BeginPart(const gpen::http::PartHeader& header) override {
    text += "[" + header.name + "|" + header.file_name.value_or("") + "]";
    return {};
  }
  gpen::Result<void> PartData(std::span<const std::byte> bytes) override {
    text += gpen::AsText(bytes);
    return {};
  }
  gpen::Result<void> EndPart() override {
    text += "[end]";
    return {};
  }
  std::string text;
};

bool Parse(std::string_view body, std::size_t piece, std::string* text) {
  Collector collector;
  auto parser = gpen::http::MultipartParser::Create("multipart/form-data; boundary=X", &collector);
  bool good = parser.has_value();
  for (std::size_t at = 0; good && at < body.size(); at += piece) {
    good = parser->Write(gpen::AsBytes(body.substr(at, piece))).has_value();
  }
  good = good && parser->Finish().has_value();
  *text = collector.text;
  return good;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = data[0] % 64 + 1;
  std::string whole;
  std::string cut;
  const bool whole_good = Parse(body, body.size() + 1, &whole);
  const bool cut_good = Parse(body, piece, &cut);
  if (whole_good != cut_good || (whole_good && whole != cut)) std::abort();
  return 0;
}
