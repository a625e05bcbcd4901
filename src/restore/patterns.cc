#include "restore/patterns.h"

#include "restore/interlacing.h"
#include "restore/paper_texture.h"
#include "restore/screen.h"

namespace gpen::restore {

Patterns RemovePatterns(const RestoreOptions& options, int threads, const std::stop_token& stop,
                        codec::Photo* photo) {
  Patterns taken;
  if (options.clean == 0) return taken;
  taken.interlaced = RemoveInterlacing(threads, photo);
  taken.screen = RemoveScreen(threads, photo);
  if (taken.screen == 0) taken.paper = RemovePaperTexture(threads, stop, photo);
  return taken;
}

}  // namespace gpen::restore
