// The bits of a JPEG's coded data, and the codes that they are read by. Not what they mean.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// A table of codes (DHT).
class HuffmanTable {
 public:
  HuffmanTable() = default;
  /// `counts`: of codes of 1 to 16 bits; `symbols`: theirs.
  HuffmanTable(Bytes counts, Bytes symbols) {
    int code = 0;
    std::size_t next = 0;
    for (int length = 1; length <= kLongestCode; ++length, code <<= 1) {
      const int count = ReadU8(counts, static_cast<unsigned>(length - 1));
      first_[static_cast<std::size_t>(length)] = static_cast<int>(next) - code;
      for (int i = 0; i < count; ++i, ++code, ++next) {
        symbols_[next & 255U] = ReadU8(symbols, next);
        if (length <= kLookBits) Enter(code, length, symbols_[next & 255U]);
      }
      end_[static_cast<std::size_t>(length)] = code << (kLongestCode - length);
    }
    is_there_ = code <= 1 << (kLongestCode + 1) && next <= 256;
  }

  bool is_there() const { return is_there_; }

  /// The symbol of the code that `bits`, 16 of them, begin with, and its length; -1 for none.
  int Find(unsigned bits, int* length) const {
    const std::uint16_t entry = look_[bits >> (kLongestCode - kLookBits)];
    if (entry != 0) {
      *length = entry >> 8;
      return entry & 255;
    }
    for (int i = kLookBits + 1; i <= kLongestCode; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (static_cast<int>(bits) >= end_[at]) continue;
      *length = i;
      const int place = first_[at] + static_cast<int>(bits >> (kLongestCode - i));
      return symbols_[static_cast<std::size_t>(place) & 255U];
    }
    return -1;
  }

 private:
  static constexpr int kLookBits = 9;
  static constexpr int kLongestCode = 16;

  void Enter(int code, int length, std::uint8_t symbol) {
    const int room = kLookBits - length;
    for (int i = 0; i < 1 << room; ++i) {
      const auto at = static_cast<std::size_t>((code << room) + i);
      if (at < look_.size()) look_[at] = static_cast<std::uint16_t>(length << 8 | symbol);
    }
  }

  bool is_there_ = false;
  std::array<std::uint16_t, 1 << kLookBits> look_ = {};  // Length and symbol; 0: a longer code.
  std::array<int, kLongestCode + 1> end_ = {};           // Of each length, at 16 bits.
  std::array<int, kLongestCode + 1> first_ = {};         // From a code to its symbol's place.
  std::array<std::uint8_t, 256> symbols_ = {};
};

/// Bits of coded data up to the next mark, behind which there are zeros.
class BitReader {
 public:
  BitReader(Bytes data, std::uint64_t at) : data_(data), at_(at) {}

  /// Afterwards Peek and Take have 32 bits.
  void Fill() {
    while (count_ <= 48) {
      unsigned byte = 0;
      if (at_ < data_.size() && (byte = std::to_integer<unsigned>(data_[at_])) != 0xFF) {
        ++at_;
      } else if (!SkipStuffing()) {
        byte = 0;
        borrowed_ += 8;
      }
      buffer_ = buffer_ << 8 | byte;
      count_ += 8;
    }
  }

  unsigned Peek16() const { return static_cast<unsigned>(buffer_ >> (count_ - 16)) & 0xFFFFU; }
  void Skip(int bits) { count_ -= bits; }
  int Take(int bits) {
    count_ -= bits;
    return static_cast<int>(buffer_ >> count_ & ((1U << bits) - 1));
  }

  bool IsPastEnd() const { return count_ < borrowed_; }

  /// Goes to the next mark and returns it; 0 where there is none. `is_padded`: what was passed is
  /// nothing or padding, and not blocks that were left over.
  int NextMark(bool* is_padded) {
    int left = (count_ - borrowed_) / 8;
    std::optional<unsigned> first;
    std::size_t passed = 0;
    bool alike = true;
    const auto pass = [&](unsigned byte) {
      alike &= byte == first.value_or(byte);
      first = byte;
      ++passed;
    };
    for (; left > 0; --left) {
      pass(static_cast<unsigned>(buffer_ >> (borrowed_ + 8 * (left - 1))) & 0xFFU);
    }
    while (at_ < data_.size()) {
      const auto byte = std::to_integer<unsigned>(data_[at_]);
      if (byte != 0xFF) {
        pass(byte);
        ++at_;
      } else if (SkipStuffing()) {
        pass(0xFF);
      } else {
        break;
      }
    }
    // A byte or two that are no usual padding are the end of a block.
    constexpr std::size_t kFew = 4;
    *is_padded = alike && (passed >= kFew || first.value_or(0) == 0 || *first == 0xFF);
    while (at_ + 1 < data_.size() && ReadU8(data_, at_ + 1) == 0xFF) ++at_;
    const int mark = ReadU8(data_, at_ + 1);
    at_ += 2;
    buffer_ = 0;
    count_ = borrowed_ = 0;
    return mark;
  }

 private:
  // At 0xFF: goes behind it where it is a byte of the data.
  bool SkipStuffing() {
    std::uint64_t next = at_ + 1;
    while (next < data_.size() && ReadU8(data_, next) == 0xFF) ++next;
    if (next >= data_.size() || ReadU8(data_, next) != 0) return false;
    at_ = next + 1;
    return true;
  }

  Bytes data_;
  std::uint64_t at_;
  std::uint64_t buffer_ = 0;
  int count_ = 0;     // Bits in the buffer ...
  int borrowed_ = 0;  // ... of which the last ones are no data.
};

}  // namespace gpen::codec
