// GPEN's layers as operators of the runtime: the domain "gpen" of converted models. A model says
// with a function of the same name what each computes, so that it runs everywhere; where these
// operators are registered, the runtime takes them instead.
#pragma once

#include <onnxruntime_cxx_api.h>

#include <memory>
#include <vector>

namespace gpen::nn {

/// The operators of one session; must outlive it.
class GpenOperators {
 public:
  /// `threads` is how many the session has: the kernels share them.
  explicit GpenOperators(int threads);
  GpenOperators(const GpenOperators&) = delete;
  GpenOperators& operator=(const GpenOperators&) = delete;
  ~GpenOperators();

  const Ort::CustomOpDomain& domain() const { return domain_; }

 private:
  std::vector<std::shared_ptr<const OrtCustomOp>> operators_;
  Ort::CustomOpDomain domain_;
};

}  // namespace gpen::nn
