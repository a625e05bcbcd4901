#include "restore/photo_tones.h"

namespace gpen::restore {

Result<PhotoTones> ChangeTones(const RestoreOptions& options, int threads, std::stop_token stop,
                               codec::Photo* photo) {
  PhotoTones tones;
  if (options.mends_fading()) {
    GPEN_ASSIGN_OR_RETURN(tones.fading, MendFading(options, threads, stop, photo));
  }
  if (options.lighten > 0) {
    GPEN_ASSIGN_OR_RETURN(tones.light, Lighten(options.lighten, threads, stop, photo));
  }
  return tones;
}

}  // namespace gpen::restore
