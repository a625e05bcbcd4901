// AlignFace: a found face -> its aligned crop with mask, as the networks are given it.
//
// One place for restoring and for cutting training faces, so that a network is trained on exactly
// what it meets in use.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "codec/color_transform.h"
#include "face/landmarks.h"
#include "image/image_pyramid.h"
#include "nn/manifest.h"
#include "restore/face_networks.h"
#include "restore/face_patch.h"
#include "restore/photo_report.h"

namespace gpen::restore {

/// The side, in pixels of the photo, of the crop that AlignFace() cuts.
double CropSide(const face::Landmarks& landmarks, nn::FaceTemplate face_template);

/// `landmarks` in pixels of the photo. Everything of the patch but its output, `size` pixels a
/// side.
///
/// Errors: those of ColorTransform.
Result<FacePatch> AlignFace(const ImagePyramid& photo, const face::Landmarks& landmarks,
                            nn::FaceTemplate face_template, int size,
                            const codec::ColorTransform& colors);

/// How many pixels a side are wanted of a face of which the photo has `crop_side`, for
/// FaceNetworks::For(): as many as it will have where the photo is enlarged `enlarge` times, but no
/// more than twice as many. A network for larger faces leaves a smaller one soft.
double WantedSide(double crop_side, int enlarge);

/// AlignFace() for each of `faces`, on up to `threads` threads, at the size of its network, which
/// is noted.
///
/// Errors: those of FaceNetworks::For() and AlignFace().
Result<std::vector<FacePatch>> AlignFaces(const ImagePyramid& photo, const FaceNetworks& networks,
                                          const codec::ColorTransform& colors, int enlarge,
                                          int threads, std::span<FaceReport> faces);

}  // namespace gpen::restore
