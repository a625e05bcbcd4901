"""The list of contents of what the closure is in, in CycloneDX 1.5."""
import base64
import datetime
import hashlib
import json
import pathlib
import urllib.parse
import uuid

from closure import CONTENTS
from product import PACKAGING, git, read_product, version


def _purl(kind, name, version_of_it, **qualifiers):
    quoted = "/".join(urllib.parse.quote(part, safe="") for part in name.split("/"))
    query = "&".join(f"{key}={urllib.parse.quote(value, safe='')}" for key, value in sorted(qualifiers.items()))
    return f"pkg:{kind}/{quoted}@{urllib.parse.quote(version_of_it, safe='')}" + (f"?{query}" if query else "")


def _component(purl, **fields):
    return {"bom-ref": purl, "purl": purl, **fields}


def debian_components(contents, distribution):
    for package in contents["packages"]:
        purl = _purl("deb", f"debian/{package['name']}", package["version"], arch=package["architecture"],
                     distro=distribution)
        yield _component(purl, type="library", name=package["name"], version=package["version"])


def npm_components():
    """What the program brings of them: ONNX Runtime and the face models, pinned by the lock file."""
    lock = json.loads((PACKAGING / "npm/package-lock.json").read_text())["packages"]
    for place, entry in sorted(lock.items()):
        name = place.removeprefix("node_modules/")
        # The test photos stay behind.
        if not name or name == "@vladmandic/face-api":
            continue
        algorithm, _, digest = entry["integrity"].partition("-")
        if algorithm != "sha512":
            raise ValueError(f"packaging/npm/package-lock.json: expected a sha512 of {name}, found {algorithm}")
        yield _component(_purl("npm", name, entry["version"]),
                         type="library", name=name, version=entry["version"],
                         hashes=[{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}])


def model_components(contents):
    for file in contents["files"]:
        name = pathlib.PurePosixPath(file["name"])
        if name.suffix == ".onnx":
            yield {"bom-ref": f"model:{name.stem}", "type": "machine-learning-model", "name": name.stem,
                   "hashes": [{"alg": "SHA-256", "content": file["sha256"]}]}


def list_of_contents(closure, distribution, time):
    contents = json.loads((pathlib.Path(closure) / CONTENTS).read_text())
    product = read_product()
    components = [*debian_components(contents, distribution), *npm_components(), *model_components(contents)]
    own = {"bom-ref": product["name"], "type": "application", "name": product["name"], "version": version(),
           "licenses": [{"license": {"id": product["licence"]}}]}
    if product["homepage"]:
        own["externalReferences"] = [{"type": "website", "url": product["homepage"]}]
    about = {"timestamp": datetime.datetime.fromtimestamp(time, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
             "component": own, "properties": [{"name": "gpen:commit", "value": git("rev-parse", "HEAD")}]}
    # The same contents have the same number.
    number = uuid.UUID(hashlib.sha256(json.dumps([components, about], sort_keys=True).encode()).hexdigest()[:32])
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{number}",
                       "version": 1, "metadata": about, "components": components}, indent=1) + "\n"
