/** Go template actions in text that is read without being rendered. */

/** Stands for one character of an action: a private character that no manifest has a use for. */
const MASK = '\uE000';

/**
 * The same text, every position kept, with each `{{ ... }}` masked so that what is around it can be read as YAML.
 * A line that holds nothing but actions becomes blank: both branches of an `if` are read.
 */
export function maskActions(text: string): string {
  if (!text.includes('{{')) return text;
  return text
    .replace(/\{\{(?:(?!\{\{)[\s\S])*?\}\}/g, (action) => action.replace(/[^\n]/g, MASK))
    .replace(MASKED_LINE, (line) => ' '.repeat(line.length));
}

/** True where a value holds a masked or a raw action. */
export function holdsAction(text: string): boolean {
  return text.includes(MASK) || text.includes('{{');
}

const MASKED_LINE = /^[ \t]*\uE000[\uE000 \t]*$/gm;
