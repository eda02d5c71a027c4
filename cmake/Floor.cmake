# tallyd_floor(NAME SOURCES … BELOW … LIBS …)
# One object library a floor. It exposes its own folder and those of the floors that it stands
# on, so a file that reaches upwards doesn't compile.
function(tallyd_floor name)
  cmake_parse_arguments(ARG "" "" "SOURCES;BELOW;LIBS" ${ARGN})
  add_library(${name} OBJECT ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC
    "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/include")
  target_link_libraries(${name} PUBLIC ${ARG_BELOW} ${ARG_LIBS} PRIVATE tallyd_options)
endfunction()
