#include "restore/photo_search.h"

#include "restore/photo_change.h"
#include "restore/red_eyes.h"
#include "restore/soft_search.h"
#include "restore/stopwatch.h"

namespace gpen::restore {
namespace {

// Of cleaning: from so much on a face may show in the changed photo alone.
constexpr double kSearchedClean = 0.2;

int CorrectAll(const face::FoundFaces& found, double scale, Image* photo) {
  int corrected = 0;
  for (const auto& face : found.faces) {
    corrected += CorrectRedEyes(face.landmarks, ResizeMap(scale, scale), photo->mutable_view());
  }
  return corrected;
}

}  // namespace

Result<PhotoSearch> SearchPhoto(const face::FaceFinder& finder, const WholePhoto& whole_photo,
                                const RestoreOptions& options, int threads, std::stop_token stop,
                                const Progress& progress, codec::Photo* photo,
                                ImagePyramid* pyramid, PhotoReport* report) {
  PhotoSearch search;
  face::FoundFaces& found = search.found;
  WholePhotoChange& change = search.change;
  Stopwatch watch;
  GPEN_ASSIGN_OR_RETURN(found, finder.Find(pyramid, options.find, stop));
  if (options.strength > 0) report->red_eyes += CorrectAll(found, 1, &photo->pixels);
  watch.AddTo(&report->times.detect_ms);
  GPEN_ASSIGN_OR_RETURN(change,
                        ChangeWholePhoto(whole_photo, options, stop, progress, *photo, report));
  watch = {};
  if (change.amount >= kSearchedClean || change.blur >= kSharpened) {
    ImagePyramid changed(change.pixels.view());
    GPEN_TRY(finder.FindMore(&changed, options.scale(), options.find, stop, &found));
  } else {
    GPEN_TRY(FindMoreInSoft(finder, whole_photo, photo->pixels.view(), options.find, threads, stop,
                            &found));
  }
  if (options.strength > 0) {  // Of those that were found since; a dark eye stays as it is.
    report->red_eyes += CorrectAll(found, 1, &photo->pixels);
    if (!change.pixels.empty()) CorrectAll(found, options.scale(), &change.pixels);
  }
  if (report->red_eyes > 0) *pyramid = ImagePyramid(photo->pixels.view());
  watch.AddTo(&report->times.detect_ms);
  return search;
}

}  // namespace gpen::restore
