# What `./dev setup` put under .deps, and the system's own packages.
set(FIRN_DEPS_DIR ${CMAKE_SOURCE_DIR}/.deps)

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(GTest REQUIRED)
find_package(date REQUIRED)  # time zones; gcc 12 has none
find_package(PkgConfig REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)

# Built here and kept hidden: libparquet exports the symbols of another simdjson, and the two must not
# be taken for each other.
add_library(firn_dep_simdjson_objects OBJECT ${FIRN_DEPS_DIR}/simdjson/simdjson.cpp)
target_include_directories(firn_dep_simdjson_objects SYSTEM PRIVATE ${FIRN_DEPS_DIR}/simdjson)
target_compile_options(firn_dep_simdjson_objects PRIVATE -fvisibility=hidden -O2)
add_library(firn_dep_simdjson INTERFACE)
target_include_directories(firn_dep_simdjson SYSTEM INTERFACE ${FIRN_DEPS_DIR}/simdjson)

set(FIRN_ARROW_LIBRARIES arrow arrow_compute parquet)
foreach(name IN LISTS FIRN_ARROW_LIBRARIES)
  add_library(firn_dep_${name} SHARED IMPORTED)
  set_target_properties(firn_dep_${name} PROPERTIES
    IMPORTED_LOCATION ${FIRN_DEPS_DIR}/arrow/lib/lib${name}.so.2600
    INTERFACE_INCLUDE_DIRECTORIES ${FIRN_DEPS_DIR}/arrow/include)
endforeach()
add_library(firn_dep_arrow_all INTERFACE)
target_link_libraries(firn_dep_arrow_all INTERFACE
  firn_dep_parquet firn_dep_arrow_compute firn_dep_arrow)

add_library(firn_dep_duckdb SHARED IMPORTED)
set_target_properties(firn_dep_duckdb PROPERTIES
  IMPORTED_LOCATION ${FIRN_DEPS_DIR}/duckdb/lib/libduckdb.so
  INTERFACE_INCLUDE_DIRECTORIES ${FIRN_DEPS_DIR}/duckdb/include)

# Everything that the binary loads at run time lies beside it, so the build folder can be moved.
set(FIRN_RUNTIME_LIB_DIR ${CMAKE_BINARY_DIR}/lib)
file(MAKE_DIRECTORY ${FIRN_RUNTIME_LIB_DIR}/duckdb)
file(GLOB firn_runtime_files ${FIRN_DEPS_DIR}/arrow/lib/*.so.2600 ${FIRN_DEPS_DIR}/duckdb/lib/*.so)
file(COPY ${firn_runtime_files} DESTINATION ${FIRN_RUNTIME_LIB_DIR} FOLLOW_SYMLINK_CHAIN)
file(GLOB firn_extension_files CONFIGURE_DEPENDS ${FIRN_DEPS_DIR}/duckdb/extensions/*.duckdb_extension)
file(COPY ${firn_extension_files} DESTINATION ${FIRN_RUNTIME_LIB_DIR}/duckdb)
set(CMAKE_BUILD_RPATH "$ORIGIN/../lib")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

file(GLOB firn_demo_files ${FIRN_DEPS_DIR}/demo/*.csv)
file(COPY ${firn_demo_files} DESTINATION ${CMAKE_BINARY_DIR}/share/demo)

# GraphiQL: its assets and our page. Left out where `./dev setup` has not brought them.
file(GLOB firn_graphiql_files ${FIRN_DEPS_DIR}/graphiql/*.min.* ${CMAKE_SOURCE_DIR}/src/graphql/http/graphiql/*)
file(COPY ${firn_graphiql_files} DESTINATION ${CMAKE_BINARY_DIR}/share/graphiql)

# What language models are told, in versions. A file that changes is copied again.
file(GLOB firn_prompts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/prompts/*.md)
foreach(prompt IN LISTS firn_prompts)
  get_filename_component(name ${prompt} NAME)
  configure_file(${prompt} ${CMAKE_BINARY_DIR}/share/prompts/${name} COPYONLY)
endforeach()
