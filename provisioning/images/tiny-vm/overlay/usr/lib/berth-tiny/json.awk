# Flattens one JSON text (RFC 8259) to lines "path TAB value": {"a":{"b":[1,"x"]}} gives a.b.0 and a.b.1.
# In a value, a backslash and control characters are escaped as printf's %b reads them back; other bytes are as they were.
# Characters of a key outside [A-Za-z0-9_-] become '?', so a path has dots only between its parts. null gives no line.
# A text that is not JSON gives the status 1; what was printed before the error must not be used.
function fail(why) { print "berth-tiny: seed: " why > "/dev/stderr"; failed = 1; exit 1 }

function skip_space() { sub(/^[ \t\r\n]+/, "", text) }

function take(length_in_bytes,   taken) {
  taken = substr(text, 1, length_in_bytes)
  text = substr(text, length_in_bytes + 1)
  return taken
}

function octal(byte) { return sprintf("\\0%03o", byte) }

# A Unicode code point as UTF-8; surrogate pairs are joined by the caller.
function utf8(point) {
  if (point < 32 || point == 92 || point == 127) return octal(point)
  if (point < 128) return sprintf("%c", point)
  if (point < 2048) return octal(192 + int(point / 64)) octal(128 + point % 64)
  if (point < 65536) return octal(224 + int(point / 4096)) octal(128 + int(point / 64) % 64) octal(128 + point % 64)
  return octal(240 + int(point / 262144)) octal(128 + int(point / 4096) % 64) octal(128 + int(point / 64) % 64) octal(128 + point % 64)
}

function hex4(   i, digit, sum) {
  if (text !~ /^[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]/) fail("bad \\u escape")
  sum = 0
  for (i = 1; i <= 4; i++) {
    digit = index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
    sum = sum * 16 + digit
  }
  take(4)
  return sum
}

function escape(   kind, point, low) {
  kind = substr(take(2), 2, 1)
  if (kind == "n") return "\\n"
  if (kind == "t") return "\\t"
  if (kind == "r") return "\\r"
  if (kind == "b") return "\\b"
  if (kind == "f") return "\\f"
  if (kind == "\\") return "\\\\"
  if (kind == "\"" || kind == "/") return kind
  if (kind != "u") fail("bad escape")
  point = hex4()
  if (point >= 55296 && point < 56320) {
    if (substr(text, 1, 2) != "\\u") fail("half a surrogate pair")
    take(2)
    low = hex4()
    if (low < 56320 || low > 57343) fail("half a surrogate pair")
    point = 65536 + (point - 55296) * 1024 + (low - 56320)
  }
  if (point == 0) fail("NUL in a text")
  return utf8(point)
}

function string(   out, c) {
  take(1)
  out = ""
  while (1) {
    if (match(text, /^[^"\\\001-\037]+/)) out = out take(RLENGTH)
    c = substr(text, 1, 1)
    if (c == "\"") { take(1); return out }
    if (c != "\\") fail("a text does not end")
    out = out escape()
  }
}

function emit(path, value) { print path "\t" value }

function value(path, depth,   c, n, key, prefix) {
  if (depth > 16) fail("nested too deep")
  prefix = path == "" ? "" : path "."
  skip_space()
  c = substr(text, 1, 1)
  if (c == "\"") { emit(path, string()); return }
  if (c != "{" && c != "[") {
    if (!match(text, /^(true|false|null|-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)/)) fail("no JSON value at: " substr(text, 1, 20))
    c = take(RLENGTH)
    if (c != "null") emit(path, c)
    return
  }
  take(1)
  skip_space()
  if (substr(text, 1, 1) == (c == "{" ? "}" : "]")) { take(1); return }
  for (n = 0; ; n++) {
    key = n
    if (c == "{") {
      skip_space()
      if (substr(text, 1, 1) != "\"") fail("a key is missing")
      key = string()
      gsub(/[^A-Za-z0-9_-]/, "?", key)
      skip_space()
      if (take(1) != ":") fail("a colon is missing")
    }
    value(prefix key, depth + 1)
    skip_space()
    if (match(text, /^,/)) { take(1); continue }
    if (take(1) != (c == "{" ? "}" : "]")) fail("a comma or bracket is missing")
    return
  }
}

{ if ($0 !~ /^#/ || text != "") text = text $0 "\n" }

END {
  if (failed) exit 1
  value("", 0)
  skip_space()
  if (text != "") fail("something follows the JSON value")
}
