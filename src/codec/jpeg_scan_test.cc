#include "codec/jpeg_scan.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

// After <cstdio>, whose FILE it uses.
#include <jpeglib.h>

#include "codec/pictures_testing.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

struct Settings {
  int quality = 85;
  int sampling = 2;  // Of the first component, both ways.
  unsigned restart_interval = 0;
  bool optimized = false;
  bool progressive = false;
};

File Compress(const Image& picture, const Settings& settings) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(picture.width());
  jpeg.image_height = static_cast<JDIMENSION>(picture.height());
  jpeg.input_components = picture.channels();
  jpeg.in_color_space = picture.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, settings.quality, TRUE);
  jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = settings.sampling;
  jpeg.restart_interval = settings.restart_interval;
  jpeg.optimize_coding = settings.optimized ? TRUE : FALSE;
  if (settings.progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < picture.height(); ++y) {
    JSAMPLE* row = const_cast<JSAMPLE*>(picture.Row<std::uint8_t>(y));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  const auto* bytes = reinterpret_cast<const std::byte*>(buffer);
  File file(bytes, bytes + size);
  jpeg_destroy_compress(&jpeg);
  std::free(buffer);
  return file;
}

// A picture with detail, so that its blocks use many codes.
Image Rough(int width, int height, int channels) {
  Image picture = DrawPicture<std::uint8_t>(width, height, channels);
  std::uint32_t state = 7;
  for (int y = 0; y < height; ++y) {
    for (int i = 0; i < width * channels; ++i) {
      state = state * 1664525U + 1013904223U;
      auto& level = picture.Row<std::uint8_t>(y)[i];
      level =
          static_cast<std::uint8_t>(std::clamp(level + static_cast<int>(state >> 27) - 16, 0, 255));
    }
  }
  return picture;
}

std::size_t StartOfData(const File& file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  return text.find("\xFF\xDA") + 14;
}

TEST(JpegScanTest, WholeFilesAreSound) {
  for (const int channels : {1, 3}) {
    for (const int quality : {1, 30, 75, 92, 100}) {
      for (const int sampling : {1, 2}) {
        for (const unsigned interval : {0U, 1U, 7U}) {
          Settings settings{quality, sampling, interval};
          settings.optimized = quality > 75;
          const Scan scan = ReadScan(Compress(Rough(163, 97, channels), settings));
          EXPECT_EQ(scan.state, Scan::State::kSound) << channels << " " << quality;
          EXPECT_EQ(scan.components.size(), static_cast<std::size_t>(channels));
        }
      }
    }
  }
}

// Black beside white at the lowest quality: the coefficients are the largest there are.
TEST(JpegScanTest, ThePictureMayBeAsHardAsItLikes) {
  for (const int period : {1, 2, 3, 8, 9}) {
    Image picture(160, 96, 1, SampleType::kU8);
    for (int y = 0; y < 96; ++y) {
      for (int x = 0; x < 160; ++x) {
        picture.Row<std::uint8_t>(y)[x] = (x / period + y / period) % 2 == 0 ? 0 : 255;
      }
    }
    for (const int quality : {1, 25, 100}) {
      EXPECT_EQ(ReadScan(Compress(picture, {.quality = quality, .sampling = 1})).state,
                Scan::State::kSound);
    }
  }
}

TEST(JpegScanTest, StepsSayHowBlocksFollow) {
  Image picture(64, 64, 1, SampleType::kU8);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      // A slope that goes on over all edges, but for one that is 40 higher.
      picture.Row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(40 + x + y + (y >= 24 ? 40 : 0));
    }
  }
  const Scan scan = ReadScan(Compress(picture, {.quality = 100, .sampling = 1}));
  ASSERT_EQ(scan.state, Scan::State::kSound);
  const ScanBlocks& blocks = scan.components.at(0);
  ASSERT_EQ(blocks.columns, 8);
  for (std::size_t at = 8; at < 64; ++at) {
    EXPECT_NEAR(blocks.step_down[at], at / 8 == 3 ? 40 : 0, 1.5) << at;
    EXPECT_NEAR(blocks.step_right[at], 0, 1.5) << at;
  }
}

TEST(JpegScanTest, OtherCodingIsNotRead) {
  Settings settings;
  settings.progressive = true;
  EXPECT_EQ(ReadScan(Compress(Rough(80, 60, 3), settings)).state, Scan::State::kNotRead);
  EXPECT_EQ(ReadScan(File(200, std::byte{1})).state, Scan::State::kNotRead);
  EXPECT_EQ(ReadScan({}).state, Scan::State::kNotRead);
}

TEST(JpegScanTest, RestartsMustComeInTheirOrder) {
  const File whole = Compress(Rough(160, 96, 3), {.restart_interval = 5});
  const auto place_of = [&](int mark) {
    for (std::size_t i = StartOfData(whole); i + 1 < whole.size(); ++i) {
      if (whole[i] == std::byte{0xFF} && whole[i + 1] == static_cast<std::byte>(mark)) return i;
    }
    return std::size_t{0};
  };
  File swapped = whole;
  std::swap(swapped[place_of(0xD1) + 1], swapped[place_of(0xD2) + 1]);
  EXPECT_EQ(ReadScan(swapped).state, Scan::State::kDamaged);
  File without = whole;
  const auto mark = without.begin() + static_cast<std::ptrdiff_t>(place_of(0xD1));
  without.erase(mark, mark + 2);
  EXPECT_EQ(ReadScan(without).state, Scan::State::kDamaged);
}

TEST(JpegScanTest, ManyWrongBitsShow) {
  const File whole = Compress(Rough(160, 96, 3), {});
  int damaged = 0;
  int all = 0;
  for (std::size_t at = StartOfData(whole); at + 2 < whole.size(); at += 7, ++all) {
    File file = whole;
    file[at] ^= static_cast<std::byte>(1U << at % 8);
    damaged += ReadScan(file).state == Scan::State::kDamaged ? 1 : 0;
  }
  // The others change a value and no code, or say as many blocks by other codes.
  EXPECT_GT(damaged, all / 5);
}

}  // namespace
}  // namespace gpen::codec
