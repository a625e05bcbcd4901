#include "restore/photo_change.h"

#include <algorithm>
#include <utility>

#include "restore/face_blender.h"
#include "restore/face_networks.h"
#include "restore/stopwatch.h"

namespace gpen::restore {

Result<WholePhotoChange> ChangeWholePhoto(const WholePhoto& whole_photo,
                                          const RestoreOptions& options, std::stop_token stop,
                                          const Progress& progress, const codec::Photo& photo,
                                          PhotoReport* report) {
  if (!options.changes_whole_photo()) return WholePhotoChange();
  Stopwatch watch;
  const auto show = [&](double done) {
    if (progress) progress(Step::kPhoto, static_cast<int>(done * 100), 100);
  };
  show(0);
  GPEN_ASSIGN_OR_RETURN(auto change, whole_photo.Change(options, std::move(stop), show, photo));
  report->cleaning_amount = change.amount;
  report->blur = change.blur;
  report->times.sharpen_ms += change.sharpen_ms;
  watch.AddTo(&report->times.photo_ms);
  report->times.photo_ms -= change.sharpen_ms;
  return change;
}

Result<void> TakeChange(int scale, const codec::ColorTransform& colors, WholePhotoChange* change,
                        codec::Photo* photo, std::vector<FacePatch>* patches) {
  if (change->pixels.empty()) return {};
  photo->pixels = std::move(change->pixels);
  return MoveIntoEnlarged(scale, photo->pixels.view(), colors, patches);
}

Result<void> NoteChange(const WholePhoto& whole_photo, const WholePhotoChange& change,
                        const std::vector<FacePatch>& patches, PhotoReport* report) {
  if (change.networks.empty()) return {};
  NoteNetworks(change.networks, report->restored_faces() > 0 || report->whole, report);
  if (std::ranges::any_of(patches, &FacePatch::was_cleaned)) {
    GPEN_ASSIGN_OR_RETURN(const auto* cleaning, whole_photo.Network(PhotoModel::kClean));
    NoteNetworks(NameAndVersion(cleaning->manifest()), true, report);
  }
  return {};
}

Result<void> NoteRepairModel(const WholePhoto& whole_photo, PhotoReport* report) {
  if (report->repaired == 0 || report->repaired_places.count == 0) return {};
  GPEN_ASSIGN_OR_RETURN(const auto* network, whole_photo.RepairingNetwork());
  const bool others_ran = report->restored_faces() > 0 || report->whole || report->enlarged > 1 ||
                          report->cleaned > 0 || report->blur > 0;
  NoteNetworks(NameAndVersion(network->manifest()), others_ran, report);
  return {};
}

}  // namespace gpen::restore
