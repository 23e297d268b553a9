/** Ranges of versions as KUBEVERSION takes them, in the form that Go's semver tools read. */

/** True for `>=1.19.0`, `>=1.19, <1.25`, `1.20.x || ~1.22`, `1.20 - 1.22`, `^1.20`, `*`. */
export function isVersionRange(text: string): boolean {
  return text.split('||').every((part) => HYPHEN.test(part.trim()) || isComparatorList(part.trim()));
}

const NUMBER = '(?:\\d+|[xX*])';
const VERSION = `v?${NUMBER}(?:\\.${NUMBER}){0,2}(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?`;
const HYPHEN = new RegExp(`^${VERSION}\\s+-\\s+${VERSION}$`);
const COMPARATOR = new RegExp(`^(?:!=|>=|=>|<=|=<|~>|[=<>~^])?\\s*${VERSION}(?=[\\s,]|$)[\\s,]*`);

function isComparatorList(text: string): boolean {
  let rest = text;
  while (rest !== '') {
    const comparator = COMPARATOR.exec(rest)?.[0];
    if (comparator === undefined) return false;
    rest = rest.slice(comparator.length);
  }
  return text !== '' && !text.endsWith(',');
}
