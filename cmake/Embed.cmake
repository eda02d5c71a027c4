# tallyd_embed(TARGET FILE SYMBOL): turns a text file into a C string that the target links in,
# so that a script stays a file of its own to read, lint and test.
function(tallyd_embed target file symbol)
  set(in "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c")
  tallyd_plant_script(in)
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" "-DIN=${in}" "-DOUT=${out}"
            "-DSYMBOL=${symbol}" -P "${CMAKE_SOURCE_DIR}/cmake/EmbedFile.cmake"
    DEPENDS "${in}" "${CMAKE_SOURCE_DIR}/cmake/EmbedFile.cmake"
    COMMENT "Embedding ${file}" VERBATIM)
  target_sources(${target} PRIVATE "${out}")
endfunction()
