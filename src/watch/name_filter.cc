#include "watch/name_filter.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace gpen::watch {
namespace {

constexpr std::array<std::string_view, 15> kExtensions = {
    "jpg",  "jpeg", "jpe",   "jfif",  "png", "webp", "tif",  "tiff",
    "heic", "heif", "heics", "heifs", "hif", "avif", "avifs"};

// Hidden ones (.sync, .@__thumb, .Trash-1000, .stversions...) are left out by their dot.
constexpr std::array<std::string_view, 15> kSystemFolders = {"@eadir",
                                                             "#recycle",
                                                             "#snapshot",
                                                             "@tmp",
                                                             "@recycle",
                                                             "@sharebin",
                                                             "@sharesnap",
                                                             "@recently-snapshot",
                                                             "$recycle.bin",
                                                             "recycler",
                                                             "system volume information",
                                                             "lost+found",
                                                             "__macosx",
                                                             "~snapshot",
                                                             "@syno"};

// Libraries of Apple's Photos, iPhoto and Aperture, and what Lightroom keeps beside its catalogue:
// folders that only their program may look into.
constexpr std::array<std::string_view, 7> kLibraries = {
    ".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary", ".lrdata",
    ".lrcat-data",    ".lrlibrary"};

// Programs that write under a name of their own first, with the photo's extension at its end.
constexpr std::array<std::string_view, 4> kPartialPrefixes = {"~syncthing~", "~$", "~tmp",
                                                              "unconfirmed "};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return lower;
}

}  // namespace

bool NameFilter::IsSkipped(std::string_view name) const {
  const std::string text(name);
  return std::ranges::any_of(skipped_, [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
  });
}

bool NameFilter::IsPhoto(std::string_view name) const {
  // Partial downloads and copies (.part, .tmp, .crdownload, .filepart...) fail by their extension.
  if (name.empty() || name.front() == '.') return false;
  const std::string lower = Lower(name);
  const auto dot = lower.rfind('.');
  if (dot == std::string::npos || dot == 0) return false;
  if (std::ranges::find(kExtensions, std::string_view(lower).substr(dot + 1)) ==
      kExtensions.end()) {
    return false;
  }
  for (const auto prefix : kPartialPrefixes) {
    if (lower.starts_with(prefix)) return false;
  }
  return !IsSkipped(name);
}

bool NameFilter::EntersFolder(std::string_view name) const {
  if (name.empty() || name.front() == '.') return false;
  const std::string lower = Lower(name);
  for (const auto ending : kLibraries) {
    if (lower.ends_with(ending)) return false;
  }
  return std::ranges::find(kSystemFolders, lower) == kSystemFolders.end() && !IsSkipped(name);
}

}  // namespace gpen::watch
