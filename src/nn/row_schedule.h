// RowSchedule: in which order a network's rows are made for an input of one size, and how many rows
// of each map must be kept meanwhile.
//
// Rows of the input come one after the other; every layer makes a row as soon as its inputs are
// there, and a map's row is given up when the last layer has read it. So a map is never whole, and
// what is read was written just before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "nn/convolution_layers.h"

namespace gpen::nn {

/// How a map is kept: row y lies in place y % kept_rows, between zeros on both sides.
struct KeptMap {
  int height = 0;
  int width = 0;
  int kept_rows = 0;
  int margin_left = 0;  ///< Pixels.
  int margin_right = 0;
};

/// Whether a network's outputs are there at the end, or only each of their rows when it is made.
enum class OutputRows : std::uint8_t { kAllKept, kPassing };

class RowSchedule {
 public:
  /// Of the layers that the first `outputs` of the network's outputs need. `layers` must outlive
  /// the schedule.
  RowSchedule(const ConvolutionLayers& layers, int height, int width, std::size_t outputs,
              OutputRows output_rows = OutputRows::kAllKept);

  const KeptMap& map(MapId id) const { return maps_[static_cast<std::size_t>(id)]; }

  /// Calls fill(y) for every row of the input and make(layer, first_row, rows) for all others, in
  /// order, until keep_on() says no.
  template <typename Fill, typename Make, typename KeepOn>
  void Walk(const Fill& fill, const Make& make, const KeepOn& keep_on) const {
    std::vector<int> made(maps_.size());
    for (int y = 0; y < maps_[0].height && keep_on(); ++y) {
      fill(y);
      made[0] = y + 1;
      for (const ConvolutionLayer* each : layers_) {
        const ConvolutionLayer& layer = *each;
        int& done = made[static_cast<std::size_t>(layer.output)];
        const int batch = BatchRows(layer);
        for (int ready = ReadyRows(layer, made);
             ready - done >= batch || IsLast(layer, ready, done);) {
          const int now = std::min(batch, ready - done);
          make(layer, done, now);
          done += now;
        }
      }
    }
  }

 private:
  // Short rows are made several at a time, so that weights are read less often.
  int BatchRows(const ConvolutionLayer& layer) const;
  int ReadyRows(const ConvolutionLayer& layer, const std::vector<int>& made) const;
  bool IsLast(const ConvolutionLayer& layer, int ready, int done) const {
    return ready > done && ready == map(layer.output).height;
  }
  void CountKeptRows(OutputRows output_rows);

  std::vector<const ConvolutionLayer*> layers_;
  std::vector<KeptMap> maps_;
};

}  // namespace gpen::nn
