# Runs at build time for tallyd_embed.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
# Bytes beyond ASCII don't fit a signed char unasked.
string(REGEX REPLACE "(0x[89a-f][0-9a-f])" "(char)\\1" bytes "${bytes}")
string(REGEX REPLACE "(((\\(char\\))?0x[0-9a-f][0-9a-f],){16})" "\\1\n    " bytes "${bytes}")
file(WRITE "${OUT}.new" "extern const char ${SYMBOL}[];\nconst char ${SYMBOL}[] = {\n    ${bytes}0x00};\n")
file(RENAME "${OUT}.new" "${OUT}")
