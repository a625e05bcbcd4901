# Writes the commit of the checkout SOURCE as a C string into OUTPUT, where it is another one than there.
execute_process(COMMAND git -C ${SOURCE} rev-parse --short HEAD OUTPUT_VARIABLE commit
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(NOT failed EQUAL 0)
  set(commit "")
endif()
set(now "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} now)
endif()
if(NOT now STREQUAL "\"${commit}\"\n")
  file(WRITE ${OUTPUT} "\"${commit}\"\n")
endif()
