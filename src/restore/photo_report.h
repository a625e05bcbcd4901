// PhotoReport: what was done to one photo, for people (text) and programs (JSON).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "face/face_finder.h"
#include "restore/patterns.h"
#include "restore/photo_tones.h"
#include "restore/repair_mask.h"

namespace gpen::restore {

struct FaceReport {
  face::DetectedFace face;
  std::string skipped;  ///< Why the face was left alone; empty when it was restored.
  double scale = 0;     ///< Pixels of the network's input per pixel of the photo.
  std::optional<double> identity_similarity;  ///< Before against after, -1..1.
  std::string model;                          ///< Name and version of the network that restored it.
  double weight = 1;  ///< Part of the strength that was used: lowered where identity changed.
  std::string held_back = {};  ///< Why the weight is lowered; empty where it is not.
};

/// Milliseconds of each step.
struct StepTimes {
  double decode_ms = 0;
  double repair_ms = 0;
  double fading_ms = 0;
  double detect_ms = 0;
  double align_ms = 0;
  double network_ms = 0;
  double identity_ms = 0;
  double photo_ms = 0;  ///< Cleaning and enlarging.
  double sharpen_ms = 0;
  double blend_ms = 0;
  double encode_ms = 0;

  double total_ms() const;
};

struct PhotoReport {
  std::string input;   ///< Path or name as given.
  std::string output;  ///< Where the result was written; empty when it was not.
  std::string format;
  int width = 0;  ///< Of the photo as it came.
  int height = 0;
  int enlarged = 1;                 ///< How many times as large it was made.
  int cleaned = 0;                  ///< Percent, as asked for.
  double cleaning_amount = 0;       ///< What that was, by the photo's own noise: 0 to 1.
  Patterns patterns;                ///< That were taken away.
  int sharpened = 0;                ///< Percent, as asked for.
  double blur = 0;                  ///< That was taken away, pixels; 0 where it was sharp.
  int repaired = 0;                 ///< Percent, as asked for.
  MarkedPlaces repaired_places;     ///< None where there was no damage.
  bool place_removed = false;       ///< The photo told where it was taken, the result does not.
  PhotoTones tones;                 ///< What was done about light and colours.
  int strength = 100;               ///< Percent, as asked for; 0 leaves every pixel as it is.
  bool whole = false;               ///< Restored as one picture: faces were not looked for.
  std::vector<FaceReport> faces;    ///< Restored ones first, largest first.
  int red_eyes = 0;                 ///< That were made dark.
  std::vector<face::Box> doubtful;  ///< What may be a face, but not surely.
  int quarter_turns = 0;            ///< Clockwise turns after which the faces are upright.
  StepTimes times;
  std::int64_t peak_memory_bytes = 0;  ///< Of the process so far.
  std::string model;                   ///< Names and versions of the networks that ran.
  std::vector<std::string> warnings;

  /// Whether damage was looked for, or was known.
  bool tells_of_damage() const { return repaired > 0 || repaired_places.count > 0; }

  /// None where the strength is 0.
  int restored_faces() const;

  /// Whether light or colours of the whole photo were changed.
  bool changed_tones() const { return tones.changed(); }

  /// Whether a network changed more than faces.
  bool changed_whole_photo() const {
    return enlarged > 1 || cleaned > 0 || blur > 0 || repaired_places.count > 0;
  }

  /// Whether the result is more than the photo itself.
  bool restored_anything() const {
    return (whole && strength > 0) || restored_faces() > 0 || changed_whole_photo() ||
           changed_tones() || place_removed;
  }
};

/// What a run tells about this machine and its result, without the photo.
struct RunFigures {
  int width = 0;  ///< Of the photo as it came.
  int height = 0;
  int enlarged = 1;
  bool cleaned = false;
  bool restored_anything = false;
  StepTimes times;
};

RunFigures FiguresOf(const PhotoReport& report);

/// States the networks that restored its faces; where none did, those at hand stay.
void NoteModels(PhotoReport* report);

/// Adds networks that changed the photo (NameAndVersion(), with commas between) to its `model`,
/// where it has them not yet; alone, where no others ran before.
void NoteNetworks(const std::string& names, bool others_ran, PhotoReport* report);

/// The same of a report that FormatJson() wrote, perhaps on another machine; what it does not say
/// stays as it is made.
RunFigures FiguresOfJson(const std::string& report);

/// Notes the faces of `found`, those to be restored first, and says of the others why they are left
/// alone.
void ReportFound(const face::FoundFaces& found, const face::FindOptions& options,
                 PhotoReport* report);

enum class Detail : std::uint8_t {
  kPlain,    ///< What was done and what the person should know.
  kFigures,  ///< Also times, and each face with its place, score and likeness.
};

/// One line per photo, and further ones for its faces and warnings.
std::string FormatText(const PhotoReport& report, Detail detail);

/// The same of a photo in which faces were only looked for.
std::string FormatFound(const PhotoReport& report);

/// One JSON object without line breaks.
std::string FormatJson(const PhotoReport& report);

/// `report`, as FormatJson() wrote it, with another output. One that is no JSON stays as it is.
std::string WithOutput(const std::string& report, const std::string& output);

}  // namespace gpen::restore
