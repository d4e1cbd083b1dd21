# Compiler settings for Firn's own code, and one way to declare a library with its tests.
add_library(firn_settings INTERFACE)
target_compile_options(firn_settings INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers
  -fno-omit-frame-pointer -fvisibility=hidden)
# First on the command line, so that a kernel built for a newer processor can say so after it.
add_compile_options(-march=x86-64-v2)
# gcc 12 sees uninitialized strings in optional<string> where there are none.
target_compile_options(firn_settings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
target_include_directories(firn_settings INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
target_compile_definitions(firn_settings INTERFACE BOOST_ASIO_NO_DEPRECATED FIRN_VERSION="${PROJECT_VERSION}")
if(FIRN_SANITIZE)
  add_compile_options(-fsanitize=${FIRN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FIRN_SANITIZE})
  if(FIRN_SANITIZE MATCHES "undefined")
    # DuckDB and Arrow are not built with type information for this check.
    add_compile_options(-fno-sanitize=vptr,function)
  endif()
endif()
if(FIRN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Every unit test and fuzz target, and nothing that only the server needs.
add_custom_target(checks)

# firn_library(name DEPS ...): src/name/*.cc is firn::name; src/name/tests/*_test.cc is name_test.
# An edge such as ingest/http is firn::ingest_http. One source may be built for several processors:
# src/name/kernels.cmake says so.
function(firn_library path)
  string(REPLACE "/" "_" name ${path})
  cmake_parse_arguments(ARG "" "" "DEPS;EXCLUDE;SUBDIRS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${path}/*.cc)
  foreach(dir IN LISTS ARG_SUBDIRS)
    file(GLOB more CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${path}/${dir}/*.cc)
    list(APPEND sources ${more})
  endforeach()
  if(NOT sources)
    message(FATAL_ERROR "src/${path} has no sources")
  endif()
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(EXISTS ${CMAKE_SOURCE_DIR}/src/${path}/kernels.cmake)
    include(${CMAKE_SOURCE_DIR}/src/${path}/kernels.cmake)
  endif()
  add_library(firn_${name} STATIC ${sources})
  add_library(firn::${name} ALIAS firn_${name})
  target_link_libraries(firn_${name} PUBLIC firn_settings ${ARG_DEPS})
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${path}/tests/*_test.cc)
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE firn::${name} GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE FIRN_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
      FIRN_EXTENSION_DIR="${FIRN_RUNTIME_LIB_DIR}/duckdb")
    add_dependencies(checks ${name}_test)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()
