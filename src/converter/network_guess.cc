#include "converter/network_guess.h"

#include <array>
#include <string_view>

namespace gpen::converter {
namespace {

// A file looks like the first network of which it has a tensor with every one of these prefixes.
struct Mark {
  std::string_view network;
  std::array<std::string_view, 2> prefixes;
};

constexpr std::array kMarks = {
    Mark{"GFPGAN", {"stylegan_decoder.", "conv_body_first."}},
    Mark{"GFPGAN", {"stylegan_decoder", "toRGB."}},
    Mark{"CodeFormer", {"quantize.embedding", "ft_layers."}},
    Mark{"CodeFormer's or RestoreFormer's dictionary (VQGAN)", {"quantize.embedding", ""}},
    Mark{"RestoreFormer", {"encoder.down.", "decoder.up."}},
    Mark{"ESRGAN or Real-ESRGAN", {"conv_first.", "body.0.rdb1."}},
    Mark{"ESRGAN (old names)", {"conv_first.", "RRDB_trunk."}},
    Mark{"Real-ESRGAN's compact network (SRVGG)", {"body.0.weight", "body.1.weight"}},
    Mark{"a discriminator of GPEN or StyleGAN2, which is needed for training alone",
         {"final_conv.0.", "convs.0."}},
    Mark{"a StyleGAN2 generator without GPEN's encoder", {"style.1.", "to_rgb1."}},
    Mark{"RetinaFace (a face detector)", {"BboxHead.", "ClassHead."}},
    Mark{"ParseNet (a face parser)", {"out_mask_conv.", ""}},
    Mark{"an ArcFace network (face identity)", {"input_layer.", "body."}},
};

}  // namespace

std::string GuessOtherNetwork(const std::map<std::string, CheckpointTensor>& tensors) {
  const auto has = [&](std::string_view prefix) {
    const auto found = tensors.lower_bound(std::string(prefix));
    return found != tensors.end() && found->first.starts_with(prefix);
  };
  for (const auto& mark : kMarks) {
    if (has(mark.prefixes[0]) && has(mark.prefixes[1])) return std::string(mark.network);
  }
  return "";
}

}  // namespace gpen::converter
