import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'vitest';
import { commandsOf } from './console.ts';
import { parsePage } from './page.ts';
import { openDocsWorkspace } from './workspace.ts';
test('fill', async () => {
  const file = process.env['FILL']!;
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n');
  const { blocks } = parsePage(text);
  await using ws = await openDocsWorkspace();
  const out: string[] = [];
  let at = 0;
  for (const b of blocks) {
    out.push(...lines.slice(at, b.line));
    const n = b.text.split('\n').length - 1;
    at = b.line + n;
    const f = b.info.find((w) => w.startsWith('file='))?.slice(5);
    if (f) await ws.console.writeFile(f, b.text);
    const cmds = commandsOf(b);
    if (cmds.length === 0) { out.push(...lines.slice(b.line, at)); continue; }
    for (const c of cmds) {
      const t0 = Date.now(); const r = await ws.console.run(c.line); if (Date.now() - t0 > 3000) out.push('SLOW ' + (Date.now() - t0)); if (r.exit !== c.exit) out.push('EXIT ' + r.exit);
      if (r.exit !== c.exit) console.log('EXIT', b.line, c.line, r.exit, c.exit);
      out.push(`$ ${c.line}`);
      let o = r.output;
      await writeFile(process.env['FILLOUT']!, out.join('\n') + '\n' + c.line + r.output);
      out.push(...(c.output.includes('...\n') ? ['<<<KEEP', c.output, '>>>'] : []), ...o.replace(/\n$/, '').split('\n').filter((l, i, a) => a.length > 1 || l !== ''));
    }
  }
  out.push(...lines.slice(at));
  await writeFile(process.env['FILLOUT']!, out.join('\n'));
}, 300000);
