#include "codec/tiff_directory.h"

#include <algorithm>
#include <array>

#include "codec/byte_writer.h"

namespace gpen::codec {
namespace {

// A real directory has tens of entries; the bound keeps crafted files cheap.
constexpr std::uint64_t kMaxEntries = 4096;

/// Bytes that are swapped together when the byte order changes.
int SwapUnit(std::uint16_t type) {
  const int size = TiffTypeSize(type);
  return type == kTiffRational || type == 10 ? 4 : size;  // 10: SRATIONAL.
}

}  // namespace

int TiffTypeSize(std::uint16_t type) {
  // BYTE ASCII SHORT LONG RATIONAL SBYTE UNDEFINED SSHORT SLONG SRATIONAL FLOAT DOUBLE IFD,
  // and LONG8 SLONG8 IFD8 of big TIFF from 16 on.
  constexpr std::array<int, 19> kSizes = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type < kSizes.size() ? kSizes[type] : 0;
}

std::uint64_t TiffEntry::Unsigned(std::uint64_t index, ByteOrder order) const {
  const int size = TiffTypeSize(type);
  const bool is_unsigned = type == kTiffByte || type == kTiffShort || type == kTiffLong ||
                           type == 13 || type == 16 || type == 18;
  if (!is_unsigned || index >= count) return 0;
  return ReadUnsigned(value, index * static_cast<unsigned>(size), size, order);
}

const TiffEntry* TiffDirectory::Find(std::uint16_t tag) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [tag](const TiffEntry& entry) { return entry.tag == tag; });
  return found == entries.end() ? nullptr : &*found;
}

