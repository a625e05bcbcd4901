// The tables of the queue's database.
#pragma once

#include <span>

namespace gpen::jobs {

/// For MigrateSchema().
std::span<const char* const> SchemaSteps();

}  // namespace gpen::jobs
