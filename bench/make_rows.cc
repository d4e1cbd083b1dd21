// Prints N events, one JSON object a line.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "rows.h"

int main(int argc, char** argv) {
  const unsigned long count = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
  constexpr unsigned long kPiece = 1000;
  for (unsigned long i = 0; i < count; i += kPiece) {
    const std::string piece = firn::bench::make_body(i, kPiece, true);
    if (std::fwrite(piece.data(), 1, piece.size(), stdout) != piece.size()) return 1;
  }
  return 0;
}