std::optional<TiffLayout> ReadTiffLayout(Bytes bytes) {
  TiffLayout layout;
  if (HasTextAt(bytes, 0, "MM")) {
    layout.order = ByteOrder::kBig;
  } else if (!HasTextAt(bytes, 0, "II")) {
    return std::nullopt;
  }
  const int version = ReadU16(bytes, 2, layout.order);
  if (version == 42 && bytes.size() >= 8) {
    layout.first_directory = ReadU32(bytes, 4, layout.order);
    return layout;
  }
  if (version == 43 && bytes.size() >= 16) {
    layout.big = true;
    layout.first_directory = ReadUnsigned(bytes, 8, 8, layout.order);
    return layout;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ReadTiffEntryCount(Bytes bytes, const TiffLayout& layout) {
  const std::uint64_t count =
      ReadUnsigned(bytes, 0, static_cast<int>(layout.count_bytes()), layout.order);
  if (count == 0 || count > kMaxEntries) return std::nullopt;
  return count;
}

TiffEntry ReadTiffEntry(Bytes field, const TiffLayout& layout) {
  TiffEntry entry;
  entry.field = field;
  entry.tag = ReadU16(field, 0, layout.order);
  entry.type = ReadU16(field, 2, layout.order);
  entry.count = ReadUnsigned(field, 4, static_cast<int>(layout.offset_bytes()), layout.order);
  return entry;
}

std::optional<TiffDirectory> ReadTiffDirectory(Bytes bytes, const TiffLayout& layout,
                                               std::uint64_t offset) {
  if (offset == 0 || offset >= bytes.size()) return std::nullopt;
  const auto count = ReadTiffEntryCount(bytes.subspan(offset), layout);
  if (!count) return std::nullopt;
  std::uint64_t position = offset + layout.count_bytes();
  const std::uint64_t length = *count * layout.entry_bytes();
  if (Slice(bytes, position, length).size() != length) return std::nullopt;
  const auto offset_size = static_cast<int>(layout.offset_bytes());
  TiffDirectory directory;
  directory.offset = offset;
  for (std::uint64_t i = 0; i < *count; ++i, position += layout.entry_bytes()) {
    TiffEntry entry = ReadTiffEntry(Slice(bytes, position, layout.entry_bytes()), layout);
    const auto value_size = static_cast<std::uint64_t>(TiffTypeSize(entry.type));
    if (value_size != 0 && entry.count <= bytes.size() / value_size) {
      const std::uint64_t value_bytes = entry.count * value_size;
      const std::uint64_t field = position + layout.entry_bytes() - layout.offset_bytes();
      entry.value_offset = value_bytes <= layout.offset_bytes()
                               ? field
                               : ReadUnsigned(bytes, field, offset_size, layout.order);
      entry.value = Slice(bytes, entry.value_offset, value_bytes);
    }
    directory.entries.push_back(entry);
  }
  directory.next = ReadUnsigned(bytes, position, offset_size, layout.order);
  return directory;
}

NewTiffEntry NewAsciiEntry(std::uint16_t tag, std::string_view text) {
  NewTiffEntry entry{tag, kTiffAscii, static_cast<std::uint32_t>(text.size() + 1), {}};
  for (const char c : text) entry.value.push_back(static_cast<std::byte>(c));
  entry.value.push_back(std::byte{0});
  return entry;
}

NewTiffEntry NewShortEntry(std::uint16_t tag, std::uint16_t value, ByteOrder order) {
  NewTiffEntry entry{tag, kTiffShort, 1, {}};
  AppendUnsigned(value, 2, order, &entry.value);
  return entry;
}

NewTiffEntry NewLongEntry(std::uint16_t tag, std::uint32_t value, ByteOrder order) {
  NewTiffEntry entry{tag, kTiffLong, 1, {}};
  AppendUnsigned(value, 4, order, &entry.value);
  return entry;
}

NewTiffEntry NewRationalEntry(std::uint16_t tag, std::uint32_t value, std::uint32_t divisor,
                              ByteOrder order) {
  NewTiffEntry entry{tag, kTiffRational, 1, {}};
  AppendUnsigned(value, 4, order, &entry.value);
  AppendUnsigned(divisor, 4, order, &entry.value);
  return entry;
}

NewTiffEntry NewBytesEntry(std::uint16_t tag, std::uint16_t type, Bytes value) {
  return {tag, type, static_cast<std::uint32_t>(value.size()), {value.begin(), value.end()}};
}

NewTiffEntry AsStored(const TiffEntry& entry) {
  const Bytes field = entry.field.subspan(8, 4);
  return {entry.tag,
          entry.type,
          static_cast<std::uint32_t>(entry.count),
          {field.begin(), field.end()},
          /*as_stored=*/true};
}

std::optional<NewTiffEntry> Converted(const TiffEntry& entry, ByteOrder from, ByteOrder to) {
  if (entry.value.empty() || entry.type > 13) return std::nullopt;
  NewTiffEntry converted{entry.tag,
                         entry.type,
                         static_cast<std::uint32_t>(entry.count),
                         {entry.value.begin(), entry.value.end()}};
  const auto unit = static_cast<std::ptrdiff_t>(SwapUnit(entry.type));
  if (from != to && unit > 1) {
    for (auto at = converted.value.begin(); at != converted.value.end(); at += unit) {
      std::reverse(at, at + unit);
    }
  }
  return converted;
}

std::uint32_t AppendTiffDirectory(std::vector<NewTiffEntry> entries, std::uint32_t next,
                                  ByteOrder order, std::vector<std::byte>* file) {
  std::sort(entries.begin(), entries.end(),
            [](const NewTiffEntry& a, const NewTiffEntry& b) { return a.tag < b.tag; });
  if (file->size() % 2 != 0) file->push_back(std::byte{0});
  const std::size_t directory = file->size();
  AppendUnsigned(entries.size(), 2, order, file);
  file->resize(directory + 2 + entries.size() * 12);
  AppendUnsigned(next, 4, order, file);
  std::size_t position = directory + 2;
  for (const NewTiffEntry& entry : entries) {
    PutUnsigned(entry.tag, position, 2, order, file);
    PutUnsigned(entry.type, position + 2, 2, order, file);
    PutUnsigned(entry.count, position + 4, 4, order, file);
    if (entry.value.size() <= 4) {
      std::copy(entry.value.begin(), entry.value.end(),
                file->begin() + static_cast<std::ptrdiff_t>(position + 8));
    } else {
      if (file->size() % 2 != 0) file->push_back(std::byte{0});
      PutUnsigned(file->size(), position + 8, 4, order, file);
      file->insert(file->end(), entry.value.begin(), entry.value.end());
    }
    position += 12;
  }
  return static_cast<std::uint32_t>(directory);
}

void PutUnsigned(std::uint64_t value, std::uint64_t offset, int size, ByteOrder order,
                 std::vector<std::byte>* file) {
  for (int i = 0; i < size; ++i) {
    const int shift = 8 * (order == ByteOrder::kBig ? size - 1 - i : i);
    (*file)[offset + static_cast<unsigned>(i)] = static_cast<std::byte>(value >> shift & 0xFF);
  }
}

}  // namespace gpen::codec
