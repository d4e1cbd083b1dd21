#pragma once

#include <string>

#include "app/remote.h"

namespace firn::app {

// Rows as an aligned table: numbers to the right, text cut at `width_max` characters a column.
std::string format_table(const Remote::Rows& rows, size_t width_max = 60);

}  // namespace firn::app
