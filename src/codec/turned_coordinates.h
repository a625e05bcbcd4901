// Where a place in a stored picture lies in the upright one: the one function for all metadata that
// hold places (face regions, subject areas).
#pragma once

namespace gpen::codec {

/// In parts of the picture's sides, from the left and from the top.
struct PicturePoint {
  double x = 0;
  double y = 0;
};

/// `orientation` as in EXIF, 1..8.
inline PicturePoint Turned(PicturePoint stored, int orientation) {
  const auto [x, y] = stored;
  switch (orientation) {
    case 2:
      return {1 - x, y};
    case 3:
      return {1 - x, 1 - y};
    case 4:
      return {x, 1 - y};
    case 5:
      return {y, x};
    case 6:
      return {1 - y, x};
    case 7:
      return {1 - y, 1 - x};
    case 8:
      return {y, 1 - x};
    default:
      return stored;
  }
}

/// Whether width and height change places.
inline bool SwapsSides(int orientation) { return orientation >= 5 && orientation <= 8; }

/// A rectangle by its middle and its sides.
struct PictureArea {
  PicturePoint middle;
  double width = 0;
  double height = 0;
};

inline PictureArea Turned(const PictureArea& stored, int orientation) {
  const bool swaps = SwapsSides(orientation);
  return {Turned(stored.middle, orientation), swaps ? stored.height : stored.width,
          swaps ? stored.width : stored.height};
}

}  // namespace gpen::codec
