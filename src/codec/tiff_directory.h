// TIFF directories (IFDs): the structure of TIFF files and of every EXIF block.
//
// Reads classic and big TIFF, writes classic. Reading is bounded and never fails on a damaged
// entry: its value is empty. Values stay in the byte order of their file. Knows no tag's meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// Data types of TIFF 6.0 that are used here by name.
enum TiffType : std::uint16_t {
  kTiffByte = 1,
  kTiffAscii = 2,
  kTiffShort = 3,
  kTiffLong = 4,
  kTiffRational = 5,
  kTiffUndefined = 7,
};

/// Bytes of one value; 0 for an unknown type.
int TiffTypeSize(std::uint16_t type);

struct TiffLayout {
  ByteOrder order = ByteOrder::kLittle;
  bool big = false;                   ///< BigTIFF: 64-bit offsets.
  std::uint64_t first_directory = 0;  ///< Offset.

  /// Sizes of a directory's parts: the count of its entries, an entry, an offset.
  std::uint64_t count_bytes() const { return big ? 8 : 2; }
  std::uint64_t entry_bytes() const { return big ? 20 : 12; }
  std::uint64_t offset_bytes() const { return big ? 8 : 4; }
};

struct TiffEntry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint64_t count = 0;
  Bytes value;                     ///< count * type size; empty where it does not lie in the file.
  std::uint64_t value_offset = 0;  ///< Where `value` begins in the file.
  Bytes field;                     ///< The entry itself, as stored (12 bytes, 20 in big TIFF).

  /// Value number `index` of an unsigned integer type; 0 where there is none.
  std::uint64_t Unsigned(std::uint64_t index, ByteOrder order) const;
};

struct TiffDirectory {
  std::vector<TiffEntry> entries;
  std::uint64_t offset = 0;
  std::uint64_t next = 0;  ///< Offset of the next directory, 0 for the last.

  const TiffEntry* Find(std::uint16_t tag) const;
};

/// The header of a TIFF structure; nothing where there is none.
std::optional<TiffLayout> ReadTiffLayout(Bytes bytes);

/// How many entries the directory that begins with `bytes` has; nothing where `bytes` are too few,
/// and for a number that no real directory has.
std::optional<std::uint64_t> ReadTiffEntryCount(Bytes bytes, const TiffLayout& layout);

/// The entry that is stored as `field` (layout.entry_bytes()), without its value.
TiffEntry ReadTiffEntry(Bytes field, const TiffLayout& layout);

/// The directory at `offset`; nothing where its entries do not lie within `bytes`.
std::optional<TiffDirectory> ReadTiffDirectory(Bytes bytes, const TiffLayout& layout,
                                               std::uint64_t offset);

/// An entry to be written.
struct NewTiffEntry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint32_t count = 0;
  /// In the byte order of the target. With `as_stored` the four bytes of the entry's value field,
  /// which may be an offset into the target; else the value itself.
  std::vector<std::byte> value;
  bool as_stored = false;
};

NewTiffEntry NewAsciiEntry(std::uint16_t tag, std::string_view text);
NewTiffEntry NewShortEntry(std::uint16_t tag, std::uint16_t value, ByteOrder order);
NewTiffEntry NewLongEntry(std::uint16_t tag, std::uint32_t value, ByteOrder order);
NewTiffEntry NewRationalEntry(std::uint16_t tag, std::uint32_t value, std::uint32_t divisor,
                              ByteOrder order);
NewTiffEntry NewBytesEntry(std::uint16_t tag, std::uint16_t type, Bytes value);

/// The entry of a classic TIFF as it is, for a directory in the same file.
NewTiffEntry AsStored(const TiffEntry& entry);

/// The entry with its value in the byte order `to`; nothing where the value is missing.
std::optional<NewTiffEntry> Converted(const TiffEntry& entry, ByteOrder from, ByteOrder to);

/// Sorts `entries` and appends them, with the values that do not fit into an entry, to `file`, a
/// classic TIFF structure of byte order `order`. Returns the directory's offset.
std::uint32_t AppendTiffDirectory(std::vector<NewTiffEntry> entries, std::uint32_t next,
                                  ByteOrder order, std::vector<std::byte>* file);

/// Writes `value` with `size` bytes at `offset`, which must lie within `file`.
void PutUnsigned(std::uint64_t value, std::uint64_t offset, int size, ByteOrder order,
                 std::vector<std::byte>* file);

}  // namespace gpen::codec
