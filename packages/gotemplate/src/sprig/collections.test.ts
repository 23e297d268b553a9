import { describe, expect, it } from 'vitest';
import { failure, render } from '../testing/render.ts';
import { Typed } from '../value.ts';

const data = () => ({
  l: ['a', 'b', 'c'],
  nums: [3, 1, 2],
  m: { b: 2, a: 1, c: { d: 'x' } },
  n: null,
  s: 'text',
  values: new Typed({ name: 'chartutil.Values', kind: 'map' }, new Map([['a', 1]])),
});

describe('lists', () => {
  it.each([
    ['{{list 1 nil "a"}} {{tuple}} {{list}}', '[1 <nil> a] [] []'],
    [
      '{{first .l}} {{last .l}} {{rest .l}} {{initial .l}} {{reverse .l}} {{mustFirst .l}}',
      'a c [b c] [a b] [c b a] a',
    ],
    [
      '[{{first list}}] [{{last list}}] {{rest list}} {{initial list}} {{reverse list}}',
      '[<no value>] [<no value>] [] [] []',
    ],
    ['{{append .l "z"}} {{push .l nil}} {{prepend .l "z"}} {{.l}}', '[a b c z] [a b c <nil>] [z a b c] [a b c]'],
    ['{{concat .l .nums (list)}} {{concat}} {{concat (until 2) .l}}', '[a b c 3 1 2] [] [0 1 a b c]'],
    [
      '{{uniq (list 1 1 2 1.0 "1" (list 1) (list 1) nil nil)}} {{without .l "b" "z"}} {{compact (list 0 1 "" "a" nil false (list) (dict))}}',
      '[1 2 1 1 [1] <nil>] [a c] [1 a]',
    ],
    [
      '{{has "a" .l}} {{has 3 .nums}} {{has 3.0 .nums}} {{has 1 nil}} {{has (list 1) (list (list 1))}} {{has (int64 1) (list 1)}}',
      'true false true false true false',
    ],
    [
      '{{slice .l}} {{slice .l 1}} {{slice .l 1 2}} {{slice .l 3}} {{slice (list) 5}}|{{slice .l "1"}}',
      '[a b c] [b c] [b] [] <no value>|[b c]',
    ],
    [
      '{{chunk 2 .l}} {{chunk 3 .l}} {{chunk 2 list}} {{typeOf (chunk 1 .l)}}',
      '[[a b] [c]] [[a b c]] [] [][]interface {}',
    ],
    [
      '{{typeOf (append (until 2) 5)}} {{typeOf (rest (until 2))}} {{typeOf (slice (until 3) 1)}}',
      '[]interface {} []interface {} []int',
    ],
    [
      '{{all 1 "a" true}} {{all 1 ""}} {{all}} {{any 0 "" "x"}} {{any}} {{coalesce 0 "" nil "x" "y"}} {{coalesce 0}}',
      'true false true true false x <no value>',
    ],
    [
      '{{ternary "a" "b" true}} {{false | ternary "a" "b"}} {{default "d" ""}} {{default 5 0}} {{default "d" .missing}} {{"x" | default "d"}} {{default "d"}} {{default "d" false}}',
      'a b d 5 d x d d',
    ],
    [
      '{{empty .n}} {{empty 0}} {{empty "x"}} {{empty list}} {{empty .m}} {{empty .missing}}',
      'true true false true false true',
    ],
    [
      '{{toJson (rest list)}} {{toJson list}} {{toJson (regexFindAll "z" "a" -1)}} {{toJson (concat)}}',
      'null [] null null',
    ],
  ])('%s', (text, expected) => {
    expect(render(text, data())).toBe(expected);
  });

  it.each([
    ['{{first .s}}', 'error calling first: Cannot find first on type string'],
    ['{{last .m}}', 'error calling last: Cannot find last on type map'],
    ['{{rest 1}}', 'error calling rest: Cannot find rest on type int'],
    ['{{append 1 2}}', 'error calling append: Cannot push on type int'],
    ['{{prepend "x" 2}}', 'error calling prepend: Cannot prepend on type string'],
    ['{{uniq "x"}}', 'error calling uniq: Cannot find uniq on type string'],
    ['{{without "x" 1}}', 'error calling without: Cannot find without on type string'],
    ['{{has 1 "x"}}', 'error calling has: Cannot find has on type string'],
    ['{{compact 1}}', 'error calling compact: Cannot compact on type int'],
    ['{{concat .l 1}}', 'error calling concat: Cannot concat type int as list'],
    ['{{chunk 1 "x"}}', 'error calling chunk: Cannot chunk type string'],
    ['{{slice "x" 1}}', 'error calling slice: list should be type of slice or array but string'],
    ['{{slice .l 2 1}}', 'error calling slice: reflect.Value.Slice: slice index out of bounds'],
    ['{{slice .l 0 4}}', 'error calling slice: reflect.Value.Slice: slice index out of bounds'],
    ['{{first nil}}', 'error calling first: runtime error: invalid memory address or nil pointer dereference'],
  ])('%s fails', (text, expected) => {
    expect(failure(text, data())).toContain(expected);
  });
});

