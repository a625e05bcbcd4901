// The process for photos, seen from within: it takes work from the service that started it until
// that is gone.
#pragma once

namespace gpen::sandbox {

/// The whole life of the process, whose line to the service is ChildProcess::kSocket. Returns its
/// exit code.
int RunPhotoChild();

}  // namespace gpen::sandbox
