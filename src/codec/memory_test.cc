// That memory is refused before it is allocated, and comes back after use.
#include <gtest/gtest.h>
#include <malloc.h>
#include <vips/vips.h>

#include <fstream>
#include <string>

#include "codec/byte_reader.h"
#include "codec/decode.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"
#include "codec/threads.h"

namespace gpen::codec {
namespace {

using File = std::vector<std::byte>;

constexpr std::int64_t kMega = 1 << 20;

/// A line of /proc/self/status in bytes: VmRSS (now) or VmHWM (highest).
std::int64_t ResidentBytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kilobytes = 0;
    if (word == name + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

/// Its quarantine and red zones are resident too, so that sizes mean nothing.
constexpr bool kUnderAddressSanitizer =
#ifdef __SANITIZE_ADDRESS__
    true;
#else
    false;
#endif

/// How much the highest resident size rises while `function` runs.
template <typename Function>
std::int64_t PeakRiseOf(Function function) {
  malloc_trim(0);  // What was freed before must not serve this call unseen.
  std::ofstream("/proc/self/clear_refs") << "5" << std::flush;  // Resets the highest size.
  const std::int64_t before = ResidentBytes("VmRSS");
  function();
  return ResidentBytes("VmHWM") - before;
}

File HugeFlatFile(const char* suffix) {
  EXPECT_TRUE(Start());
  VipsImage* image = nullptr;
  EXPECT_EQ(vips_black(&image, 20000, 10000, "bands", 3, nullptr), 0);
  void* buffer = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(vips_image_write_to_buffer(image, suffix, &buffer, &size, nullptr), 0);
  g_object_unref(image);
  const auto* bytes = static_cast<const std::byte*>(buffer);
  File file(bytes, bytes + size);
  g_free(buffer);
  return file;
}

TEST(MemoryTest, TwoHundredMegapixelsAreRefusedCheaply) {
  for (const char* suffix : {".png[compression=9]", ".jpg[Q=10]"}) {
    const File file = HugeFlatFile(suffix);
    EXPECT_LT(file.size(), 8U << 20);
    const std::int64_t rise = PeakRiseOf([&] {
      const auto photo = Decode(file, Limits());
      ASSERT_FALSE(photo);
      EXPECT_EQ(photo.error().code(), ErrorCode::kImageTooLarge);
      EXPECT_NE(photo.error().message().find("200.0 megapixels"), std::string::npos)
          << photo.error().message();
    });
    EXPECT_LT(rise, 4 * kMega) << suffix;
  }
}

TEST(MemoryTest, PngChunkThatClaimsTwoGigabytesIsRefusedCheaply) {
  File file = *Encode(MakePhoto(DrawPicture<std::uint8_t>(20, 14, 3), Format::kPng),
                      {.software = "test"}, nullptr);
  ASSERT_TRUE(HasTextAt(file, 37, "eXIf"));
  file[33] = std::byte{0x7F};  // The highest byte of its length.
  const std::int64_t rise = PeakRiseOf([&] {
    const auto photo = Decode(file, Limits());
    ASSERT_FALSE(photo);
    EXPECT_EQ(photo.error().code(), ErrorCode::kCorruptImage);
  });
  EXPECT_LT(rise, 4 * kMega);
}

// The estimate is a promise: what decoding really takes must not be more.
TEST(MemoryTest, EstimateCoversWhatDecodingTakes) {
  if (kUnderAddressSanitizer) GTEST_SKIP() << "the sanitizer's own memory is resident";
  for (const Format format :
       {Format::kJpeg, Format::kPng, Format::kWebp, Format::kTiff, Format::kHeic, Format::kAvif}) {
    EncodeOptions options;
    options.format = format;
    options.quality = 50;
    options.software = "test";
    File file;
    {
      const Photo photo = MakePhoto(DrawPicture<std::uint8_t>(2000, 1500, 3), Format::kPng);
      file = *Encode(photo, options, nullptr);
    }
    ASSERT_TRUE(Decode(file, Limits()));  // What libraries allocate once does not count.
    const auto info = Probe(file, Limits());
    const std::int64_t rise = PeakRiseOf([&] { EXPECT_TRUE(Decode(file, Limits())); });
    const auto pixels = std::int64_t{2000} * 1500 * 3;
    RecordProperty(std::string(NameOf(format)), std::to_string(rise / 1000));
    std::printf("%s: estimate %.1f MB, measured %.1f MB, pixels %.1f MB\n",
                std::string(NameOf(format)).c_str(),
                static_cast<double>(info->decode_memory_bytes) / 1e6,
                static_cast<double>(rise) / 1e6, static_cast<double>(pixels) / 1e6);
    EXPECT_LT(rise, info->decode_memory_bytes + 2 * kMega) << NameOf(format);
    EXPECT_LT(info->decode_memory_bytes, pixels * 8) << NameOf(format);
  }
}

TEST(MemoryTest, TwoHundredDecodesDoNotGrow) {
  if (kUnderAddressSanitizer) GTEST_SKIP() << "the sanitizer's own memory is resident";
  std::vector<File> files;
  for (const Format format :
       {Format::kJpeg, Format::kPng, Format::kWebp, Format::kTiff, Format::kHeic, Format::kAvif}) {
    EncodeOptions options;
    options.format = format;
    options.software = "test";
    files.push_back(
        *Encode(MakePhoto(DrawPicture<std::uint8_t>(400, 300, 3), Format::kPng), options, nullptr));
  }
  const auto decode_all = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      for (const File& file : files) {
        ASSERT_TRUE(Decode(file, Limits()));
        // Failures must not leak either.
        ASSERT_FALSE(Decode(std::span(file).first(file.size() / 3), Limits()));
      }
    }
  };
  decode_all(5);
  const std::int64_t before = ResidentBytes("VmRSS");
  decode_all(34);  // 204 good files, as many cut ones.
  EXPECT_LT(ResidentBytes("VmRSS") - before, 6 * kMega);
}

}  // namespace
}  // namespace gpen::codec
