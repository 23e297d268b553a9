/** Taking secrets out of text before anyone sees it. */

const REDACTED = '***';

/** A URL without its user, password and the values of query parameters that carry signatures or tokens. */
export function redactUrl(url: string | URL): string {
  const copy = parseUrl(url);
  if (copy === undefined) return redact(String(url));
  if (copy.username !== '' || copy.password !== '') {
    copy.username = REDACTED;
    copy.password = '';
  }
  for (const name of new Set(copy.searchParams.keys())) {
    if (!PUBLIC_PARAMETERS.has(name)) copy.searchParams.set(name, REDACTED);
  }
  return copy.href;
}

/**
 * The name of an image, a registry or a rule, as it is shown: without what stands before an `@` before a host, which may be a user and a
 * password. The `@` of a digest stays.
 */
export function redactName(name: string): string {
  return name.replace(
    /^([a-z][a-z0-9+.-]*:\/\/)?.*@(?!sha(?:256|512):)/is,
    (_, scheme: string = '') => `${scheme}${REDACTED}@`,
  );
}

/**
 * Text in which user names and passwords of URLs, `Authorization` values and tokens are replaced. A task or a rule may be called
 * "auth": what is said of it is no secret.
 */
export function redact(text: string): string {
  return text
    .replace(/:\/\/[^\s/@]{1,1000}@/g, `://${REDACTED}@`)
    .replace(/(?<![^\s"'=(])[^\s"'/@:=(]{1,255}:(?!\/\/)[^\s"'@]{1,1000}@(?=[a-z0-9[])(?!sha\d{3}:)/gi, `${REDACTED}@`)
    .replace(/\b(basic|bearer)\s+[A-Za-z0-9+/=._~-]{6,}/gi, `$1 ${REDACTED}`)
    .replace(
      /((?<![\w./-])(?<!\b(?:task|rule|source|key) "?)"?(?:password|passwd|secret|token|access_token|refresh_token|identitytoken|auth)"?\s*[:=]\s*"?)[^\s",}&]+/gi,
      `$1${REDACTED}`,
    );
}

function parseUrl(url: string | URL): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/** Parameters of the distribution API and of the token flow that say nothing secret. */
const PUBLIC_PARAMETERS = new Set(['service', 'scope', 'ns', 'n', 'last', 'digest', 'mount', 'from', 'artifactType']);