describe('dictionaries', () => {
  it.each([
    [
      '{{dict "a" 1 "b"}} {{dict 1 "x" true "y"}} {{dict}} {{dict "a" 1 "a" 2}}',
      'map[a:1 b:] map[1:x true:y] map[] map[a:2]',
    ],
    [
      '{{get .m "a"}} [{{get .m "zz"}}] {{get (dict "x" nil) "x"}} {{hasKey .m "a"}} {{hasKey .m "z"}}',
      '1 [] <no value> true false',
    ],
    [
      '{{$d := dict}}{{$_ := set $d "x" 1}}{{$d}} {{set $d "y" nil}} {{unset $d "x"}} {{$d}}',
      'map[x:1] map[x:1 y:<nil>] map[y:<nil>] map[y:<nil>]',
    ],
    ['{{set .values "b" 2}} {{.values.b}} {{typeOf .values}}', 'map[a:1 b:2] 2 chartutil.Values'],
    [
      '{{pluck "a" .m (dict "a" 5) (dict)}} {{keys .m | sortAlpha}} {{values (dict "a" 1)}} {{keys}}',
      '[1 5] [a b c] [1] []',
    ],
    ['{{pick .m "a" "zz"}} {{omit .m "a"}} {{.m.a}}', 'map[a:1] map[b:2 c:map[d:x]] 1'],
    [
      '{{dig "c" "d" "def" .m}} {{dig "z" "q" "def" .m}} {{dig "a" "def" .m}} {{dig "x" "def" (dict "x" nil)}}',
      'x def 1 <no value>',
    ],
    [
      '{{$c := deepCopy .m}}{{$_ := set $c.c "d" "y"}}{{.m.c.d}}{{$c.c.d}} {{typeOf (deepCopy .values)}}',
      'xy chartutil.Values',
    ],
    [
      '{{deepEqual .m (deepCopy .m)}} {{deepEqual .l (list "a" "b" "c")}} {{deepEqual 1 1.0}} {{deepEqual (splitList "," "a") (list "a")}} {{deepEqual nil nil}}',
      'true true false false true',
    ],
  ])('%s', (text, expected) => {
    expect(render(text, data())).toBe(expected);
  });

  it.each([
    [
      '{{$d := dict "a" 1 "n" (dict "x" 1)}}{{$_ := merge $d (dict "a" 2 "b" 3 "n" (dict "x" 5 "y" 2))}}{{$d}}',
      'map[a:1 b:3 n:map[x:1 y:2]]',
    ],
    [
      '{{merge (dict "a" false "b" 0 "c" "" "d" list) (dict "a" true "b" 5 "c" "x" "d" (list 1))}}',
      'map[a:true b:5 c:x d:[1]]',
    ],
    [
      '{{merge (dict "a" (dict)) (dict "a" (dict "x" 1))}} {{merge (dict "a" 1) (dict "a" (dict "x" 1))}} {{merge (dict "l" (list 1)) (dict "l" (list 2))}}',
      'map[a:map[x:1]] map[a:1] map[l:[1]]',
    ],
    [
      '{{merge (dict "a" nil) (dict "a" 1)}} {{merge (dict) (dict "a" nil)}} {{merge (dict) (dict "a" 1) (dict "a" 2 "b" 3)}}',
      'map[a:1] map[] map[a:1 b:3]',
    ],
    [
      '{{mergeOverwrite (dict "a" 1 "l" (list 1)) (dict "a" 0 "l" (list 2))}} {{mergeOverwrite (dict "a" (dict "x" 1 "y" 2)) (dict "a" (dict "x" 5))}}',
      'map[a:0 l:[2]] map[a:map[x:5 y:2]]',
    ],
    [
      '{{mergeOverwrite (dict "a" 1) (dict "a" nil)}} {{mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" 2)}} {{mustMergeOverwrite (dict "a" 1) (dict "a" 2) (dict "a" 3)}}',
      'map[a:<nil>] map[a:2] map[a:3]',
    ],
    ['{{$s := dict "n" (dict "x" 1)}}{{$d := merge (dict) $s}}{{$_ := set $d.n "x" 2}}{{$s}}', 'map[n:map[x:2]]'],
    ['{{merge .values (dict "b" 2)}} {{.values.b}} {{mustMerge (dict) .values}}', 'map[a:1 b:2] 2 map[a:1 b:2]'],
  ])('merge: %s', (text, expected) => {
    expect(render(text, data())).toBe(expected);
  });

  it.each([
    ['{{dig "a" "def"}}', 'error calling dig: dig needs at least three arguments'],
    [
      '{{dig "a" "b" "def" .m}}',
      'error calling dig: interface conversion: interface {} is float64, not map[string]interface {}',
    ],
    [
      '{{dig "a" "def" .values}}',
      'error calling dig: interface conversion: interface {} is chartutil.Values, not map[string]interface {}',
    ],
    [
      '{{dig "x" "y" "def" (dict "x" nil)}}',
      'error calling dig: interface conversion: interface {} is nil, not map[string]interface {}',
    ],
    [
      '{{dig 1 "def" "s"}}',
      'error calling dig: interface conversion: interface {} is string, not map[string]interface {}',
    ],
    ['{{dig 1 "def" .m}}', 'error calling dig: interface conversion: interface {} is int, not string'],
    ['{{set nil "a" 1}}', 'error calling set: assignment to entry in nil map'],
    ['{{get .l "a"}}', 'wrong type for value; expected map[string]interface {}; got []interface {}'],
    ['{{get .missing "a"}}', 'wrong type for value; expected map[string]interface {}; got interface {}'],
    ['{{pick .m 1}}', 'expected string; found 1'],
  ])('%s fails', (text, expected) => {
    expect(failure(text, data(), { missingKey: 'zero' })).toContain(expected);
  });
});

describe('reflection', () => {
  it.each([
    [
      '{{kindOf .m}} {{kindOf .l}} {{kindOf nil}} {{kindOf 1}} {{kindOf 1.5}} {{kindOf "x"}} {{kindOf true}} {{kindOf (semver "1.2.3")}} {{kindOf now}}',
      'map slice invalid int float64 string bool ptr struct',
    ],
    [
      '{{typeOf .m}} {{typeOf nil}} {{typeOf .values}} {{typeOf now}} {{typeOf (semver "1.2.3")}}',
      'map[string]interface {} <nil> chartutil.Values time.Time *semver.Version',
    ],
    [
      '{{typeIs "float64" .m.a}} {{kindIs "map" .values}} {{typeIsLike "semver.Version" (semver "1.0.0")}} {{typeIsLike "string" "x"}} {{typeIs "int" 1.0}}',
      'true true true true false',
    ],
  ])('%s', (text, expected) => {
    expect(render(text, data())).toBe(expected);
  });
});
