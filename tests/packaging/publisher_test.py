"""The publisher's addresses: named where product.toml states them, nowhere made up, and wanted for what is public."""
import subprocess
import sys
import unittest
from unittest import mock

from packaged import RELEASE, temporary
from deb import maintainer
from manifests import Manifests
from product import read_product, unset_addresses

STATED = {"email": "people@photos.test", "homepage": "https://photos.test/"}
UNSET = {"email": "", "homepage": ""}


def manifests(addresses):
    with mock.patch("manifests.read_product", lambda: {**read_product(), **addresses}):
        return Manifests()


class Addresses(unittest.TestCase):
    def test_they_are_named_where_they_are_stated(self):
        self.assertIn(f'maintainer_url="{STATED["homepage"]}"\n', manifests(STATED).template(
            "synology/INFO", OS_MIN="7.0-40000", PLATFORMS="x86_64"))
        self.assertIn(f"<Project>{STATED['homepage']}</Project>",
                      manifests(STATED).all_files()["unraid/gpen-nas.xml"])
        self.assertEqual(maintainer({**read_product(), **STATED}), f"GPEN-NAS maintainers <{STATED['email']}>")

    def test_none_is_made_up(self):
        info = manifests(UNSET).template("synology/INFO", OS_MIN="7.0-40000", PLATFORMS="x86_64")
        self.assertNotIn("maintainer_url", info)
        self.assertIn("maintainer=", info)
        for name, text in manifests(UNSET).all_files().items():
            self.assertNotRegex(text, r"\.invalid|@HOMEPAGE@|<Project>", name)
        self.assertTrue(maintainer({**read_product(), **UNSET}).endswith("@gpen-nas.invalid>"))

    def test_both_are_wanted_for_what_is_public(self):
        self.assertEqual(unset_addresses(UNSET), ["email", "homepage"])
        self.assertEqual(unset_addresses({**STATED, "email": ""}), ["email"])
        self.assertEqual(unset_addresses(STATED), [])
        folder = temporary() / "public"
        told = subprocess.run([sys.executable, RELEASE / "make_release.py", folder, "--public"], capture_output=True,
                              text=True)
        # With addresses it is the key that lacks.
        self.assertRegex(told.stderr, "product.toml" if unset_addresses(read_product()) else "--sign")
        self.assertEqual(told.returncode, 1)
        self.assertFalse(folder.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
