/** A page of Markdown as the tests read it: fenced blocks, links, headings. */

import { readFile } from 'node:fs/promises';

export interface Block {
  /** What stands behind the opening fence: `console run`. */
  readonly info: readonly string[];
  /** The lines between the fences, each ended by a line feed. */
  readonly text: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
}

export interface Page {
  readonly path: string;
  readonly blocks: readonly Block[];
  /** Where its links lead, as written. */
  readonly links: readonly string[];
  /** The names by which links reach its headings. */
  readonly anchors: ReadonlySet<string>;
  /** The text outside of fenced blocks. */
  readonly prose: string;
}

export async function readPage(path: string): Promise<Page> {
  return { path, ...parsePage(await readFile(path, 'utf8')) };
}

export function parsePage(text: string): Omit<Page, 'path'> {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { readonly info: readonly string[]; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)?.[1];
    if (open === undefined && fence !== undefined) {
      open = { info: fence.trim().split(/\s+/), line: index + 1, lines: [] };
    } else if (open !== undefined && fence !== undefined) {
      blocks.push({ info: open.info, line: open.line, text: open.lines.join('') });
      open = undefined;
    } else {
      (open?.lines ?? prose).push(`${line}\n`);
    }
  }
  if (open !== undefined) throw new Error(`the block of line ${open.line} is not closed`);
  const outside = prose.join('');
  return {
    blocks,
    prose: outside,
    links: [...outside.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target),
    anchors: new Set([...outside.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))),
  };
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
