# -DTALLYD_PLANT=NAME builds the programs with one bug in them, for testing the chaos test itself:
# tests/chaos/planted.mjs builds and runs them all. Nothing else may use it.
set(TALLYD_PLANT "" CACHE STRING "A bug to build in, for the test of the chaos test")
set(TALLYD_PLANTS no_replay ids_not_remembered answer_before_fsync no_folder_fsync gap_accepted
    fsync_retried aof_not_repaired segment_dropped_early)
mark_as_advanced(TALLYD_PLANT)

if(TALLYD_PLANT)
  if(NOT TALLYD_PLANT IN_LIST TALLYD_PLANTS)
    message(FATAL_ERROR "TALLYD_PLANT is one of: ${TALLYD_PLANTS}")
  endif()
  message(WARNING "This build has the bug ${TALLYD_PLANT} in it")
  string(TOUPPER "TALLYD_PLANT_${TALLYD_PLANT}" plant)
  add_compile_definitions(${plant})
endif()

# Bugs of the scripts: what is replaced, and by what.
set(plant_ids_not_remembered "not rebuild and records[id]" "nil")
set(plant_gap_accepted "sequence > done + 1" "false")

# tallyd_plant_script(VARIABLE): has the variable name a copy with the bug, if it is one of scripts.
function(tallyd_plant_script variable)
  set(change "${plant_${TALLYD_PLANT}}")
  if(NOT TALLYD_PLANT OR NOT change)
    return()
  endif()
  list(GET change 0 from)
  list(GET change 1 to)
  file(READ "${${variable}}" text)
  string(REPLACE "${from}" "${to}" planted "${text}")
  get_filename_component(name "${${variable}}" NAME)
  if(name STREQUAL "apply.lua" AND planted STREQUAL text)
    message(FATAL_ERROR "${name} has no \"${from}\" for the bug ${TALLYD_PLANT}")
  endif()
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/planted/${name}" "${planted}")
  set(${variable} "${CMAKE_CURRENT_BINARY_DIR}/planted/${name}" PARENT_SCOPE)
endfunction()
