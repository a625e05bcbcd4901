#include "codec/jpeg_scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <optional>

#include "codec/jpeg_bits.h"
#include "codec/jpeg_quality.h"

namespace gpen::codec {
namespace {

// Categories of the standard for 8 bits.
constexpr int kMostOfDc = 11, kMostOfAc = 10;
// A picture's coefficients lie within +-1024. Some encoders go beyond it where a block is partly
// clipped.
constexpr int kMostLevel = 1024, kMostOfClipped = 1400, kRoom = 8;
constexpr std::size_t kMostBlocks = std::size_t{1} << 26;

// Row by row, the frequency down and across of each place in the coded order.
constexpr std::array<std::uint8_t, 64> kZigzag = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

// What a coefficient of frequency i adds to the mean of a block's edge, continued by half a pixel.
std::array<float, 8> EdgeWeights() {
  std::array<float, 8> weights;
  for (int i = 0; i < 8; ++i) {
    const double scale = i == 0 ? 1.0 / 8 : std::numbers::sqrt2 / 8;
    const double outer = std::cos(i * std::numbers::pi / 16);
    const double inner = std::cos(3 * i * std::numbers::pi / 16);
    weights[static_cast<std::size_t>(i)] = static_cast<float>(scale * (1.5 * outer - 0.5 * inner));
  }
  return weights;
}

struct Component {
  int id = 0;
  int across = 1, down = 1;  // Blocks of a unit.
  std::size_t divisors = 0, dc_table = 0, ac_table = 0;
};

struct Tables {
  std::array<std::optional<QuantisationTable>, 4> divisors;
  std::array<HuffmanTable, 4> dc, ac;
};

struct ScanHeader {
  int width = 0, height = 0;
  int restart_interval = 0;
  std::vector<Component> components;
  Tables tables;
  std::uint64_t data_at = 0;
};

void ReadDivisors(Bytes segment, Tables* tables) {
  for (std::uint64_t at = 0; at < segment.size();) {
    const int spec = ReadU8(segment, at++);
    const int bytes = spec >> 4 ? 2 : 1;
    QuantisationTable table;
    for (std::uint16_t& divisor : table) {
      divisor = static_cast<std::uint16_t>(ReadUnsigned(segment, at, bytes, ByteOrder::kBig));
      at += static_cast<unsigned>(bytes);
    }
    if (at <= segment.size()) tables->divisors[static_cast<std::size_t>(spec & 3)] = table;
  }
}

void ReadCodes(Bytes segment, Tables* tables) {
  for (std::uint64_t at = 0; at + 17 <= segment.size();) {
    const int spec = ReadU8(segment, at);
    const Bytes counts = Slice(segment, at + 1, 16);
    std::uint64_t symbols = 0;
    for (const std::byte count : counts) symbols += std::to_integer<unsigned>(count);
    auto& table = (spec >> 4 == 0 ? tables->dc : tables->ac)[static_cast<std::size_t>(spec & 3)];
    table = HuffmanTable(counts, Slice(segment, at + 17, symbols));
    at += 17 + symbols;
  }
}

void ReadFrame(Bytes segment, ScanHeader* header) {
  header->height = ReadU16(segment, 1, ByteOrder::kBig);
  header->width = ReadU16(segment, 3, ByteOrder::kBig);
  for (unsigned i = 0; i < ReadU8(segment, 5) && i < 4; ++i) {
    const int sampling = ReadU8(segment, 7 + 3 * i);
    header->components.push_back({.id = ReadU8(segment, 6 + 3 * i),
                                  .across = sampling >> 4,
                                  .down = sampling & 15,
                                  .divisors = ReadU8(segment, 8 + 3 * i) & 3U});
  }
}

// Whether it is one scan of all components, each with its tables.
bool ReadScanStart(Bytes segment, ScanHeader* header) {
  const std::size_t count = header->components.size();
  if (count == 0 || ReadU8(segment, 0) != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    Component& component = header->components[i];
    const int tables = ReadU8(segment, 2 + 2 * i);
    component.dc_table = static_cast<std::size_t>(tables >> 4 & 3);
    component.ac_table = static_cast<std::size_t>(tables & 3);
    if (count == 1) component.across = component.down = 1;
    if (ReadU8(segment, 1 + 2 * i) != component.id || component.across < 1 || component.down < 1 ||
        component.across > 4 || component.down > 4 ||
        !header->tables.divisors[component.divisors] ||
        !header->tables.dc[component.dc_table].is_there() ||
        !header->tables.ac[component.ac_table].is_there()) {
      return false;
    }
  }
  return header->width > 0 && header->height > 0;
}

// Nothing where the picture is coded otherwise.
std::optional<ScanHeader> ReadHeaderOfScan(Bytes file) {
  ScanHeader header;
  for (std::uint64_t at = 2; at + 4 <= file.size();) {
    const int marker = ReadU8(file, at + 1);
    if (ReadU8(file, at) != 0xFF || marker == 0xFF) {
      ++at;
      continue;
    }
    at += 2;
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;
    const std::uint64_t length = ReadU16(file, at, ByteOrder::kBig);
    const Bytes segment = length < 2 ? Bytes{} : Slice(file, at + 2, length - 2);
    at += std::max<std::uint64_t>(length, 2);
    const bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8;
    if (marker == 0xDB) ReadDivisors(segment, &header.tables);
    if (marker == 0xC4) ReadCodes(segment, &header.tables);
    if (marker == 0xDD) header.restart_interval = ReadU16(segment, 0, ByteOrder::kBig);
    if (marker == 0xD9 || (is_frame && (marker > 0xC1 || ReadU8(segment, 0) != 8))) break;
    if (is_frame) ReadFrame(segment, &header);
    if (marker != 0xDA) continue;
    header.data_at = at;
    if (!ReadScanStart(segment, &header)) break;
    return header;
  }
  return std::nullopt;
}

// The value of a category and the bits that follow its code.
int Extended(int bits, int category) {
  return bits < 1 << (category - 1) ? bits - (1 << category) + 1 : bits;
}

class Reader {
 public:
  Reader(Bytes file, const ScanHeader& header)
      : header_(header), bits_(file, header.data_at), weights_(EdgeWeights()) {}

