// PhotoWork: all that is done with a photo's pixels for the service: restore it, blend its faces
// anew, draw it for a page. Whether that happens in this process or in another is the
// implementation's; files and options go in, files and a report come out.
//
// Implementations are thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/photo.h"
#include "restore/photo_options.h"
#include "restore/photo_report.h"

namespace gpen::restore {

enum class Step : std::uint8_t { kDecode, kRepair, kDetect, kFace, kPhoto, kBlend, kEncode };

/// Called when a step starts, and within kRepair and kPhoto, which cleans and enlarges. `part` of
/// `parts`: in kFace the face, from 1 on; in these two the percent that are done, of 100; else 0.
using Progress = std::function<void(Step step, int part, int parts)>;

/// The networks that restore.
struct WorkNetworks {
  std::string names;                    ///< With their versions.
  std::string faces_fingerprint;        ///< What a restored face depends on.
  std::string whole_photo_fingerprint;  ///< What a photo depends on that is changed as a whole.
};

struct RestoredFiles {
  std::vector<std::byte> file;
  codec::Format format = codec::Format::kJpeg;
  std::string report;  ///< FormatJson(), whose output is still to be set: WithOutput().
  RunFigures figures;
  /// SerializeFaces(), for BlendWork; empty where nothing can be blended again.
  std::vector<std::byte> faces;
  std::vector<std::byte> before_preview, after_preview;  ///< See codec::EncodePreview.
  std::vector<std::byte> mask_preview;  ///< EncodeMask(); empty where nothing was repaired.
  std::string machine = {};             ///< The other machine that did it; empty: this one.
};

struct RestoreWork {
  std::string name;  ///< For messages.
  std::span<const std::byte> file;
  PhotoOptions options;
};

struct BlendWork {
  std::span<const std::byte> original;  ///< The photo that was restored.
  std::span<const std::byte> faces;     ///< RestoredFiles::faces of that.
  std::vector<int> strengths;           ///< Of each face: 0..100 percent; 0 leaves it alone.
  PhotoOptions options;                 ///< Of that restoration, with mode and tone as wanted now.
  std::string model;                    ///< What restored the faces, for the metadata.
};

struct BlendedPhoto {
  std::vector<std::byte> file;  ///< The original itself where every face is left alone.
  codec::Format format = codec::Format::kJpeg;
  std::vector<std::byte> preview;  ///< See codec::EncodePreview.
  std::vector<std::string> warnings;
};

class PhotoWork {
 public:
  virtual ~PhotoWork() = default;

  /// Errors: those of PhotoRestorer::Restore; kUnavailable (no process can be started).
  virtual Result<RestoredFiles> Restore(const RestoreWork& work, std::stop_token stop,
                                        const Progress& progress) = 0;

  /// Errors: those of ParseFaces and BlendAgain; kUnavailable.
  virtual Result<BlendedPhoto> Blend(const BlendWork& work) = 0;

  /// The small picture of a photo's file, even where a part of it is missing. Errors: those of
  /// codec::Decode and EncodePreview; kUnavailable.
  virtual Result<std::vector<std::byte>> Preview(std::span<const std::byte> file) = 0;

  /// The whole photo as a JPEG that every browser shows. Errors: those of codec::Decode and
  /// EncodeForBrowsers; kUnavailable.
  virtual Result<std::vector<std::byte>> ForBrowsers(std::span<const std::byte> file) = 0;
};

}  // namespace gpen::restore
