/** Parsing `WWW-Authenticate` (RFC 9110, section 11.6.1): several schemes in one header, commas inside quoted values. */

export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The challenges of a header, in order. Text that follows no grammar ends the list; what was read before it counts. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.slice(0, MAX_HEADER);
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    const parameter = PARAMETER.exec(rest);
    const current = challenges.at(-1);
    if (parameter !== null && current !== undefined) {
      const [whole, name = '', quoted, bare] = parameter;
      current.parameters[name.toLowerCase()] ??= quoted === undefined ? (bare ?? '') : unquote(quoted);
      rest = rest.slice(whole.length);
      continue;
    }
    const scheme = SCHEME.exec(rest);
    if (scheme === null) return challenges;
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length).replace(TOKEN68, '');
  }
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

const MAX_HEADER = 16 * 1024;
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = new RegExp(`^(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`);
const SCHEME = new RegExp(`^(${TOKEN})(?=[\\s,]|$)`);
/** The other form of credentials, which no registry needs: `Negotiate abc==`. */
const TOKEN68 = /^[ \t]+[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/;
