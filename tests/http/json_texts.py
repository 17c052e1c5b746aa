"""Texts that are no JSON, and texts that are, each by itself and inside of others (RFC 8259, I-JSON in RFC 7493)."""

_NUMBERS = (
    b"+1", b"01", b"-01", b"-", b"--1", b"1.", b"-1.", b".5", b"-.5", b"1.e1", b"1e", b"1e+", b"1e-", b"1E", b"1e1.5",
    b"1ee1", b"0x1F", b"0b1", b"0o7", b"1_000", b"1 000", b"1,000", b"1.2.3", b"1-2", b"1+2", b"1f", b"1n",
    b"\xef\xbc\x91", b"\xc2\xb2", b"NaN", b"nan", b"-NaN", b"Infinity", b"-Infinity", b"+Infinity", b"Inf",
)  # fmt: skip
_WORDS = (
    b"nul", b"nulls", b"Null", b"NULL", b"None", b"True", b"TRUE", b"tru", b"truefalse", b"fals", b"undefined", b"a",
    b"a b", b"true false", b"n\xc3\xbcll", b"$", b"@", b"&", b"*", b"=1", b"1=1", b"(1)", b"<1>", b"#1", b"1;",
)  # fmt: skip
_STRINGS = (
    b"'a'", b"`a`", b'"a', b'a"', b'"', b'"""', b'"a"b"', b'"a" "b"', b'"a"+"b"', b'"\\', b'"\\"', b'"\\x41"',
    b'"\\a"', b'"\\0"', b'"\\\'"', b'"\\u"', b'"\\u1"', b'"\\u123"', b'"\\u12G4"', b'"\\U0041"', b'"\\u+123"',
    b'"\\ "', b'"\\\n"', b'"\t"', b'"\n"', b'"a\rb"', b'"\x00"', b'"\x01"', b'"\x1f"', b'"\\u0000"', b'"\\ud800"',
    b'"\\udc00"', b'"\\ud800\\u0041"', b'"\\udc00\\ud800"', b'"\\ud800', b'"\xff"', b'"\x80"', b'"\xc3"', b'"\xc3("',
    b'"\xc0\xaf"', b'"\xe2\x82"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xf0\x80\x80\xaf"', b'"\xfe\xff"',
    b"\xe2\x80\x9ca\xe2\x80\x9d",
)  # fmt: skip
_ARRAYS = (
    b"[", b"]", b"[1", b"1]", b"[1,]", b"[,1]", b"[,]", b"[1,,2]", b"[1 2]", b"[1;2]", b"[1:2]", b"[[1]", b"[1]]",
    b"[1}", b"[...]", b'["a":1]', b"[1]x", b"[]{}", b"[" * 65 + b"]" * 65, b"[" * 100_000, b'[{"":' * 50_000,
)  # fmt: skip
_OBJECTS = (
    b"{", b"}", b'{"a"', b'{"a":', b'{"a":1', b'{"a":1}}', b'{"a":1]', b'{"a"}', b'{"a" 1}', b'{"a",1}', b'{"a"=1}',
    b'{"a"::1}', b'{"a":}', b"{:1}", b'{"a":1,}', b'{,"a":1}', b'{"a":1,,"b":2}', b'{"a":1 "b":2}', b'{"a":1;"b":2}',
    b"{a:1}", b"{'a':1}", b"{1:1}", b"{null:1}", b"{[1]:1}", b'{{"a":1}}', b'{"a":1}{"b":2}', b'{"a":1,"a":2}',
    b'{"a":1,"\\u0061":2}', b'{"a":{"b":1,"b":1}}', b'{"\\ud800":1}', b'{"\\u0000":1}', b'{"a\x00":1}',
    b'{"a":1,"b"}', b'{"a":1 }}', b'{"a' + b'":{"a' * 64 + b'":1' + b"}" * 65,
)  # fmt: skip
_AROUND = (
    b"\xef\xbb\xbf1", b"\xc2\xa01", b"\xe2\x80\xa81", b"\x0b1", b"\x0c1", b"\x001", b"1\x00", b"// no\n1", b"1 // no",
    b"/* no */1", b"# no\n1", b"1,", b",1", b",", b":", b"\\n1", b"\x1b1", b"\xe2\x81\xa01",
)  # fmt: skip
# Within others these would be white space.
_ALONE = (b"", b" ", b"\n\t\r ", b"\xef\xbb\xbf", b"\xff\xfe{\x00}\x00", b"\xfe\xff\x00{\x00}", b"a=1&b=2", b"\x00")
_GOOD = (
    b"0", b"-0", b"1", b"-1", b"123456789012345678901234567890", b"0.1", b"-0.0", b"1.5e3", b"1E-3", b"1e+2",
    b"1e400", b"-1e400", b"0.4e-999", b"true", b"false", b"null", b'""', b'"a"', b'"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    b'"\\u0041"', b'"\\ud83d\\ude00"', b'"\xf0\x9f\x98\x80"', b'"\x7f"', b'"\\u2028"', b'"\xef\xbf\xbf"', b"[]",
    b"{}", b"[[]]", b'[1,"a",null]', b' {"a" : 1 } ', b'{"":0}', b"[" * 60 + b"]" * 60, b'"' + b"a" * 10_000 + b'"',
    b"[" + b"1," * 5_000 + b"1]",
)  # fmt: skip
_WITHIN = (b"%s", b"[%s]", b'{"message":%s}', b'{"message":"a","tags":["b",%s,"c"]}')


def _placed(texts: tuple[bytes, ...]) -> list[bytes]:
    return [place.replace(b"%s", text) for text in texts for place in _WITHIN]


# Some are the same within others.
NO_JSON = list(dict.fromkeys([*_ALONE, *_placed(_NUMBERS + _WORDS + _STRINGS + _ARRAYS + _OBJECTS + _AROUND)]))
JSON = _placed(_GOOD)
