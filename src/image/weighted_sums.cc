#include "image/weighted_sums.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/parallel.h"
#include "image/column_sums.h"
#include "image/image_threads.h"
#include "image/row_sums.h"

namespace gpen {
namespace {

constexpr int kSamplesOfBand = 1 << 18;  // Of the larger picture: worth a thread.

/// `Sample` rows of the target from `first` to `end` - 1.
template <typename Sample>
class Band {
 public:
  Band(ImageView source, const ColumnSums& columns, const AxisWeights& rows, Image* target)
      : source_(source),
        columns_(columns),
        rows_(rows),
        target_(target),
        across_(columns.SourceFloats()),
        down_(columns.TargetFloats()),
        summed_(grows() ? static_cast<std::size_t>(rows.most_taps()) : 0) {}

  void Make(int first, int end) {
    for (int y = first; y < end; ++y) {
      // The sums along a row cost more: they are made of fewer rows.
      if (grows()) {
        SumColumnsFirst(rows_[y]);
      } else {
        SumRowsFirst(rows_[y]);
      }
      ConvertRow(down_.data(), 1, columns_.target_samples(), target_->Row<Sample>(y));
    }
  }

 private:
  bool grows() const { return rows_.size() > source_.height(); }

  void SumRowsFirst(const AxisWeights::Taps& taps) {
    from_.clear();
    for (int k = 0; k < taps.count; ++k) from_.push_back(source_.Row<Sample>(taps.first + k));
    SumRows(std::span<const Sample* const>(from_), taps.weights, columns_.source_samples(),
            across_.data());
    columns_.Sum(across_.data(), down_.data());
  }

  void SumColumnsFirst(const AxisWeights::Taps& taps) {
    from_floats_.clear();
    for (int k = 0; k < taps.count; ++k) {
      const int y = taps.first + k;
      auto& row = summed_[static_cast<std::size_t>(y) % summed_.size()];
      if (row.y != y) {
        row.sums.resize(columns_.TargetFloats());
        ConvertRow(source_.Row<Sample>(y), 1, columns_.source_samples(), across_.data());
        columns_.Sum(across_.data(), row.sums.data());
        row.y = y;
      }
      from_floats_.push_back(row.sums.data());
    }
    SumRows(std::span<const float* const>(from_floats_), taps.weights, columns_.target_samples(),
            down_.data());
  }

  struct Summed {
    int y = -1;
    std::vector<float> sums;
  };

  ImageView source_;
  const ColumnSums& columns_;
  const AxisWeights& rows_;
  Image* target_;
  std::vector<float> across_;  // As wide as the source.
  std::vector<float> down_;    // As wide as the target.
  std::vector<const Sample*> from_;
  std::vector<const float*> from_floats_;
  std::vector<Summed> summed_;  // Row y of the source, summed along itself, at y % size.
};

template <typename Sample>
Image SumsOf(ImageView source, const AxisWeights& columns, const AxisWeights& rows) {
  Image target(columns.size(), rows.size(), source.channels(), source.type());
  const ColumnSums sums(columns, source.width(), source.channels());
  const auto samples = std::max(sums.source_samples(), sums.target_samples()) *
                       static_cast<std::size_t>(std::max(rows.size(), source.height()));
  const int bands = std::clamp(static_cast<int>(samples / kSamplesOfBand), 1,
                               std::min(ImageThreads(), rows.size()));
  ParallelFor(bands, bands, [&](int i) {
    Band<Sample>(source, sums, rows, &target)
        .Make(rows.size() * i / bands, rows.size() * (i + 1) / bands);
  });
  return target;
}

}  // namespace

Image WeightedSums(ImageView source, const AxisWeights& columns, const AxisWeights& rows) {
  switch (source.type()) {
    case SampleType::kU8:
      return SumsOf<std::uint8_t>(source, columns, rows);
    case SampleType::kU16:
      return SumsOf<std::uint16_t>(source, columns, rows);
    default:
      return SumsOf<float>(source, columns, rows);
  }
}

}  // namespace gpen
