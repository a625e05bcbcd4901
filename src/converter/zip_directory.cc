#include "converter/zip_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

namespace gpen::converter {
namespace {

static_assert(std::endian::native == std::endian::little, "zip fields are little-endian");

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocator64Bytes = 20;
constexpr std::uint64_t kMaxCommentBytes = 65535;
constexpr std::uint64_t kMaxDirectoryBytes = 16 << 20;
constexpr std::uint32_t kInZip64 = 0xFFFFFFFF;

template <typename Integer>
Integer Field(std::span<const std::byte> bytes, std::size_t offset) {
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Error Damaged(const ByteSource& source, std::string_view what) {
  return Error(
      ErrorCode::kModelInvalid,
      fmt::format("{}: damaged zip archive: {}; download or copy it again", source.name(), what));
}

struct DirectoryPlace {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Follows the zip64 locator that stands before the end record at `end_offset`, if there is one.
Result<DirectoryPlace> FindDirectory(const ByteSource& source, std::uint64_t end_offset,
                                     std::span<const std::byte> end) {
  DirectoryPlace place{Field<std::uint32_t>(end, 16), Field<std::uint32_t>(end, 12)};
  if (end_offset >= kLocator64Bytes) {
    GPEN_ASSIGN_OR_RETURN(const auto locator,
                          source.ReadBytes(end_offset - kLocator64Bytes, kLocator64Bytes));
    if (Field<std::uint32_t>(locator, 0) == kLocator64Signature) {
      GPEN_ASSIGN_OR_RETURN(const auto end64,
                            source.ReadBytes(Field<std::uint64_t>(locator, 8), kEnd64Bytes));
      if (Field<std::uint32_t>(end64, 0) != kEnd64Signature) {
        return Damaged(source, "its zip64 end record is not where it should be");
      }
      place = {Field<std::uint64_t>(end64, 48), Field<std::uint64_t>(end64, 40)};
    }
  }
  if (place.size > kMaxDirectoryBytes || place.offset > end_offset ||
      place.size > end_offset - place.offset) {
    return Damaged(source, "its directory does not lie within the file");
  }
  return place;
}

Result<DirectoryPlace> LocateDirectory(const ByteSource& source) {
  const std::uint64_t tail_size = std::min(source.size(), kEndBytes + kMaxCommentBytes);
  const std::uint64_t tail_offset = source.size() - tail_size;
  GPEN_ASSIGN_OR_RETURN(const auto tail, source.ReadBytes(tail_offset, tail_size));
  for (std::size_t i = tail.size() < kEndBytes ? 0 : tail.size() - kEndBytes + 1; i-- > 0;) {
    if (Field<std::uint32_t>(tail, i) != kEndSignature) continue;
    // The comment must reach exactly to the end, or these four bytes are part of something else.
    if (i + kEndBytes + Field<std::uint16_t>(tail, i + 20) != tail.size()) continue;
    return FindDirectory(source, tail_offset + i, std::span(tail).subspan(i, kEndBytes));
  }
  return Error(ErrorCode::kModelInvalid,
               fmt::format("{}: the file is cut short: a zip archive ends with a directory, and "
                           "after {} bytes there is none; download or copy it again",
                           source.name(), source.size()));
}

// Replaces the fields that stand in the zip64 extra field (identifier 1) in their fixed order.
bool ReadZip64Extra(std::span<const std::byte> extra, std::uint64_t& size,
                    std::uint64_t& stored_size, std::uint64_t& local_offset) {
  while (extra.size() >= 4) {
    const auto id = Field<std::uint16_t>(extra, 0);
    const auto length = Field<std::uint16_t>(extra, 2);
    if (length > extra.size() - 4) return false;
    auto body = extra.subspan(4, length);
    if (id == 1) {
      for (std::uint64_t* field : {&size, &stored_size, &local_offset}) {
        if (*field != kInZip64) continue;
        if (body.size() < 8) return false;
        *field = Field<std::uint64_t>(body, 0);
        body = body.subspan(8);
      }
      return true;
    }
    extra = extra.subspan(4 + std::size_t{length});
  }
  return size != kInZip64 && stored_size != kInZip64 && local_offset != kInZip64;
}

// Parses one record at the front of `directory` and removes it.
Result<ZipEntry> TakeEntry(const ByteSource& source, std::span<const std::byte>& directory) {
  if (directory.size() < kEntryBytes || Field<std::uint32_t>(directory, 0) != kEntrySignature) {
    return Damaged(source, "its directory has a broken record");
  }
  const std::size_t name_size = Field<std::uint16_t>(directory, 28);
  const std::size_t extra_size = Field<std::uint16_t>(directory, 30);
  const std::size_t record_size =
      kEntryBytes + name_size + extra_size + Field<std::uint16_t>(directory, 32);
  if (record_size > directory.size()) return Damaged(source, "its directory has a broken record");
  ZipEntry entry;
  entry.name = {reinterpret_cast<const char*>(directory.data()) + kEntryBytes, name_size};
  entry.crc32 = Field<std::uint32_t>(directory, 16);
  entry.size = Field<std::uint32_t>(directory, 24);
  std::uint64_t stored_size = Field<std::uint32_t>(directory, 20);
  std::uint64_t local_offset = Field<std::uint32_t>(directory, 42);
  if (!ReadZip64Extra(directory.subspan(kEntryBytes + name_size, extra_size), entry.size,
                      stored_size, local_offset)) {
    return Damaged(source, "its directory has a broken zip64 field");
  }
  const bool encrypted = (Field<std::uint16_t>(directory, 8) & 1U) != 0;
  const auto method = Field<std::uint16_t>(directory, 10);
  directory = directory.subspan(record_size);
  if (encrypted || method != 0 || stored_size != entry.size) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: the zip entry '{}' is {}; PyTorch stores its entries plainly: "
                             "expected a checkpoint as torch.save wrote it, not packed again",
                             source.name(), entry.name, encrypted ? "encrypted" : "compressed"));
  }
  GPEN_ASSIGN_OR_RETURN(const auto local, source.ReadBytes(local_offset, kLocalBytes));
  if (Field<std::uint32_t>(local, 0) != kLocalSignature) {
    return Damaged(source, fmt::format("the entry '{}' is not where it should be", entry.name));
  }
  entry.offset = local_offset + kLocalBytes + Field<std::uint16_t>(local, 26) +
                 Field<std::uint16_t>(local, 28);
  if (entry.offset > source.size() || entry.size > source.size() - entry.offset) {
    return Damaged(source, fmt::format("the entry '{}' ends after the file", entry.name));
  }
  return entry;
}

constexpr std::array<std::uint32_t, 256> MakeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
    table[i] = value;
  }
  return table;
}

}  // namespace

bool LooksLikeZip(std::span<const std::byte> first_bytes) {
  if (first_bytes.size() < 4) return false;
  const auto signature = Field<std::uint32_t>(first_bytes, 0);
  return signature == kLocalSignature || signature == kEndSignature;
}

Result<std::vector<ZipEntry>> ReadZipDirectory(const ByteSource& source) {
  GPEN_ASSIGN_OR_RETURN(const auto place, LocateDirectory(source));
  GPEN_ASSIGN_OR_RETURN(const auto bytes, source.ReadBytes(place.offset, place.size));
  std::span<const std::byte> directory = bytes;
  std::vector<ZipEntry> entries;
  std::set<std::string> names;
  while (!directory.empty()) {
    GPEN_ASSIGN_OR_RETURN(auto entry, TakeEntry(source, directory));
    // Two entries of one name are read differently by different programs: a way to hide things.
    if (!names.insert(entry.name).second) {
      return Damaged(source, fmt::format("the entry '{}' is there twice", entry.name));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::uint32_t Crc32(std::span<const std::byte> bytes) {
  static constexpr auto kTable = MakeCrcTable();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint32_t>(byte)) & 0xFFU];
  }
  return ~crc;
}

}  // namespace gpen::converter
