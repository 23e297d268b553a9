/** sprig's arithmetic: integers of 64 bits that wrap around, and floats computed in decimal. */

import { parseInt64 } from '../format/parse-number.ts';
import { sprint } from '../format/printf.ts';
import { type CallContext, GoError, type GoFunction, type GoValue, INTS, int, int64, Typed } from '../value.ts';
import { numberOf, ofAll, ofAny, ofStrings } from './arguments.ts';
import { float64From, int64From } from './convert.ts';
import { add, divide, multiply, subtract, toDecimal, toFloat } from './decimal.ts';

export const NUMBER_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ['atoi', ofStrings(1, (text) => parseInt64(text, 10) ?? 0n)],
  ['int', ofAny(int64From)],
  ['int64', ofAny((value) => int64(int64From(value)))],
  ['float64', ofAny(float64From)],
  ['toDecimal', ofAny((value) => int64(parseInt64(sprint([value]), 8) ?? 0n))],
  ['add1', ofAny((value) => int64(int64From(value) + 1n))],
  ['add', ofAll((values) => int64(values.reduce((sum: bigint, value) => int(sum + int64From(value)), 0n)))],
  ['sub', ofTwo((a, b) => a - b)],
  ['div', ofTwo((a, b) => a / nonZero(b))],
  ['mod', ofTwo((a, b) => a % nonZero(b))],
  [
    'mul',
    ofOneAndMore((a, rest) =>
      int64(rest.reduce((product: bigint, value) => int(product * int64From(value)), int64From(a))),
    ),
  ],
  ['max', ofOneAndMore((a, rest) => int64(extreme([a, ...rest], 'largest')))],
  ['biggest', ofOneAndMore((a, rest) => int64(extreme([a, ...rest], 'largest')))],
  ['min', ofOneAndMore((a, rest) => int64(extreme([a, ...rest], 'smallest')))],
  ['add1f', ofAny((value) => decimals(value, [1n], add))],
  ['addf', ofAll((values) => decimals(0, values, add))],
  ['subf', ofOneAndMore((a, rest) => decimals(a, rest, subtract))],
  ['mulf', ofOneAndMore((a, rest) => decimals(a, rest, multiply))],
  ['divf', ofOneAndMore((a, rest) => decimals(a, rest, divide))],
  ['maxf', ofOneAndMore((a, rest) => Math.max(float64From(a), ...rest.map(float64From)))],
  ['minf', ofOneAndMore((a, rest) => Math.min(float64From(a), ...rest.map(float64From)))],
  ['ceil', ofAny((value) => Math.ceil(float64From(value)))],
  ['floor', ofAny((value) => Math.floor(float64From(value)))],
  [
    'round',
    {
      params: ['interface {}', 'int'],
      variadic: 'float64',
      run: ([value = null, places, from]) =>
        round(float64From(value), numberOf(places), from === undefined ? 0.5 : numberOf(from)),
    },
  ],
  [
    'until',
    { params: ['int'], run: ([stop], call) => ints(steps(0, numberOf(stop), numberOf(stop) < 0 ? -1 : 1, call)) },
  ],
  [
    'untilStep',
    {
      params: ['int', 'int', 'int'],
      run: ([start, stop, step], call) => ints(steps(numberOf(start), numberOf(stop), numberOf(step), call)),
    },
  ],
  ['seq', { params: [], variadic: 'int', run: (values, call) => sequence(values.map(numberOf), call) }],
]);

function ofTwo(run: (a: bigint, b: bigint) => bigint): GoFunction {
  return {
    params: ['interface {}', 'interface {}'],
    run: ([a = null, b = null]) => int64(run(int64From(a), int64From(b))),
  };
}

function ofOneAndMore(run: (first: GoValue, rest: readonly GoValue[]) => GoValue): GoFunction {
  return { params: ['interface {}'], variadic: 'interface {}', run: ([first = null, ...rest]) => run(first, rest) };
}

function extreme(values: readonly GoValue[], which: 'largest' | 'smallest'): bigint {
  const sorted = values.map(int64From).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.at(which === 'largest' ? -1 : 0) ?? 0n;
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw new GoError('runtime error: integer divide by zero');
  return value;
}

function decimals(first: GoValue, rest: readonly GoValue[], operate: typeof add): number {
  return toFloat(rest.reduce((result, value) => operate(result, decimalFrom(value)), decimalFrom(first)));
}

function decimalFrom(value: GoValue): ReturnType<typeof toDecimal> {
  return toDecimal(float64From(value));
}

/** Digits after the point; the part from which it goes up can be chosen. */
function round(value: number, places: number, from: number): number {
  const power = 10 ** places;
  const scaled = power * value;
  const part = scaled - Math.trunc(scaled);
  return (part >= from ? Math.ceil(scaled) : Math.floor(scaled)) / power;
}

function steps(start: number, stop: number, step: number, call: CallContext): number[] {
  const numbers: number[] = [];
  const up = stop >= start;
  if (up ? step <= 0 : step >= 0) return numbers;
  for (let value = start; up ? value < stop : value > stop; value += step) {
    call.budget.step();
    numbers.push(value);
  }
  return numbers;
}

function ints(numbers: readonly number[]): Typed {
  return new Typed(
    INTS,
    numbers.map((value) => BigInt(value)),
  );
}

/** As the command seq: one number counts from 1, two are the ends, the middle one of three is the step. */
function sequence(values: readonly number[], call: CallContext): string {
  const [first = 0, second = 0, third = 0] = values;
  switch (values.length) {
    case 1:
      return steps(1, first + (first < 1 ? -1 : 1), first < 1 ? -1 : 1, call).join(' ');
    case 2:
      return steps(first, second + (second < first ? -1 : 1), second < first ? -1 : 1, call).join(' ');
    case 3: {
      const direction = third < first ? -1 : 1;
      if (direction < 0 && second > 0) return '';
      return steps(first, third + direction, second, call).join(' ');
    }
    default:
      return '';
  }
}
