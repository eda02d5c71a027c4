# The core computes and nothing else: its objects may not call for a clock, the log, a file, a
# socket or any of the libraries that the floors above use.
set(forbidden
  "^(uv_|lws_|redis|cJSON_|log_|date_now$|stats_)"
  "^(time|clock|clock_gettime|gettimeofday|ftime|timespec_get)$"
  "^(socket|connect|bind|listen|accept4?|send|recv|sendto|recvfrom|poll|select|epoll_wait)$"
  "^(open|openat|read|write|close|pread|pwrite|fsync|fdatasync|unlink|rename)(64)?$"
  "^(fopen|fdopen|fread|fwrite|fputs|fputc|fgets|puts|putchar|printf|fprintf|perror)(64)?$"
  "^__(v?f?printf|read|open|fread|fgets|recv|poll)(64)?_chk$"
  "^(getenv|setenv|fork|system|popen|syslog)$")

string(REPLACE "|" ";" objects "${OBJECTS}")
set(seen 0)
set(guilty "")
foreach(object IN LISTS objects)
  execute_process(COMMAND "${NM}" -u -P "${object}" OUTPUT_VARIABLE symbols
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${symbols}")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "[ @].*" "" symbol "${line}")
    if(symbol)
      math(EXPR seen "${seen} + 1")
    endif()
    foreach(pattern IN LISTS forbidden)
      if(symbol MATCHES "${pattern}")
        get_filename_component(name "${object}" NAME)
        list(APPEND guilty "${name}: ${symbol}")
      endif()
    endforeach()
  endforeach()
endforeach()

if(guilty)
  list(JOIN guilty "\n  " text)
  message(FATAL_ERROR "the core reaches out of itself:\n  ${text}")
elseif(seen EQUAL 0)
  message(FATAL_ERROR "no symbols seen: objects '${OBJECTS}'")
endif()
message(STATUS "${seen} symbols looked at")
