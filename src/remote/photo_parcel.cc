#include "remote/photo_parcel.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/file.h"

namespace gpen::remote {
namespace {

using Json = nlohmann::ordered_json;

// Then follow the length of the header (8 hexadecimal digits), the header (JSON), and the parts, as
// long as the header says.
constexpr std::string_view kMagic = "gpen parcel 1\n";
constexpr std::size_t kLengthDigits = 8;
constexpr std::size_t kMostHeaderBytes = std::size_t{16} << 20;
constexpr std::size_t kMostNameBytes = 200;  // Of a machine; it stands in lists and figures.

Error NoParcel(const char* why) {
  return {ErrorCode::kInternal, std::string("what the other machine sent is no parcel: ") + why};
}

void Append(std::string_view text, std::vector<std::byte>* bytes) {
  const auto more = AsBytes(text);
  bytes->insert(bytes->end(), more.begin(), more.end());
}

std::string EightDigits(std::size_t number) {
  std::string digits(kLengthDigits, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, number >>= 4U) {
    *digit = "0123456789abcdef"[number & 15U];
  }
  return digits;
}

// More than any header has, where it is no number.
std::size_t ReadDigits(std::string_view digits) {
  std::size_t number = 0;
  for (const char c : digits) {
    const auto value = std::string_view("0123456789abcdef").find(c);
    if (value == std::string_view::npos) return kMostHeaderBytes + 1;
    number = number << 4U | value;
  }
  return number;
}

}  // namespace

std::vector<std::byte> FormatParcel(const restore::RestoredFiles& files) {
  const std::array<std::span<const std::byte>, 5> parts = {
      files.file, files.faces, files.before_preview, files.after_preview, files.mask_preview};
  Json sizes = Json::array();
  std::size_t total = 0;
  for (const auto& part : parts) {
    sizes.push_back(part.size());
    total += part.size();
  }
  const std::string header = Json{
      {"format", codec::NameOf(files.format)},
      {"machine", files.machine},
      {"report", files.report},
      {"sizes",
       std::move(sizes)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::vector<std::byte> bytes;
  bytes.reserve(kMagic.size() + kLengthDigits + header.size() + total);
  Append(kMagic, &bytes);
  Append(EightDigits(header.size()), &bytes);
  Append(header, &bytes);
  for (const auto& part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

Result<restore::RestoredFiles> ParseParcel(std::span<const std::byte> bytes) {
  const auto text = AsText(bytes);
  const std::size_t begin = kMagic.size() + kLengthDigits;
  if (!text.starts_with(kMagic) || text.size() < begin) return NoParcel("it begins otherwise");
  const auto length = ReadDigits(text.substr(kMagic.size(), kLengthDigits));
  if (length > kMostHeaderBytes || length > text.size() - begin) {
    return NoParcel("its header is cut short");
  }
  restore::RestoredFiles files;
  std::array<std::uint64_t, 5> sizes = {};
  try {
    const Json header = Json::parse(text.substr(begin, length));
    const auto format = codec::FormatFromName(header.at("format").get<std::string>());
    if (!format) return NoParcel("its photo is of no format that is known here");
    files.format = *format;
    files.machine = header.at("machine").get<std::string>().substr(0, kMostNameBytes);
    files.report = header.at("report").get<std::string>();
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      sizes[i] = header.at("sizes").at(i).get<std::uint64_t>();
    }
  } catch (const Json::exception&) {
    return NoParcel("its header is damaged");
  }
  files.figures = restore::FiguresOfJson(files.report);
  auto rest = bytes.subspan(begin + length);
  std::array<std::vector<std::byte>*, 5> parts = {&files.file, &files.faces, &files.before_preview,
                                                  &files.after_preview, &files.mask_preview};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (sizes[i] > rest.size()) return NoParcel("it is cut short");
    const auto part = rest.first(static_cast<std::size_t>(sizes[i]));
    parts[i]->assign(part.begin(), part.end());
    rest = rest.subspan(part.size());
  }
  if (!rest.empty() || files.file.empty()) return NoParcel("it is longer than its parts, or empty");
  return files;
}

}  // namespace gpen::remote
