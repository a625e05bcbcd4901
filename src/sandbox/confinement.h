// What a process for photos gives up before it opens the first one: files of people, writing files,
// the network, other programs and processes. A photo that takes the decoder over then finds
// nothing.
//
// Each part is left out where the kernel does not have it (Landlock from Linux 5.13 on, seccomp
// from 3.17 on).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpen::sandbox {

/// Shuts the calling thread, and all threads that it starts, in for good: of files only those of
/// the system and those beneath `readable` can be read, and none written. Call it before there are
/// other threads. Returns what could not be shut, for people; empty if all was.
std::vector<std::string> ShutIn(const std::vector<std::filesystem::path>& readable);

}  // namespace gpen::sandbox
