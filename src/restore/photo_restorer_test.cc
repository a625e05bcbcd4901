// That lack of memory in any thread of a restoration is an error of that photo.
//
// Runs the installed networks; where there are none (a build of the sources alone) it is skipped.
#include "restore/photo_restorer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <thread>

#include "base/source_folder.h"
#include "codec/encode.h"
#include "codec/pictures_testing.h"

namespace gpen::restore {
namespace {

// While armed, the first large allocation of another thread than the armed one fails, and the armed
// one waits for that, so that it does not do all the work itself.
struct Shortage {
  std::atomic<bool> armed = false;
  std::atomic<bool> failed = false;
  std::atomic<std::size_t> least_bytes = 0;
  std::thread::id caller;
};
Shortage shortage;

[[maybe_unused]] bool Fails(std::size_t bytes) {
  if (!shortage.armed || bytes < shortage.least_bytes) return false;
  if (std::this_thread::get_id() != shortage.caller) return !shortage.failed.exchange(true);
  for (int i = 0; i < 10'000 && !shortage.failed; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace
}  // namespace gpen::restore

// The sanitizers bring their own, and ONNX Runtime would mix the two.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryCanFail = false;
#else
constexpr bool kMemoryCanFail = true;
// Those of the whole test program. Inlined, GCC takes them for a pair that does not match.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  void* const memory = gpen::restore::Fails(bytes) ? nullptr : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void* operator new[](std::size_t bytes) { return ::operator new(bytes); }
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  void* const memory = gpen::restore::Fails(bytes)
                           ? nullptr
                           : std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace gpen::restore {
namespace {

std::vector<std::byte> NoisyPhoto() {
  Image pixels(1000, 800, 3, SampleType::kU8);
  unsigned state = 1;
  for (int i = 0; i < 1000 * 800 * 3; ++i) {
    state = state * 1'664'525U + 1'013'904'223U;
    pixels.Row<std::uint8_t>(0)[i] = static_cast<std::uint8_t>(state >> 24U);
  }
  std::vector<std::string> warnings;
  return *codec::Encode(codec::MakePhoto(std::move(pixels), codec::Format::kPng), {}, &warnings);
}

TEST(PhotoRestorer, LackOfMemoryInAHelperThreadIsAnErrorOfThatPhoto) {
  if (!kMemoryCanFail) GTEST_SKIP() << "a sanitizer's memory does not fail on request";
  RestorerOptions options;
  options.models_folder = SourceFolder() / "models";
  options.threads = 2;
  auto restorer = PhotoRestorer::Create(options);
  if (!restorer && restorer.error().code() == ErrorCode::kModelMissing) {
    GTEST_SKIP() << restorer.error().message();
  }
  ASSERT_TRUE(restorer) << restorer.error().message();
  RestoreRequest request;
  const auto file = NoisyPhoto();
  request.file = file;
  request.name = "noise.png";
  shortage.caller = std::this_thread::get_id();
  // A tile of 320x240 as a network sees it: searching for faces is the first work side by side.
  shortage.least_bytes = std::size_t{320} * 240 * 3 * sizeof(float);
  const auto arm_at_search = [](Step step, int, int) { shortage.armed = step == Step::kDetect; };
  const auto refused = (*restorer)->Restore(request, {}, arm_at_search);
  shortage.armed = false;
  EXPECT_TRUE(shortage.failed) << "or the test shows nothing";
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(refused.error().message(), "noise.png: not enough memory for this photo");
  // The next photo finds everything in order.
  const auto restored = (*restorer)->Restore(request, {}, {});
  EXPECT_TRUE(restored) << restored.error().message();
}

}  // namespace
}  // namespace gpen::restore
