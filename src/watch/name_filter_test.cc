#include "watch/name_filter.h"

#include <gtest/gtest.h>

namespace gpen::watch {
namespace {

TEST(NameFilter, TakesPhotosOfEveryKind) {
  const NameFilter filter;
  for (const auto* name : {"a.jpg", "B.JPEG", "c.PnG", "d.webp", "e.tif", "f.TIFF", "g.heic",
                           "h.avif", "IMG 1 (2).jpg", "\xFF\xFE.jpg", "line\nbreak.jpg", "..a.jpg.",
                           "@photo.jpg", "#1.jpg", "a.b.c.jpg"}) {
    const std::string text = name;
    EXPECT_EQ(filter.IsPhoto(text), text != "..a.jpg.") << text;
  }
}

TEST(NameFilter, LeavesOutHiddenPartialAndOtherFiles) {
  const NameFilter filter;
  for (const auto* name : {"",
                           ".",
                           "jpg",
                           ".jpg",
                           ".hidden.jpg",
                           "._a.jpg",
                           ".DS_Store",
                           "Thumbs.db",
                           "a.mp4",
                           "a",
                           "a.jpg.part",
                           "a.jpg.crdownload",
                           "a.jpg.filepart",
                           "a.jpg.tmp",
                           ".a.jpg.Xy3f9z",
                           "~syncthing~a.jpg.tmp",
                           ".syncthing.a.jpg.tmp",
                           "~syncthing~a.jpg",
                           "~$a.jpg",
                           ".gpen-12-3.tmp",
                           ".::TMPNAME:D:12%a.jpg",
                           ".fuse_hidden0001",
                           ".nfs000123",
                           "a.jpg~",
                           "Unconfirmed 123.jpg"}) {
    EXPECT_FALSE(filter.IsPhoto(name)) << name;
  }
}

TEST(NameFilter, DoesNotEnterSystemFolders) {
  const NameFilter filter;
  for (const auto* name : {"@eaDir", "#recycle", "#snapshot", "@Recycle", ".@__thumb", ".git",
                           "$RECYCLE.BIN", "System Volume Information", "lost+found", ".Trash-1000",
                           ".stversions", ".rsync-partial", "", ".", "Fotos.photoslibrary",
                           "Catalog Previews.lrdata", "Old.aplibrary", "My.lrcat-data"}) {
    EXPECT_FALSE(filter.EntersFolder(name)) << name;
  }
  for (const auto* name : {"2024", "photos @ home", "recycle", "#1", "\xFF"}) {
    EXPECT_TRUE(filter.EntersFolder(name)) << name;
  }
}

TEST(NameFilter, SkipsWhatItsPatternsSay) {
  const NameFilter filter({"*_raw.*", "private"});
  EXPECT_FALSE(filter.IsPhoto("a_RAW.jpg"));
  EXPECT_TRUE(filter.IsPhoto("a.jpg"));
  EXPECT_FALSE(filter.EntersFolder("Private"));
  EXPECT_TRUE(filter.EntersFolder("private2"));
}

}  // namespace
}  // namespace gpen::watch
