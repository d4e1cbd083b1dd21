# simdjson's on-demand parser picks its kernel when it is compiled: json_kernel.cc is built for two
# processors, and json_rows.cc chooses between them when it runs.
list(FILTER sources EXCLUDE REGEX "/json_kernel\\.cc$")
foreach(kernel haswell westmere)
  add_library(firn_json_${kernel} OBJECT ${CMAKE_SOURCE_DIR}/src/ingest/json_kernel.cc)
  target_link_libraries(firn_json_${kernel} PRIVATE firn_settings firn::catalog firn_dep_arrow_all
    firn_dep_simdjson)
  target_compile_options(firn_json_${kernel} PRIVATE -march=${kernel})
  target_compile_definitions(firn_json_${kernel} PRIVATE FIRN_JSON_NAMESPACE=json_${kernel})
  list(APPEND sources $<TARGET_OBJECTS:firn_json_${kernel}>)
endforeach()
# In this library and not beside it: the linker would take libparquet's symbols first.
list(APPEND sources $<TARGET_OBJECTS:firn_dep_simdjson_objects>)
