#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firn {

// The words of a name or a text in lower case: "dropTable", "drop_table" and "Drop tables!" are all
// drop, table; an s at the end of a longer word does not count.
std::vector<std::string> words_of(std::string_view text);

// How well a named thing answers to the words: a whole word of its name counts most, then the
// beginning of one, then a word of its description. 0: not at all.
int word_score(const std::vector<std::string>& wanted, std::string_view name,
               std::string_view description);

}  // namespace firn
