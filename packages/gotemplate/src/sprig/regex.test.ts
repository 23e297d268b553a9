import { describe, expect, it } from 'vitest';
import { failure, render } from '../testing/render.ts';

const data = { multi: 'line1\nline2\n', s: 'hello' };

describe('regular expressions', () => {
  it.each([
    [
      '{{regexMatch "^[a-z]+$" .s}} {{regexMatch "^[a-z]$" .s}} {{regexMatch "ell" .s}} {{regexMatch "" ""}}',
      'true false true true',
    ],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: written in Go's language, not in JavaScript's.
      '{{regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"}} {{regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W"}} {{regexReplaceAll "(a)" "a" "$1x"}}|',
      '-W-xxW- --- |',
    ],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: written in Go's language, not in JavaScript's.
      '{{regexReplaceAll "(?P<x>l+)" .s "<${x}$$>"}} {{regexReplaceAll "l" .s "$0$9$"}} {{regexReplaceAll "x*" "abc" "-"}} {{regexReplaceAll "a*" "baaac" "x"}}',
      'he<ll$>o hel$l$o -a-b-c- xbxcx',
    ],
    ['{{regexReplaceAllLiteral "a" "banana" "$1"}} {{regexReplaceAllLiteral "^" "x" "y"}}', 'b$1n$1n$1 yx'],
    ['{{regexFind "[0-9]+" "ab12c"}} [{{regexFind "z" "ab"}}] {{regexFind "a*" "baa"}}|', '12 [] |'],
    [
      '{{regexFindAll "[a-z]" "a1b2" -1}} {{regexFindAll "[a-z]" "a1b2" 1}} {{regexFindAll "z" "a" -1}} {{regexFindAll "a" "a" 0}} {{len (regexFindAll "a*" "baaac" -1)}}',
      '[a b] [a] [] [] 3',
    ],
    [
      '{{regexSplit "," "a,b,c" 2}} {{regexSplit "," "a,b,c" -1}} {{regexSplit "," "" -1 | len}} {{regexSplit "," "a" 0}} {{regexSplit "" "aé" -1}} {{regexSplit "a*" "baaac" -1}}',
      '[a b,c] [a b c] 1 [] [a é] [b c]',
    ],
    [
      '{{regexFind "(?m)^line2$" .multi}} {{regexMatch "(?i)HELLO" .s}} {{regexMatch "^[[:alpha:]]+$" "abc"}} {{regexMatch "^[\\\\w-\\\\.]+$" "a-b.c"}} {{regexMatch "\\\\p{Greek}" "λ"}}',
      'line2 true true true true',
    ],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: written in Go's language, not in JavaScript's.
      '{{regexMatch "^.$" "☃"}} {{regexFind "(?s)1.l" .multi | quote}} {{regexReplaceAll "(.)(.)" "ab" "${2}${1}"}} {{regexMatch "\\\\bhe" .s}} {{regexMatch "a{2,3}$" "aaa"}}',
      'true "1\\nl" ba true true',
    ],
    ['{{regexQuoteMeta "a.b*c[d]^$|(e){f}?+\\\\"}}', 'a\\.b\\*c\\[d\\]\\^\\$\\|\\(e\\)\\{f\\}\\?\\+\\\\'],
    [
      '{{mustRegexMatch "a" "a"}} {{mustRegexFind "a" "a"}} {{mustRegexFindAll "a" "aa" -1}} {{mustRegexReplaceAll "a" "banana" "o"}} {{mustRegexReplaceAllLiteral "a" "a" "$"}} {{mustRegexSplit "," "a,b" -1}}',
      'true a [a a] bonono $ [a b]',
    ],
  ])('%s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });

  it.each([
    ['{{mustRegexMatch "(" "a"}}', 'error calling mustRegexMatch: error parsing regexp: missing closing )'],
    [
      '{{regexFind "[a" "a"}}',
      'error calling regexFind: regexp: Compile(`[a`): error parsing regexp: missing closing ]: `[a`',
    ],
    ['{{mustRegexFind "[" "a"}}', 'error calling mustRegexFind: error parsing regexp: missing closing ]'],
    ['{{regexFind "*" "a"}}', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['{{regexFind "(?=a)" "a"}}', 'error parsing regexp: invalid'],
    ['{{regexFind "\\\\1" "a"}}', 'error parsing regexp: invalid escape sequence'],
    ['{{regexFind "a{1001}" "a"}}', 'error parsing regexp: invalid repeat count'],
  ])('%s fails', (text, expected) => {
    expect(failure(text, data)).toContain(expected);
  });

  it('match nothing where regexMatch gets one that is none', () => {
    expect(render('{{regexMatch "[a" "a"}} {{regexMatch "(?=a)" "a"}}')).toBe('false false');
  });

  it('take time linear to the text', () => {
    expect(render('{{regexMatch "^(a+)+$" (print (repeat 50000 "a") "b")}}')).toBe('false');
    expect(render('{{regexReplaceAll "(a|a)*b" (repeat 2000 "a") "x" | len}}')).toBe('2000');
  });
});
