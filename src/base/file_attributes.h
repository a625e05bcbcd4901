// What a file has beside its bytes: owner, permission bits, access control list, extended
// attributes, and the time of its last change.
//
// File systems know more or less of it, and a process may set more or less: what cannot be set is
// left as it is, since a file's bytes are worth more than its label.
#pragma once

namespace gpen {

/// Gives the open file `to` the owner, the group and the permission bits of the open file `from`.
void CopyOwnerAndMode(int from, int to);

/// The same of the access control list and the extended attributes that users and Samba set. Where
/// `from` has no list, `to` has none then. After CopyOwnerAndMode(), which would change the list.
void CopyAttributes(int from, int to);

/// The same of the time of the last change. After the last write to `to`.
void CopyModificationTime(int from, int to);

}  // namespace gpen
