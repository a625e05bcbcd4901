// PhotoRestorer: a photo file in, the restored photo file out. The one way through that the command
// line, the service and the watched folder share.
//
// Restore() may be called from several threads at once; one photo at a time is what a small machine
// stands.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/color_transform.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/limits.h"
#include "codec/photo.h"
#include "face/face_finder.h"
#include "face/face_parser.h"
#include "face/identity.h"
#include "restore/face_networks.h"
#include "restore/face_patch.h"
#include "restore/photo_options.h"
#include "restore/photo_report.h"
#include "restore/photo_work.h"
#include "restore/restore_options.h"
#include "restore/whole_photo.h"

namespace gpen::restore {

struct RestorerOptions {
  std::filesystem::path models_folder;
  std::string model{kAutoModel};  ///< The name of an installed model, or kAutoModel.
  /// nn::PrecisionRecordPath() where what was measured on this machine counts.
  std::filesystem::path precision_record;
  int threads = 1;
  codec::Limits limits;
};

/// What is to be done with one photo.
struct RestoreRequest {
  std::string name;  ///< For messages.
  std::span<const std::byte> file;
  RestoreOptions options;
  codec::EncodeOptions encode;
  std::optional<std::string> model;  ///< As RestorerOptions::model, which it wins over.
  codec::IfDamaged if_damaged = codec::IfDamaged::kRefuse;
  bool aligned = false;       ///< The photo is one square aligned face: run the network alone.
  bool remove_place = false;  ///< The result does not tell where the photo was taken.
  bool keep_faces = false;    ///< Return the faces' crops too.
  bool compare = false;       ///< Return a picture of before and after side by side too.
  bool previews = false;      ///< Return small pictures of before and after too.
};

/// A request for what `options` say; its name and file are still to be set.
RestoreRequest RequestFor(const PhotoOptions& options);

struct RestoredPhoto {
  /// The bytes of the photo itself where nothing was restored and its format is the one asked for.
  std::vector<std::byte> file;
  codec::Format format = codec::Format::kJpeg;
  PhotoReport report;
  std::vector<FacePatch> faces;         ///< When keep_faces was set.
  std::vector<std::byte> compare_file;  ///< JPEG, when compare was set.
  /// When previews was set: see codec::EncodePreview.
  std::vector<std::byte> before_preview, after_preview;
  /// When previews was set, and something was repaired: see EncodeMask.
  std::vector<std::byte> mask_preview;
};

class PhotoRestorer {
 public:
  /// Loads the networks. Without the one that tells a face's parts apart masks are outlines by
  /// landmarks. Errors: those of FaceNetworks::Load, face::LoadFaceModel and face::LoadFaceParser.
  static Result<std::unique_ptr<PhotoRestorer>> Create(const RestorerOptions& options);

  /// Errors: those of codec::Decode and Encode, CheckEnlarged and WholePhoto::Change, kCancelled,
  /// kOutOfMemory, kInternal. A photo without faces is not an error: its report has a warning.
  Result<RestoredPhoto> Restore(const RestoreRequest& request, std::stop_token stop = {},
                                const Progress& progress = {}) const;

  const FaceNetworks& networks() const { return networks_; }
  /// Those for a photo that asks for `model`. Errors: those of FaceNetworks::Find.
  Result<FaceNetworks> NetworksFor(const std::optional<std::string>& model) const;
  const WholePhoto& whole_photo() const { return whole_photo_; }

 private:
  PhotoRestorer(const RestorerOptions& options, std::shared_ptr<LoadedNetworks> loaded,
                FaceNetworks networks, face::FaceFinder finder, face::IdentityNet identity,
                std::optional<face::FaceParser> parser);

  Result<RestoredPhoto> RestoreSteps(const RestoreRequest& request, std::stop_token stop,
                                     const Progress& progress) const;
  Result<Image> Repair(const RestoreRequest& request, std::stop_token stop,
                       const Progress& progress, codec::Photo* photo, RestoredPhoto* result) const;
  Result<void> ChangeLight(const RestoreRequest& request, std::stop_token stop, codec::Photo* photo,
                           PhotoReport* report) const;
  Result<void> RestoreWhole(const RestoreRequest& request, const FaceNetworks& networks,
                            std::stop_token stop, const Progress& progress, codec::Photo* photo,
                            RestoredPhoto* result) const;
  Result<void> RestoreFaces(const RestoreRequest& request, const FaceNetworks& networks,
                            std::stop_token stop, const Progress& progress, codec::Photo* photo,
                            RestoredPhoto* result) const;
  Result<void> RestoreFace(const FaceNetworks& networks, int clean, std::stop_token stop,
                           FacePatch* patch, FaceReport* face, PhotoReport* report) const;

  RestorerOptions options_;
  std::shared_ptr<LoadedNetworks> loaded_;
  FaceNetworks networks_;
  face::FaceFinder finder_;
  face::IdentityNet identity_;
  std::optional<face::FaceParser> parser_;
  WholePhoto whole_photo_;
};

}  // namespace gpen::restore
