// A photo changed as a whole, beside its faces: when that is done, what is said of it, and how the
// faces come into it.
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.h"
#include "codec/color_transform.h"
#include "codec/photo.h"
#include "restore/face_patch.h"
#include "restore/photo_report.h"
#include "restore/photo_work.h"
#include "restore/restore_options.h"
#include "restore/whole_photo.h"

namespace gpen::restore {

/// The photo cleaned, sharpened and enlarged; without pixels where nothing of it is to be done.
/// Sets the report's times, amount and blur. Errors: those of WholePhoto::Change.
Result<WholePhotoChange> ChangeWholePhoto(const WholePhoto& whole_photo,
                                          const RestoreOptions& options, std::stop_token stop,
                                          const Progress& progress, const codec::Photo& photo,
                                          PhotoReport* report);

/// Gives the photo the change's pixels, if it has any left. The faces are moved to where they lie
/// now and are to be a change of what is there. Errors: those of MoveIntoEnlarged.
Result<void> TakeChange(int scale, const codec::ColorTransform& colors, WholePhotoChange* change,
                        codec::Photo* photo, std::vector<FacePatch>* patches);

/// Notes the networks that changed the photo, and the one that cleaned restored faces. Errors:
/// those of WholePhoto::Network.
Result<void> NoteChange(const WholePhoto& whole_photo, const WholePhotoChange& change,
                        const std::vector<FacePatch>& patches, PhotoReport* report);

/// Notes the network that filled damage, where some was. Errors: those of
/// WholePhoto::RepairingNetwork.
Result<void> NoteRepairModel(const WholePhoto& whole_photo, PhotoReport* report);

}  // namespace gpen::restore
