"""Mapping templates: what they compute, and that one from a stranger's document does nothing else."""

import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopegen.gateway import inputs, json_path, vtl
from scopegen.gateway.refused import Refused

PARAMETERS = inputs.Parameters({"id": "7"}, {"q": "x"}, {"origin": "https://a.example"})
BODY = '{"a": {"b": [1, 2], "c d": "e"}, "none": null, "text": "it\'s \\"so\\""}'


def rendered(template: str, body: str = BODY) -> tuple[str, Any]:
    context: Any = {"responseOverride": {"header": {}}, "stage": "v1", "authorizer": {"claims": {"sub": "1"}}}
    return vtl.render(template, inputs.variables(body, PARAMETERS, context, {"tier": "gold"})), context


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain, (text) [1]", "plain, (text) [1]"),
        ("$input.path('$.a.b[1]') $input.json('$.a.b') $input.path(\"$.a['c d']\")", "2 [1, 2] e"),
        ("$input.params('id') $input.params('q') $input.params('Origin') $input.params('no')|", "7 x https://a.example |"),
        ("$input.params().path.id $input.params().header.get('origin')", "7 https://a.example"),
        ("$context.stage ${context.authorizer.claims.sub} $stageVariables.tier", "v1 1 gold"),
        ("#foreach($x in $input.path('$.a.b'))$foreach.count:$x#if($foreach.hasNext), #end#end", "1:1, 2:2"),
        ("#foreach($k in $input.path('$.a').keySet())$k#end", "bc d"),
        ("$input.path('$.a.b').none.deeper|$context.stage.upper.deeper|", "||"),
        ("#if(1 < 2 && 'a' != 'b')yes#{else}no#end", "yes"),
        ("#if($nothing)a#elseif(!$nothing)b#end", "b"),
        ("#set($x = 1 + 2 * 3 - 8 / 2 % 3)$x", "6"),
        ("#set($x = 7 / 2)$x #set($y = (0 - 7) / 2)$y", "3 -3"),
        ("#set($m = {'a': 1})#set($m.b = [1, 'x'])$m.a $m.b.size() $m", '1 2 {a=1, b=[1,"x"]}'),
        ("#set($name = \"a${context.stage}b\")$name", "av1b"),
        ("$util.escapeJavaScript($input.path('$.text')) $util.urlEncode('a b')", "it\\'s \\\"so\\\" a+b"),
        ("$util.base64Decode($util.base64Encode('é')) $util.parseJson('{\"a\": 1}').a", "é 1"),
        ("$util.escapeJavaScript(\"it's\").replaceAll(\"\\\\'\", \"'\")", "it's"),
        ("$nothing.at.all ${nothing|'instead'} $5 #fff", " instead $5 #fff"),
        ("## a comment\nafter#* and another *#!", "after!"),
    ],
)  # fmt: skip
def test_a_template_computes(template: str, expected: str) -> None:
    assert rendered(template)[0] == expected


def test_a_template_overrides_status_and_headers() -> None:
    template = "#set($context.responseOverride.status = 201)#set($context.responseOverride.header.X-A = 'b')"
    text, context = rendered(template)
    assert (text, inputs.override(context)) == ("", (201, {"X-A": "b"}))


