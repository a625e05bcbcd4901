// Forgets photos that are gone for long together with their results, so that the ledger does not
// grow for ever.
#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "watch/ledger.h"
#include "watch/output_tree.h"

namespace gpen::watch {

inline constexpr std::chrono::hours kForgottenAfter{30 * 24};

/// Looks at every finished row of `folder`, whose root is `root`: notes when photo and result
/// were first seen to be gone, and erases the row kForgottenAfter later. A row whose folder is
/// empty or gone now is left alone, because that may be the place of a mount that is away. Returns
/// how many were forgotten. Errors: those of the ledger and of OutputTree::OpenBase, kUnavailable.
Result<int> ForgetVanished(const WatchedRoot& root, const std::string& folder,
                           const OutputTree& outputs, Ledger* ledger, Timestamp now,
                           const std::stop_token& stop = {});

}  // namespace gpen::watch
