/** snakecase, kebabcase and camelcase: words are found by their letters, numbers and connectors (rules of the library xstrings). */

import { isUpper, lowerRune, upperRune } from './letter-case.ts';

/** `HTTPServer` to `http_server`, with the connector given. */
export function toLowerCaseWords(text: string, connector: string): string {
  const words = new Words(text);
  let result = '';
  let word = words.next();
  while (words.remain()) {
    if (word.type !== 'connector') result += lowered(word, connector);
    const previous = word;
    word = words.next();
    switch (previous.type) {
      case 'number':
        while (word.type === 'alphabet' || word.type === 'number') {
          result += lowered(word, connector);
          word = words.next();
        }
        if (word.type !== 'none' && !joins(word)) result += connector;
        break;
      case 'connector':
        result += lowered(previous, connector);
        break;
      case 'punctuation':
        break;
      default:
        if (word.type !== 'number') {
          if (!joins(word)) result += connector;
          break;
        }
        if (!words.remain()) break;
        [result, word] = numberInside(result, word, words, connector);
    }
  }
  return result + lowered(word, connector);
}

/** `http_server` to `HttpServer`: the first letter of each word is upper case, connectors at the edges stay. */
export function toPascalCase(text: string): string {
  const runes = Array.from(text);
  let result = '';
  let at = 0;
  while (at < runes.length && isConnector(runes[at] ?? '')) {
    result += runes[at];
    at += 1;
  }
  const first = runes[at];
  if (first === undefined) return result;
  let upperWord = isUpper(first);
  let previous = upperRune(first);
  for (const rune of runes.slice(at + 1)) {
    const last = previous;
    previous = rune;
    if (isConnector(rune) && isConnector(last)) {
      result += last;
      continue;
    }
    if (isConnector(last)) {
      upperWord = isUpper(rune);
      previous = upperRune(rune);
      continue;
    }
    if (upperWord && isUpper(rune)) previous = lowerRune(rune);
    else upperWord = false;
    result += last;
  }
  return result + previous;
}

interface Word {
  readonly type: 'none' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punctuation' | 'other';
  readonly text: string;
}

/** A number between two words belongs to the first, unless lower case letters follow it at once. */
function numberInside(text: string, number: Word, words: Words, connector: string): [string, Word] {
  let result = text;
  let word = words.next();
  if (word.type !== 'alphabet') {
    result += number.text;
    if (!joins(word)) result += connector;
    return [result, word];
  }
  result += connector + number.text;
  while (word.type === 'alphabet' || word.type === 'number') {
    result += lowered(word, connector);
    word = words.next();
  }
  if (word.type !== 'none' && !joins(word)) result += connector;
  return [result, word];
}

function joins(word: Word): boolean {
  return word.type === 'connector' || word.type === 'punctuation';
}

function lowered(word: Word, connector: string): string {
  if (word.type !== 'upper' && word.type !== 'connector') return word.text;
  return Array.from(word.text, (rune) => (isConnector(rune) ? connector : isUpper(rune) ? lowerRune(rune) : rune)).join(
    '',
  );
}

class Words {
  private readonly runes: readonly string[];
  private at = 0;

  constructor(text: string) {
    this.runes = Array.from(text);
  }

  remain(): boolean {
    return this.at < this.runes.length;
  }

  next(): Word {
    const rune = this.runes[this.at];
    if (rune === undefined) return { type: 'none', text: '' };
    if (isConnector(rune)) return this.take('connector', isConnector);
    if (isPunctuation(rune)) return this.take('punctuation', isPunctuation);
    if (isUpper(rune)) return this.upperWord();
    if (isAlphabet(rune)) return this.take('alphabet', isLowerLetter);
    if (isNumber(rune)) return this.take('number', isNumber);
    return this.take(
      'other',
      (other) => !isConnector(other) && !isAlphabet(other) && !isNumber(other) && !isPunctuation(other),
    );
  }

  /** `HTTPServer` is `HTTP` and `Server`: the last upper case letter before others begins the next word. */
  private upperWord(): Word {
    const start = this.at;
    this.at += 1;
    const second = this.runes[this.at] ?? '';
    if (isUpper(second)) {
      while (isUpper(this.runes[this.at] ?? '')) this.at += 1;
      if (isAlphabet(this.runes[this.at] ?? '')) this.at -= 1;
    } else {
      while (isLowerLetter(this.runes[this.at] ?? '')) this.at += 1;
    }
    return { type: 'upper', text: this.runes.slice(start, this.at).join('') };
  }

  private take(type: Word['type'], belongs: (rune: string) => boolean): Word {
    const start = this.at;
    this.at += 1;
    while (this.at < this.runes.length && belongs(this.runes[this.at] ?? '')) this.at += 1;
    return { type, text: this.runes.slice(start, this.at).join('') };
  }
}

function isConnector(rune: string): boolean {
  return /^[-_\s\u0085]$/u.test(rune);
}

function isPunctuation(rune: string): boolean {
  return /^\p{P}$/u.test(rune);
}

function isNumber(rune: string): boolean {
  return /^\p{N}$/u.test(rune);
}

/** Letters of scripts that have words of many letters: Chinese, Japanese and Korean are not among them. */
function isAlphabet(rune: string): boolean {
  return /^\p{L}$/u.test(rune) && !/^[\u2e80-\u2fdf\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff]$/u.test(rune);
}

function isLowerLetter(rune: string): boolean {
  return isAlphabet(rune) && !isUpper(rune);
}
