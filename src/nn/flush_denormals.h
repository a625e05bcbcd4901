// FlushDenormals: while one lives, its thread takes denormal numbers for zero.
//
// A processor computes with them in microcode, up to a hundred times slower, and the small face
// networks hold tens of thousands among their weights. What they would add to a sum is less than
// 1e-38 of it. The thread's own mode comes back afterwards: other code may count on it.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace gpen::nn {

class FlushDenormals {
 public:
  explicit FlushDenormals(bool flush = true) : before_(Mode()) {
    if (flush) SetMode(before_ | kFlush);
  }
  ~FlushDenormals() { SetMode(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE2__)
  using Bits = unsigned;
  static constexpr Bits kFlush = 0x8040;  // Results (FTZ) and operands (DAZ).
  static Bits Mode() { return _mm_getcsr(); }
  static void SetMode(Bits mode) { _mm_setcsr(mode); }
#elif defined(__aarch64__)
  using Bits = std::uint64_t;
  static constexpr Bits kFlush = std::uint64_t{1} << 24U;  // FZ: both.
  static Bits Mode() {
    Bits mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void SetMode(Bits mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
#else
  using Bits = unsigned;
  static constexpr Bits kFlush = 0;
  static Bits Mode() { return 0; }
  static void SetMode(Bits) {}
#endif

  const Bits before_;
};

}  // namespace gpen::nn
