// SpeedRecord: how long the steps of a restoration take on this machine, learnt from photos that
// were done, so that a person is told before it begins.
//
// Kept in a file, by CPU, since machines may share a folder. A cache: one that cannot be read or
// written counts as none. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "restore/photo_options.h"
#include "restore/photo_report.h"

namespace gpen::restore {

/// Of the command line: speeds.json beside nn::PrecisionRecordPath().
std::filesystem::path SpeedRecordPath();

class SpeedRecord {
 public:
  /// Reads what `file` has of this CPU.
  explicit SpeedRecord(std::filesystem::path file);
  SpeedRecord(const SpeedRecord&) = delete;
  SpeedRecord& operator=(const SpeedRecord&) = delete;
  /// Stores what was learnt since.
  ~SpeedRecord();

  /// Learns from the run of a photo that was restored with the installed model that it asked for by
  /// name, or the usual one; later ones count more. Stores now and then.
  void Learn(const RunFigures& run, const std::optional<std::string>& model = {});

  /// Seconds that a photo of `pixels` pixels will take; nothing while a step that it asks for was
  /// never measured here, nor faces with its model. How many faces it has nobody knows: as many as
  /// the latest with that model had.
  std::optional<double> SecondsFor(double pixels, const PhotoOptions& photo) const;

  /// Writes the file now.
  void Store();

 private:
  enum Step : std::size_t {
    kRead,
    kRepair,
    kFaces,
    kClean,
    kSharpen,
    kEnlarge2,
    kEnlarge4,
    kCleanEnlarge2,  // Whether that took two networks or one.
    kCleanEnlarge4,
    kWrite,
    kStepCount
  };
  /// Work in megapixels, of kFaces in photos, and the time that it took; old ones fade.
  struct Speed {
    double work = 0;
    double seconds = 0;
  };

  static Step NetworkStep(int scale, bool cleans);
  static void Add(double work, double milliseconds, Speed* speed);

  const std::filesystem::path file_;
  mutable std::mutex mutex_;                              // Guards all below.
  std::array<Speed, kStepCount> speeds_;                  // kFaces: with the usual model.
  std::map<std::string, Speed, std::less<>> faces_with_;  // By the model that photos asked for.
  int unstored_ = 0;
};

}  // namespace gpen::restore
