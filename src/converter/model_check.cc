#include "converter/model_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "base/file.h"
#include "nn/convolution_network.h"
#include "nn/session.h"

namespace gpen::converter {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostPhotoModelBytes = 64 << 20;

// Removes a file at the end of its scope.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Our kernels' rows are channels-last, the runtime's maps are planes.
Result<double> DifferenceFromRuntime(const fs::path& written, int threads) {
  GPEN_ASSIGN_OR_RETURN(const auto bytes, ReadFile(written, kMostPhotoModelBytes));
  GPEN_ASSIGN_OR_RETURN(const auto model, ReadModel(FromMemory(bytes, written.string())));
  GPEN_ASSIGN_OR_RETURN(const auto network,
                        nn::ConvolutionNetwork::FromModel(model, written.string()));
  const auto side = static_cast<int>(model.inputs[0].shape[3]);
  const int channels = network.input_channels();
  const auto plane = static_cast<std::size_t>(side * side);
  const auto picture = TestPicture(side, {0, 1}, channels);
  GPEN_ASSIGN_OR_RETURN(const auto expected, RunOnce(written, picture, threads));
  const auto fill_row = [&](int y, float* row) {
    for (int i = 0; i < side * channels; ++i) {
      row[i] = picture[static_cast<std::size_t>(i % channels) * plane +
                       static_cast<std::size_t>(y * side + i / channels)];
    }
  };
  GPEN_ASSIGN_OR_RETURN(const auto found, network.Run(side, side, fill_row));
  const nn::FeatureMap& map = found.front();
  const auto output_plane = static_cast<std::size_t>(map.height * map.width);
  double worst = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const std::size_t pixel = i / static_cast<std::size_t>(map.channels);
    const std::size_t channel = i % static_cast<std::size_t>(map.channels);
    worst =
        std::max(worst, std::abs(double{expected[channel * output_plane + pixel]} - map.values[i]));
  }
  return worst;
}

}  // namespace

std::vector<float> TestPicture(int size, std::array<float, 2> range, int channels) {
  const auto side = static_cast<std::size_t>(size);
  std::vector<float> picture(static_cast<std::size_t>(channels) * side * side);
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const auto channel = static_cast<float>(i / (side * side));
    const auto y = static_cast<float>(i / side % side) / static_cast<float>(size);
    const auto x = static_cast<float>(i % side) / static_cast<float>(size);
    const float wave = std::sin(9.0F * x + 2.0F * channel) * std::cos(7.0F * y - channel);
    picture[i] = range[0] + (range[1] - range[0]) * (0.5F + 0.4F * wave);
  }
  return picture;
}

Result<std::vector<float>> RunOnce(const fs::path& path, const std::vector<float>& input,
                                   int threads, bool own_kernels) {
  GPEN_ASSIGN_OR_RETURN(
      const auto session,
      nn::Session::Load(path, {.threads = threads, .arena = false, .own_kernels = own_kernels}));
  if (session->inputs().size() != 1 || session->outputs().size() != 1 ||
      session->inputs()[0].size() != input.size()) {
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{}: expected one input of {} values and one output, found {} inputs, the "
                    "first of {}",
                    path.string(), input.size(), session->inputs().size(),
                    session->inputs().empty() ? std::string("none")
                                              : nn::ShapeText(session->inputs()[0].shape)));
  }
  std::vector<float> output(session->outputs()[0].size());
  const std::span<const float> inputs[] = {input};
  const std::span<float> outputs[] = {output};
  GPEN_TRY(session->Run(inputs, outputs));
  if (!std::ranges::all_of(output, [](float value) { return std::isfinite(value); })) {
    return Error(
        ErrorCode::kModelInvalid,
        fmt::format("{}: expected a picture, found values that are not numbers", path.string()));
  }
  return output;
}

Result<double> DifferenceFromPlainForm(const fs::path& checkpoint, const ConvertOptions& options,
                                       const fs::path& written, int threads) {
  ConvertOptions plain = options;
  plain.half_weights = false;
  if (!nn::MakesFaces(options.task)) return DifferenceFromRuntime(written, threads);
  GPEN_ASSIGN_OR_RETURN(const auto conversion, Convert(checkpoint, plain));
  const auto picture =
      TestPicture(conversion.description.image_size, conversion.manifest.value_range);
  fs::path name = written;
  name += ".plain-form.tmp";
  const TemporaryFile file(std::move(name));
  GPEN_TRY(WriteModelFile(conversion.model, file.path()));
  GPEN_ASSIGN_OR_RETURN(const auto expected, RunOnce(file.path(), picture, threads, false));
  GPEN_ASSIGN_OR_RETURN(const auto found, RunOnce(written, picture, threads));
  if (expected.size() != found.size()) {
    return Error(ErrorCode::kModelInvalid,
                 fmt::format("{}: expected an output of {} values, found {}", written.string(),
                             expected.size(), found.size()));
  }
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(double{expected[i]} - found[i]));
  }
  return worst;
}

}  // namespace gpen::converter
