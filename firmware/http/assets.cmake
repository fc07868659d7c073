# berth_embed_assets(TARGET DIRECTORY [DEPENDS TARGET...]): a static library that defines berth::http::embedded_assets()
# (static_assets.hpp) with every file of DIRECTORY. DIRECTORY is read at build time, after DEPENDS; it may be absent or
# change as it likes, the library is rebuilt only when a byte of it differs.
set(BERTH_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_assets.mjs)

function(berth_embed_assets target directory)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  find_program(NODE_PROGRAM NAMES node nodejs REQUIRED)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target})
  add_custom_target(${target}_pack
    COMMAND ${NODE_PROGRAM} ${BERTH_EMBED_SCRIPT} ${directory} ${out}
    BYPRODUCTS ${out}/assets.cpp ${out}/assets.S
    COMMENT "embedding ${directory}"
    VERBATIM)
  if(arg_DEPENDS)
    add_dependencies(${target}_pack ${arg_DEPENDS})
  endif()
  add_library(${target} STATIC ${out}/assets.cpp ${out}/assets.S)
  add_dependencies(${target} ${target}_pack)
  target_link_libraries(${target} PUBLIC berth_http PRIVATE berth_flags)
endfunction()
