/** Numbers and tables as people read them. */

/** `1.376 MB`: powers of 1024, three decimals, as isula shows sizes. */
export function formatBytes(bytes: number): string {
  for (const [unit, name] of UNITS) if (bytes >= unit) return `${(bytes / unit).toFixed(3)} ${name}`;
  return `${bytes} B`;
}

const UNITS = [
  [1024 ** 3, 'GB'],
  [1024 ** 2, 'MB'],
  [1024, 'KB'],
] as const;

/** `45s`, `3m 20s`, `2h 5m` */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

/** Columns padded to their widest cell, two blanks apart. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '),
  );
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** `1 image`, `3 images` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A value as indented JSON, for `--output json`. */
export function writeJson(output: { write(text: string): unknown }, value: unknown): void {
  output.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
