# firn_graphql_schema(name PREFIX api/schema NAMESPACE firn::api::schema SCHEMA files...
#                     [SCALARS NAME=TYPE...] [INCLUDES header...])
# makes firn::name, a library of the C++ that graphqlgen writes for the SDL files into
# <build>/generated/PREFIX. Its headers are included as "PREFIX/types.h" and "PREFIX/service.h".
function(firn_graphql_schema name)
  cmake_parse_arguments(ARG "" "PREFIX;NAMESPACE" "SCHEMA;SCALARS;INCLUDES" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/generated)
  set(out ${root}/${ARG_PREFIX})
  set(sources ${out}/service.cc ${out}/inputs.cc ${out}/dispatch_0.cc ${out}/dispatch_1.cc
    ${out}/dispatch_2.cc)
  set(headers ${out}/types.h ${out}/service.h ${out}/dispatch_internal.h)
  set(flags)
  foreach(scalar IN LISTS ARG_SCALARS)
    list(APPEND flags --scalar ${scalar})
  endforeach()
  foreach(header IN LISTS ARG_INCLUDES)
    list(APPEND flags --include ${header})
  endforeach()
  # The files are left alone where their contents would be the same; the stamp is what is built.
  add_custom_command(OUTPUT ${out}/stamp
    BYPRODUCTS ${sources} ${headers}
    COMMAND graphqlgen --out ${out} --prefix ${ARG_PREFIX} --namespace ${ARG_NAMESPACE} ${flags}
      ${ARG_SCHEMA}
    COMMAND ${CMAKE_COMMAND} -E touch ${out}/stamp
    DEPENDS graphqlgen ${ARG_SCHEMA}
    COMMENT "graphqlgen ${ARG_PREFIX}")
  add_custom_target(firn_${name}_generated DEPENDS ${out}/stamp)
  add_library(firn_${name} STATIC ${sources})
  add_library(firn::${name} ALIAS firn_${name})
  add_dependencies(firn_${name} firn_${name}_generated)
  target_include_directories(firn_${name} PUBLIC ${root})
  target_link_libraries(firn_${name} PUBLIC firn::graphql)
endfunction()
