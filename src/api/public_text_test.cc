#include "api/public_text.h"

#include <gtest/gtest.h>

namespace gpen::api {
namespace {

TEST(PublicText, NamesFoldersAndNotTheirPlaces) {
  const PublicText text({{"/srv/gpen/data", "the data folder"},
                         {"/srv/gpen/data/gpen.db", "the queue's database"},
                         {"/volume1/photos/", "the \"family\" folder"},
                         {"/", "everything"}});
  EXPECT_EQ(text.Of("cannot write to /srv/gpen/data/outputs/a.jpg: No space left on device"),
            "cannot write to outputs/a.jpg: No space left on device");
  EXPECT_EQ(text.Of("cannot use /srv/gpen/data: Permission denied"),
            "cannot use the data folder: Permission denied");
  EXPECT_EQ(text.Of("/srv/gpen/data/ and /srv/gpen/data"), "the data folder/ and the data folder");
  EXPECT_EQ(text.Of("/srv/gpen/data/gpen.db is locked"), "the queue's database is locked");
  EXPECT_EQ(text.Of("/volume1/photos/2020/a.jpg, /volume1/photos"),
            "2020/a.jpg, the family folder");
  EXPECT_EQ(text.Of("/srv/gpen/database and /etc/passwd"), "/srv/gpen/database and /etc/passwd");
  EXPECT_EQ(text.Of(""), "");
}

TEST(PublicText, WithoutFoldersChangesNothing) {
  EXPECT_EQ(PublicText({}).Of("/srv/gpen/data/x"), "/srv/gpen/data/x");
}

}  // namespace
}  // namespace gpen::api
