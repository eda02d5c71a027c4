# Warnings for every target; errors where a developer builds.
option(TALLYD_WERROR "Treat warnings as errors (developer builds)" OFF)
option(TALLYD_HARDEN "Add the hardening flags of a release" OFF)
option(TALLYD_FUZZ "Build the fuzz targets for libFuzzer (clang)" OFF)
set(TALLYD_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined")

add_library(tallyd_options INTERFACE)
target_compile_definitions(tallyd_options INTERFACE _GNU_SOURCE)
target_compile_options(tallyd_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef
  $<$<BOOL:${TALLYD_WERROR}>:-Werror>)

if(TALLYD_HARDEN)
  target_compile_options(tallyd_options INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
    -fcf-protection -fPIE)
  target_link_options(tallyd_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

if(TALLYD_SANITIZE)
  target_compile_options(tallyd_options INTERFACE
    -fsanitize=${TALLYD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(tallyd_options INTERFACE -fsanitize=${TALLYD_SANITIZE})
endif()

if(TALLYD_FUZZ)
  target_compile_options(tallyd_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