  bool MakeRoom(Scan* scan) {
    int across = 1;
    int down = 1;
    for (const Component& component : header_.components) {
      across = std::max(across, component.across);
      down = std::max(down, component.down);
    }
    unit_columns_ = (header_.width + 8 * across - 1) / (8 * across);
    unit_rows_ = (header_.height + 8 * down - 1) / (8 * down);
    std::size_t all = 0;
    for (const Component& component : header_.components) {
      ScanBlocks blocks;
      blocks.columns = unit_columns_ * component.across;
      blocks.rows = unit_rows_ * component.down;
      blocks.unit_columns = component.across;
      blocks.unit_rows = component.down;
      const QuantisationTable& divisors = *header_.tables.divisors[component.divisors];
      blocks.quantum = static_cast<float>(divisors[0]) / 8;
      const auto count =
          static_cast<std::size_t>(blocks.columns) * static_cast<std::size_t>(blocks.rows);
      all += count;
      if (all > kMostBlocks) return false;
      blocks.step_down.resize(count);
      blocks.step_right.resize(count);
      lower_edges_.emplace_back(blocks.columns);
      right_edges_.emplace_back(component.down);
      scan->components.push_back(std::move(blocks));
    }
    levels_.resize(header_.components.size());
    return true;
  }

  // False at the first thing that no encoder writes.
  bool Read(Scan* scan) {
    int until_restart = header_.restart_interval;
    int restarts = 0;
    for (int row = 0; row < unit_rows_; ++row) {
      for (int column = 0; column < unit_columns_; ++column) {
        if (header_.restart_interval > 0 && until_restart-- == 0) {
          if (!Restart(restarts++)) return false;
          until_restart = header_.restart_interval - 1;
        }
        if (!ReadUnit(row, column, scan)) return false;
      }
      if (bits_.IsPastEnd()) return false;
    }
    bool is_padded = false;
    const int mark = bits_.NextMark(&is_padded);
    return is_padded && !(mark >= 0xD0 && mark <= 0xD7) && !HasStrayRuns();
  }

 private:
  bool Restart(int number) {
    if (bits_.IsPastEnd()) return false;
    bool is_padded = false;
    const int mark = bits_.NextMark(&is_padded);
    std::ranges::fill(levels_, 0);
    return is_padded && mark == 0xD0 + number % 8;
  }

  bool ReadUnit(int row, int column, Scan* scan) {
    for (std::size_t i = 0; i < header_.components.size(); ++i) {
      const Component& component = header_.components[i];
      for (int y = 0; y < component.down; ++y) {
        for (int x = 0; x < component.across; ++x) {
          if (!ReadBlock(component, &levels_[i])) return false;
          NoteEdges(i, row * component.down + y, column * component.across + x, y, scan);
        }
      }
    }
    return true;
  }

