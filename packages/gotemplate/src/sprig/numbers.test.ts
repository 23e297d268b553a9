import { describe, expect, it } from 'vitest';
import { failure, render } from '../testing/render.ts';

const data = { i: 8080, big: 1e20, b: true };

describe('integers', () => {
  it.each([
    ['{{add .i 1}} {{add 1 2.7}} {{add "3" 4}} {{add}} {{add1 "5"}} {{add .b nil "x"}}', '8081 3 7 0 6 1'],
    ['{{sub 5 3}} {{mul 2 3 4}} {{mul 2}} {{div 7 2}} {{div -7 2}} {{mod -7 3}} {{mod 7 -3}}', '2 24 2 3 -3 -1 1'],
    ['{{max 1 5 3}} {{min 1 5 3}} {{biggest "7" 2.9}} {{max -1}}', '5 1 7 -1'],
    [
      '{{add 9223372036854775807 1}} {{mul 9223372036854775807 2}} {{sub -9223372036854775807 2}}',
      '-9223372036854775808 -2 9223372036854775807',
    ],
    [
      '{{int "0x10"}} {{int "010"}} {{int "abc"}} {{int 3.9}} {{int -3.9}} {{int64 "5"}} {{int "12.00"}} {{int "12.5"}} {{int true}} {{int nil}}',
      '16 8 0 3 -3 5 12 0 1 0',
    ],
    ['{{int .big}} {{int "1e3"}}', '-9223372036854775808 0'],
    ['{{printf "%T %T %T %T" (int 1) (int64 1) (add 1 1) (float64 1)}}', 'int int64 int64 float64'],
    [
      '{{atoi "12"}} {{atoi "010"}} {{atoi "x"}} {{toDecimal "0777"}} {{toDecimal 755}} {{toDecimal "9"}}',
      '12 10 0 511 493 0',
    ],
    [
      '{{until 3}} {{until 0}} {{until -3}} {{untilStep 0 10 3}} {{untilStep 5 0 -2}} {{untilStep 0 5 0}} {{untilStep 3 0 1}}',
      '[0 1 2] [] [0 -1 -2] [0 3 6 9] [5 3 1] [] []',
    ],
    [
      '{{seq 5}} {{seq -3}} {{seq 2 5}} {{seq 5 2}} {{seq 1 2 9}} {{seq 0 -2 -5}} {{seq 0 2 -5}}|{{seq}}|{{seq 0}}',
      '1 2 3 4 5 1 0 -1 -2 -3 2 3 4 5 5 4 3 2 1 3 5 7 9 0 -2 -4 ||1 0',
    ],
    ['{{typeOf (until 1)}} {{range until 2}}{{printf "%T" .}} {{end}}', '[]int int int '],
  ])('%s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });

  it.each([
    ['{{div 1 0}}', 'error calling div: runtime error: integer divide by zero'],
    ['{{mod 1 0}}', 'error calling mod: runtime error: integer divide by zero'],
    ['{{divf 1 0}}', 'error calling divf: decimal division by 0'],
    ['{{until "3"}}', 'expected integer; found "3"'],
    ['{{until 1.5}}', 'expected integer; found 1.5'],
  ])('%s fails', (text, expected) => {
    expect(failure(text, data)).toContain(expected);
  });
});

describe('floats', () => {
  it.each([
    [
      '{{addf 1.5 2}} {{addf 0.1 0.2}} {{mulf 1.1 3}} {{divf 1 3}} {{subf 1 0.9}} {{divf 1 4 2}} {{add1f 0.5}}',
      '3.5 0.3 3.3 0.3333333333333333 0.1 0.125 1.5',
    ],
    [
      '{{addf}} {{subf 5}} {{mulf 1e10 1e10}} {{divf -2 3}} {{divf 2 3}}',
      '0 5 1e+20 -0.6666666666666667 0.6666666666666667',
    ],
    ['{{maxf 1.5 2}} {{minf 1.5 2}} {{maxf "2.5" 1}}', '2 1.5 2.5'],
    [
      '{{round 123.5555 3}} {{round 123.4 0}} {{round 2.5 0}} {{round -2.5 0}} {{round 1.25 1 0.6}} {{ceil 1.1}} {{floor 1.9}} {{floor -1.1}} {{ceil "1.2"}}',
      '123.556 123 3 -3 1.2 2 1 -2 2',
    ],
    ['{{float64 "1.5"}} {{float64 "x"}} {{float64 3}} {{float64 true}} {{float64 nil}}', '1.5 0 3 1 0'],
    ['{{printf "%T" (addf 1)}} {{kindOf (ceil 1)}}', 'float64 float64'],
  ])('%s', (text, expected) => {
    expect(render(text, data)).toBe(expected);
  });
});
