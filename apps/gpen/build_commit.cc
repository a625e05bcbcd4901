#include "gpen/build_commit.h"

namespace gpen::app {

std::string_view BuildCommit() {
  return
#include "build_commit.inc"
      ;
}

}  // namespace gpen::app
