// The search for a photo's faces, and what becomes of the photo as a whole, in which more may show.
#pragma once

#include <stop_token>

#include "base/result.h"
#include "codec/photo.h"
#include "face/face_finder.h"
#include "image/image_pyramid.h"
#include "restore/photo_report.h"
#include "restore/photo_work.h"
#include "restore/restore_options.h"
#include "restore/whole_photo.h"

namespace gpen::restore {

struct PhotoSearch {
  face::FoundFaces found;
  WholePhotoChange change;
};

/// Of blur that was taken away, in pixels: from so much on a face may show in the changed photo
/// alone, and is restored from it, sharper and 0.2 to 0.5 dB nearer to the truth. Noise is another
/// matter: the networks for faces know it.
inline constexpr double kSharpened = 1;

/// Finds the faces, makes their red eyes dark where any are to be restored, cleans, sharpens and
/// enlarges the photo as `options` ask, and looks for more faces in what came of it. `pyramid`: of
/// the photo's pixels; made anew where they changed. Sets the report's times, red eyes and what
/// ChangeWholePhoto() sets. Errors: those of FaceFinder::Find() and WholePhoto::Change().
Result<PhotoSearch> SearchPhoto(const face::FaceFinder& finder, const WholePhoto& whole_photo,
                                const RestoreOptions& options, int threads, std::stop_token stop,
                                const Progress& progress, codec::Photo* photo,
                                ImagePyramid* pyramid, PhotoReport* report);

}  // namespace gpen::restore