ATTACKS = {
    "a class": "$input.__class__",
    "a class of a text": "#set($x = 'a')$x.__class__.__mro__[1].__subclasses__()",
    "a class by a name made at run time": "#set($n = '__' + 'class__')#set($x = 'a')$x[$n]",
    "a class by get": "#set($x = {})$x.get('a', 'b')",
    "a class of a mapping, by brackets": "#set($x = [])$x['__class__']",
    "globals of a method": "$input.path.__globals__",
    "a method that is not called": "$input.path",
    "a format": "#set($x = '{0.__class__}')$x.format($x)",
    "a format by an operator": "#set($x = '%1000000000d' % 1)$x",
    "a format_map": "#set($x = '{a}')$x.format_map({})",
    "encode": "#set($x = 'a')$x.encode('utf-16').hex()",
    "a macro": "#macro(f $x)a#f($x)#end#f(1)",
    "a call of no macro": "#f(1)",
    "a define": "#define($a)$a#end$a",
    "parse": "#parse('/etc/hostname')",
    "include": "#include('/etc/hostname')",
    "evaluate": "#set($x = '$' + 'input')#evaluate($x)",
    "stop": "#stop",
    "return": "#return(1)",
    "setting the input": "#set($input = 1)",
    "looping over the name of the context": "#foreach($context in [1])#end",
    "setting the context": "#set($context.stage = 'x')",
    "setting all overrides": "#set($context.responseOverride = {})",
    "putting a tool into data": "#set($x = [$util])$x",
    "a tool written out": "$util",
    "a range": "#foreach($i in [1..99999999])x#end",
    "a range backwards": "#foreach($i in [0..-99999999])x#end",
    "loops in loops": "#foreach($a in [1..999])#foreach($b in [1..999])#foreach($c in [1..999])x#end#end#end",
    "empty loops in loops": "#foreach($a in [1..9999])#foreach($b in [1..9999])#end#end",
    "a text that doubles": "#set($s = 'x')#foreach($i in [1..99])#set($s = $s + $s)#end",
    "a text that doubles in quotes": "#set($s = 'x')#foreach($i in [1..99])#set($s = \"$s$s\")#end",
    "a text that doubles by replacing": "#set($s = 'xx')#foreach($i in [1..99])#set($s = $s.replaceAll('x', 'xx'))#end",
    "a text times a number": "#set($s = 'x' * 1000000000)",
    "a list times a number": "#set($s = [1] * 1000000000)",
    "a number that grows": "#set($s = 9)#foreach($i in [1..99])#set($s = $s * $s)#end",
    "a list that contains itself": "#set($a = [1])#set($b = $a.add($a))$a",
    "a mapping that contains itself": "#set($a = {})#set($a.a = $a)$a",
    "lists that double": "#set($a = ['x'])#foreach($i in [1..60])#set($a = [$a, $a])#end$a",
    "lists that double, compared": "#set($a = [1])#set($b = [1])#foreach($i in [1..60])#set($a = [$a, $a])#set($b = [$b, $b])#end#if($a == $b)#end",
    "lists that double, found": "#set($a = [1])#set($b = [1])#foreach($i in [1..60])#set($a = [$a, $a])#set($b = [$b, $b])#end#if($a.contains($b))#end",
    "an expression that backtracks": "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.replaceAll('(a+)+$', '')",
    "matches": "#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(a+)+')",
    "lists in calls in lists": "#set($x = " + "[$a(" * 22 + "1" + ")]" * 22 + ")",
    "lists in calls in lists, in braces": "#set($x = " + "[ $!{a(" * 22 + "1" + ")}]" * 22 + ")",
    "lists after words in lists": "#set($x = " + "[$a((1 or" * 22 + "[1]" + "))]" * 22 + ")",
    "lists after or in lists": "#set($x = 1 or" + "[$a((1 or" * 22 + "1" + "))]" * 22 + ")",
    "lists after not in lists": "#set($x = " + "not[$a(" * 22 + "1" + ")]" * 22 + ")",
    "lists in indexes in lists": "#set($x = " + "[$a[" * 22 + "1" + "]]" * 22 + ")",
    "lists in calls of calls": "#set($x = " + "[$a.b.c (" * 22 + "1" + ")]" * 22 + ")",
    "parentheses": "#set($x = " + "(" * 5000 + "1" + ")" * 5000 + ")",
    "conditions": "#if(true)" * 3000 + "#end" * 3000,
    "a number of many digits": "#set($x = " + "9" * 10_000 + ")$x",
    "a JSON that nests": "$util.parseJson('" + "[" * 30_000 + "')",
    "a large template": "$context.stage " * 20_000,
    "not ended": "#if(true)",
    "a wild JSONPath": "$input.path('$..b')",
    "a filtering JSONPath": "$input.path('$.a[?(@.b)]')",
}  # fmt: skip


