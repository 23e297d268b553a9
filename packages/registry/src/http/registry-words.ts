/** What a registry says in the body of a refusal (distribution-spec, "Error Codes"). */

import type { Readable } from 'node:stream';
import { redact } from '@kubecrate/errors';

export interface RegistryWords {
  /** The registry's own codes in upper case: `MANIFEST_UNKNOWN`. */
  readonly codes: readonly string[];
  /** Its words, safe to print on one line; empty where it said nothing. */
  readonly text: string;
}

/** Reads the first 16 KiB of a refusal and closes it. */
export async function readWords(body: Readable): Promise<RegistryWords> {
  return wordsOf(await readStart(body));
}

/** The words in a body: of the specification's JSON, of a token server's, or the text as it is. */
export function wordsOf(body: Uint8Array): RegistryWords {
  const raw = new TextDecoder().decode(body.subarray(0, MAX_WORDS)).trim();
  const parsed = parse(raw);
  if (parsed === undefined)
    return { codes: [], text: printable(/^<(?:!doctype|html)/i.test(raw) ? titleOf(raw) : raw) };
  const errors = Array.isArray(parsed['errors']) ? parsed['errors'] : [parsed];
  const said = errors.slice(0, 5).map((error: unknown) => sayingOf(error));
  return {
    codes: said.flatMap(({ code }) => (code === '' ? [] : [code.toUpperCase()])),
    text: printable(
      said
        .map(({ words }) => words)
        .filter((words) => words !== '')
        .join('; '),
    ),
  };
}

/** Control characters, line ends and everything past 400 characters taken away, secrets too. */
export function printable(text: string): string {
  const line = redact(text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim());
  return line.length > 400 ? `${line.slice(0, 400)}...` : line;
}

async function readStart(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= MAX_WORDS) break;
    }
  } catch {
    // the status says enough; a body that breaks off adds nothing
  }
  return Buffer.concat(chunks);
}

/** What a web page says of itself: proxies put their words there. */
function titleOf(html: string): string {
  return /<title>([^<]{0,400})/i.exec(html)?.[1] ?? '';
}

function sayingOf(error: unknown): { code: string; words: string } {
  if (typeof error === 'string') return { code: '', words: error };
  if (typeof error !== 'object' || error === null) return { code: '', words: '' };
  const text = (name: string): string => {
    const value = (error as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'string' ? value : '';
  };
  const code = text('code') || text('error');
  const message = text('message') || text('error_description') || text('details');
  return { code, words: [code, message].filter((part) => part !== '').join(': ') };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

const MAX_WORDS = 16 * 1024;
