// The prefixes of the names in an XMP packet. A writer may choose any for a namespace: Windows'
// imaging component writes "prefix0". What edits a packet's text looks for those that the
// specifications use.
#pragma once

#include <string>

namespace gpen::codec {

/// Renames the prefixes of the namespaces that we edit to those of their specifications. All others
/// stay, and so does the whole packet where its writer used the usual ones.
void UseUsualPrefixes(std::string* packet);

}  // namespace gpen::codec
