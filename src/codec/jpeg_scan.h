// The coded blocks of a JPEG whose picture is one Huffman-coded scan, read as strictly as encoders
// write them. A decoder takes more: after a damaged bit it goes on with whatever the next ones
// happen to say. No pixels are made.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/byte_reader.h"

namespace gpen::codec {

/// One component's blocks, as stored, those that fill up the last units too.
struct ScanBlocks {
  int columns = 0;
  int rows = 0;
  int unit_columns = 1;  ///< Blocks of a coded unit ...
  int unit_rows = 1;     ///< ... which is read before the next one.
  float quantum = 0;     ///< The smallest difference of two blocks' means. Levels of 255.
  /// Row by row: how much lighter a block's upper edge is than the lower one of the block above,
  /// and its left edge than the right one of the block before, each continued by its slope.
  /// Levels of 255. 0 where there is no such block.
  std::vector<float> step_down;
  std::vector<float> step_right;
};

struct Scan {
  enum class State : std::uint8_t {
    kNotRead,  ///< Progressive, arithmetic or several scans, or a header that says too little.
    kSound,
    kDamaged,  ///< What no encoder writes; what follows it was not read.
  };
  State state = State::kNotRead;
  std::vector<ScanBlocks> components;
  int restart_interval = 0;  ///< Units; 0 where there are no restarts.
};

/// `file`: a JPEG. Padding before its end mark is no damage. Throws std::bad_alloc.
Scan ReadScan(Bytes file);

}  // namespace gpen::codec
