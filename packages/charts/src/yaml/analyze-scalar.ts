/** Which notations can carry a text, by the rules of libyaml's emitter. */

import { isBlank, isBlankOrEnd, isBreak, SPACE, TAB } from './cursor.ts';

export interface ScalarAnalysis {
  readonly multiline: boolean;
  /** Allowed without quotes outside and inside brackets. */
  readonly blockPlain: boolean;
  readonly flowPlain: boolean;
  readonly singleQuoted: boolean;
  /** Allowed as `|`. */
  readonly literal: boolean;
}

/** Which emitter: yaml.v2 writes a tab as an escape, yaml.v3 as it is. */
export type Dialect = 'yaml2' | 'yaml3';

export function analyzeScalar(text: string, dialect: Dialect): ScalarAnalysis {
  if (/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(text)) return PLAIN;
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, singleQuoted: true, literal: false };
  let blockIndicators = text.startsWith('---') || text.startsWith('...');
  let flowIndicators = blockIndicators;
  let breaks = false;
  let special = false;
  let tab = false;
  let spaceBreak = false;
  let breakSpace = false;
  let previous: 'space' | 'break' | 'other' = 'other';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
    const indicator = indicatorAt(text, at, code, next);
    flowIndicators ||= indicator !== 'none';
    blockIndicators ||= indicator === 'both';
    if (code === TAB && dialect === 'yaml3') tab = true;
    else special ||= !isPrintableUnit(text, at);
    if (code === SPACE) {
      breakSpace ||= previous === 'break';
      previous = 'space';
    } else if (isBreak(code)) {
      breaks = true;
      spaceBreak ||= previous === 'space';
      previous = 'break';
    } else previous = 'other';
  }
  const trailingSpace = text.endsWith(' ');
  const ragged = trailingSpace || text.startsWith(' ') || isBreak(text.charCodeAt(0)) || previous === 'break';
  const hidden = spaceBreak || special;
  const plain = !ragged && !breakSpace && !hidden && !breaks && !tab;
  return {
    multiline: breaks,
    flowPlain: plain && !flowIndicators,
    blockPlain: plain && !blockIndicators,
    singleQuoted: !breakSpace && !hidden && !tab,
    literal: !trailingSpace && !hidden,
  };
}

/** True where the emitter writes the character at `at` as it is: it escapes every character above U+FFFF. */
export function isPrintableUnit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e)) return true;
  if (code >= 0xd800 && code <= 0xdfff) return false;
  return code >= 0xa0 && code <= 0xfffd && code !== 0xfeff;
}

function indicatorAt(text: string, at: number, code: number, next: number): 'none' | 'flow' | 'both' {
  const blankNext = isBlankOrEndAt(text, at + 1, next);
  if (at === 0) {
    if (FIRST_INDICATORS.has(code)) return 'both';
    if (code === QUESTION || code === COLON) return blankNext ? 'both' : 'flow';
    if (code === DASH) return blankNext ? 'both' : 'none';
    return 'none';
  }
  if (FLOW_INDICATORS.has(code)) return 'flow';
  if (code === COLON) return blankNext ? 'both' : 'flow';
  if (code === HASH) return isBlankOrEnd(text.charCodeAt(at - 1)) ? 'both' : 'none';
  return 'none';
}

/** As libyaml looks ahead: a blank or the end of the text, not a line break. */
function isBlankOrEndAt(text: string, at: number, code: number): boolean {
  return at >= text.length || isBlank(code);
}

const PLAIN: ScalarAnalysis = {
  multiline: false,
  flowPlain: true,
  blockPlain: true,
  singleQuoted: true,
  literal: true,
};

const HASH = 0x23;
const DASH = 0x2d;
const COLON = 0x3a;
const QUESTION = 0x3f;
const FIRST_INDICATORS: ReadonlySet<number> = new Set(Array.from('#,[]{}&*!|>\'"%@`', (mark) => mark.charCodeAt(0)));
const FLOW_INDICATORS: ReadonlySet<number> = new Set(Array.from(',?[]{}', (mark) => mark.charCodeAt(0)));
