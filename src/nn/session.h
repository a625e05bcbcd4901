// Session: one ONNX model, loaded once and run many times on the CPU.
//
// Only float32 tensors of fixed shapes: that is what all our networks have. The caller owns every
// tensor, so a run copies nothing. Run() may be called from several threads at once. Nothing is
// reported to the runtime's makers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace gpen::nn {

/// Name and shape of a model's input or output.
struct TensorInfo {
  std::string name;
  std::vector<std::int64_t> shape;  ///< -1 where the model leaves a dimension open.

  /// Number of values. An open dimension counts as 1.
  std::size_t size() const;
};

/// "1x3x256x256", open dimensions as "?".
std::string ShapeText(std::span<const std::int64_t> shape);

struct SessionOptions {
  int threads = 1;
  /// Keep freed activation memory for the next run. Faster, and it holds the peak.
  bool arena = true;
  /// Run GPEN's layers by our own kernels; else by what the model's functions say, as other
  /// programs do.
  bool own_kernels = true;
  /// Take denormal numbers for zero; off only to measure what that changes.
  bool flush_denormals = true;
  /// Where not empty, the optimised graph is written here (for inspection).
  std::filesystem::path optimized_model_path = {};
  /// Where not empty, a profile of every run is written to files that begin so.
  std::filesystem::path profile_prefix = {};
};

class Session {
 public:
  /// Errors: kModelMissing (no file), kModelInvalid (not a model that the runtime can run),
  /// kOutOfMemory.
  static Result<std::unique_ptr<Session>> Load(const std::filesystem::path& path,
                                               const SessionOptions& options);

  /// The same from memory; `name` is used in messages. The bytes are not needed afterwards.
  static Result<std::unique_ptr<Session>> FromBytes(std::span<const std::byte> bytes,
                                                    const std::string& name,
                                                    const SessionOptions& options);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  const std::vector<TensorInfo>& inputs() const;
  const std::vector<TensorInfo>& outputs() const;

  /// Runs the network. `inputs` and `outputs` are in the order of inputs() and outputs(), each of
  /// the size that its shape says. `stop` ends a run early with kCancelled.
  ///
  /// Errors: kInvalidArgument (wrong sizes), kOutOfMemory, kCancelled, kInternal.
  Result<void> Run(std::span<const std::span<const float>> inputs,
                   std::span<const std::span<float>> outputs, std::stop_token stop = {}) const;

 private:
  struct State;
  template <typename MakeSession>
  static Result<std::unique_ptr<Session>> Create(const MakeSession& make_session,
                                                 const std::string& name,
                                                 const SessionOptions& options);
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Version of the ONNX Runtime library in use: "1.30.0".
std::string RuntimeVersion();

}  // namespace gpen::nn