@pytest.mark.parametrize("template", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_in_a_moment(template: str) -> None:
    began = time.process_time()
    with pytest.raises(Refused):
        rendered(template)
    assert time.process_time() - began < 3


def test_the_names_of_python_reach_nothing_where_they_are_keys() -> None:
    assert rendered("#set($x = {'__class__': 'mine'})$x['__class__']$x.get('__class__')")[0] == "minemine"


def test_what_a_template_changes_changes_only_its_own_copy() -> None:
    shared = {"claims": {"sub": "1"}}
    rendered("#set($x = $context.authorizer.claims.put('sub', '2'))")
    assert shared == {"claims": {"sub": "1"}}
    assert rendered("#set($x = $input.path('$.a').put('b', 1))$input.json('$.a.b')")[0] == "[1, 2]"


PIECES = ["$", "#", "{", "}", "(", ")", "[", "]", ".", "'", '"', "a", "input", "path", "__class__", "set", "if", "foreach",
          "end", "else", " in ", "=", "==", "+", "1", "..", " ", "\\", "context", "|", "!", "util", ",", ":"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_template_is_rendered_or_refused(template: str) -> None:
    try:
        text, _ = rendered(template)
    except Refused:
        return
    assert "built-in" not in text
    assert "<" not in text


@pytest.mark.parametrize(
    ("path", "found"),
    [("$", {"a": [{"b": 1}]}), ("$.a[0].b", 1), ("$['a'][0]", {"b": 1}), ("a", [{"b": 1}]), ("$.a[9].b", None), ("$.x.y", None)],
)  # fmt: skip
def test_a_simple_json_path_finds(path: str, found: Any) -> None:
    assert json_path.at({"a": [{"b": 1}]}, path) == found


@pytest.mark.parametrize("path", ["$..a", "$.*", "$[*]", "$.a[0:1]", "$.a[-1]", "$.a[?(1)]", "$.a b", "$.a.", "$x"])
def test_another_json_path_is_refused(path: str) -> None:
    with pytest.raises(Refused):
        json_path.at({"a": []}, path)


def test_looking_for_a_text_in_a_long_one_is_paid_for() -> None:
    long = '#set($s="' + "a" * 1000 + '")' + '#set($s="$s$s")' * 9
    search = f'#foreach($i in [1..9999])#foreach($j in [1..9])#if($s.contains("{"a" * 200}b"))x#end#end#end'
    began = time.perf_counter()
    with pytest.raises(Refused, match="too long"):
        rendered(long + search)
    with pytest.raises(Refused, match="too long"):
        rendered("#foreach($i in [1..9999])#if($input.body.contains('zq'))x#end#end", "z" * 10_000_000)
    with pytest.raises(Refused, match="too long"):
        rendered(f"#foreach($i in [1..9999])#foreach($j in [1..9])#set($x = $input.path('${'.a' * 20_000}'))#end#end")
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(
    "grown",
    [
        '#set($s="' + "a" * 60_000 + '")#foreach($i in [1..9999])#set($x=$s+$i)$kept.add($x)#end',
        '#set($m={})#foreach($i in [1..5000])$m.put("$i",1)#end#foreach($i in [1..9000])$kept.add($m.keySet())#end',
        '#set($m={})#foreach($i in [1..5000])$m.put("$i",1)#end#foreach($i in [1..9000])$kept.add($m.values())#end',
    ],
)
def test_what_a_template_keeps_is_paid_for(grown: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="too long"):
            rendered("#set($kept=[])" + grown)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_half_a_character_is_a_question_mark() -> None:
    half = '{"a": "\\ud800"}'
    assert rendered("$util.urlEncode($input.path('$.a')) $util.base64Encode($input.path('$.a'))", half)[0] == "%3F Pw=="


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "%"])
@pytest.mark.parametrize("other", ["1", "1.5", "$input.path('$.a')"])
def test_a_number_of_any_size_is_no_bug(operator: str, other: str) -> None:
    with pytest.raises(Refused, match="number that grows too large"):
        rendered(f"#set($x = $input.path('$.a') {operator} {other})$x", f'{{"a": {"9" * 4000}}}')