  void NoteEdges(std::size_t component, int row, int column, int row_in_unit, Scan* scan) {
    ScanBlocks& blocks = scan->components[component];
    const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(blocks.columns) +
                    static_cast<std::size_t>(column);
    float& lower = lower_edges_[component][static_cast<std::size_t>(column)];
    if (row > 0) blocks.step_down[at] = even_down_ + odd_down_ - lower;
    lower = even_down_ - odd_down_;
    float& right = right_edges_[component][static_cast<std::size_t>(row_in_unit)];
    if (column > 0) blocks.step_right[at] = even_across_ + odd_across_ - right;
    right = even_across_ - odd_across_;
  }

  void AddToEdges(int place, int level) {
    const int frequency = kZigzag[static_cast<std::size_t>(place)];
    const auto value = static_cast<float>(level);
    if (frequency < 8) {
      const float part = value * weights_[static_cast<std::size_t>(frequency)];
      (frequency % 2 == 0 ? even_across_ : odd_across_) += part;
    }
    if (frequency % 8 == 0) {
      const float part = value * weights_[static_cast<std::size_t>(frequency / 8)];
      (frequency / 8 % 2 == 0 ? even_down_ : odd_down_) += part;
    }
  }

  int TakeSymbol(const HuffmanTable& table) {
    bits_.Fill();
    int length = 0;
    const int symbol = table.Find(bits_.Peek16(), &length);
    bits_.Skip(length);
    return symbol;
  }

  bool ReadBlock(const Component& component, int* level) {
    const QuantisationTable& divisors = *header_.tables.divisors[component.divisors];
    const int category = TakeSymbol(header_.tables.dc[component.dc_table]);
    if (category < 0 || category > kMostOfDc) return false;
    if (category > 0) *level += Extended(bits_.Take(category), category);
    const int mean = *level * divisors[0];
    even_down_ = odd_down_ = even_across_ = odd_across_ = 0;
    AddToEdges(0, mean);
    bool is_flat = true;
    if (!ReadFrequencies(header_.tables.ac[component.ac_table], divisors, &is_flat)) return false;
    const int most = is_flat ? kMostLevel + kRoom : kMostOfClipped;
    ++blocks_;
    return std::abs(mean) <= most + divisors[0];
  }

  bool ReadFrequencies(const HuffmanTable& codes, const QuantisationTable& divisors,
                       bool* is_flat) {
    bool after_run = false;
    for (int place = 1; place < 64; ++place) {
      const int symbol = TakeSymbol(codes);
      if (symbol < 0) return false;
      const int category = symbol & 15;
      place += symbol >> 4;
      if (category == 0) {
        if (symbol == 0) {
          stray_runs_ += after_run ? 1 : 0;
          return true;
        }
        // Sixteen zeros with something behind them; shorter runs without a value are none.
        if (symbol != 0xF0 || place >= 63) return false;
        after_run = true;
        continue;
      }
      if (category > kMostOfAc || place > 63) return false;
      const int divisor = divisors[static_cast<std::size_t>(place)];
      const int value = Extended(bits_.Take(category), category) * divisor;
      if (std::abs(value) > kMostOfClipped + divisor) return false;
      AddToEdges(place, value);
      after_run = *is_flat = false;
    }
    return true;
  }

  // A run of zeros up to a block's end is said shorter. An encoder that does not know it would do
  // so all the time.
  bool HasStrayRuns() const { return stray_runs_ > 0 && stray_runs_ < blocks_ / 1000 + 1; }

  const ScanHeader& header_;
  BitReader bits_;
  std::array<float, 8> weights_;
  int unit_columns_ = 0, unit_rows_ = 0;
  std::vector<int> levels_;  // Of each component's last block.
  // Of the block that is read: what even and odd frequencies add to its edges.
  float even_down_ = 0, odd_down_ = 0, even_across_ = 0, odd_across_ = 0;
  std::vector<std::vector<float>> lower_edges_;  // Of the blocks above.
  std::vector<std::vector<float>> right_edges_;  // Of the blocks before, for each row of a unit.
  std::int64_t blocks_ = 0, stray_runs_ = 0;
};

}  // namespace

Scan ReadScan(Bytes file) {
  Scan scan;
  const auto header = ReadHeaderOfScan(file);
  if (!header) return scan;
  Reader reader(file, *header);
  if (!reader.MakeRoom(&scan)) return scan;
  scan.restart_interval = header->restart_interval;
  scan.state = reader.Read(&scan) ? Scan::State::kSound : Scan::State::kDamaged;
  return scan;
}

}  // namespace gpen::codec
