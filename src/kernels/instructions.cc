#include "kernels/instructions.h"

#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/instructions.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gpen::kernels::HWY_NAMESPACE {

std::int64_t Target() { return HWY_TARGET; }

}  // namespace gpen::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gpen::kernels {

HWY_EXPORT(Target);

std::vector<std::string> InstructionSets() {
  std::vector<std::string> names;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    names.emplace_back(hwy::TargetName(target));
  }
  return names;
}

std::string InstructionSet() { return hwy::TargetName(HWY_DYNAMIC_DISPATCH(Target)()); }

void UseInstructionSet(const std::string& name) {
  hwy::SetSupportedTargetsForTest(0);
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (name != hwy::TargetName(target)) continue;
    hwy::SetSupportedTargetsForTest(target);
    break;
  }
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace gpen::kernels
#endif
