// What network a state dict that is not GPEN's looks like, for the error message.
#pragma once

#include <map>
#include <string>

#include "converter/checkpoint.h"

namespace gpen::converter {

/// "GFPGAN", "a discriminator of GPEN or StyleGAN2", ...; empty where nothing is recognised.
std::string GuessOtherNetwork(const std::map<std::string, CheckpointTensor>& tensors);

}  // namespace gpen::converter
