/** The loose spellings of image-syncer's files, made YAML: every line keeps its number. */

/**
 * Removes `//` and block comments, the commas at the end of lines that stand in no braces, and puts the blank after the colon of
 * `"a":"b"` that YAML wants there. Strings are left alone; a string ends with its line.
 */
export function plainYaml(text: string): string {
  let depth = 0;
  let isInComment = false;
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const plain = lines.map((line) => {
    const scanned = scanLine(line, isInComment, depth);
    isInComment = scanned.endsInComment;
    depth = scanned.depth;
    return depth === 0 ? scanned.text.replace(/,\s*$/, '') : scanned.text;
  });
  return plain.join('\n');
}

interface ScannedLine {
  readonly text: string;
  readonly endsInComment: boolean;
  readonly depth: number;
}

function scanLine(line: string, startsInComment: boolean, startDepth: number): ScannedLine {
  let text = '';
  let depth = startDepth;
  let quote = '';
  let isInComment = startsInComment;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    const next = line[at + 1];
    if (isInComment) {
      if (character !== '*' || next !== '/') continue;
      isInComment = false;
      at++;
    } else if (quote !== '') {
      text += character;
      if (character === '\\' && quote === '"') text += line[++at] ?? '';
      else if (character === quote) quote = '';
      // YAML reads `"a":"b"` only with a blank after the colon.
      if (quote === '' && line[at + 1] === ':' && /\S/.test(line[at + 2] ?? ' ')) {
        text += ': ';
        at++;
      }
    } else if (isFree(text) && character === '/' && next === '/') {
      break;
    } else if (isFree(text) && character === '/' && next === '*') {
      isInComment = true;
      at++;
    } else if (isFree(text) && character === '#') {
      break;
    } else {
      if ((isFree(text) || text.endsWith(':')) && (character === '"' || character === "'")) quote = character;
      if (character === '{' || character === '[') depth++;
      if (character === '}' || character === ']') depth = Math.max(0, depth - 1);
      text += character;
    }
  }
  return { text, endsInComment: isInComment, depth };
}

/** True where a comment or a string can begin: `don't` and `https://x` begin none. */
function isFree(before: string): boolean {
  return before === '' || /[\s{}[\],]$/.test(before);
}
