/** Examples of pages that are whole programs: each is run, and must print what stands below it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(root, 'test', '.examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const page of ['targets.md']) {
  describe(`docs/${page}`, () => {
    const text = readFileSync(join(root, 'docs', page), 'utf8');
    const examples = [...text.matchAll(/```ts\n(import [\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];
    it('has examples', () => expect(examples.length).toBeGreaterThan(0));
    examples.forEach(([, code, printed], i) => {
      it(`example ${i + 1} prints what the page says`, async () => {
        const file = join(folder, `${page.replace('.md', '')}-${i}.ts`);
        writeFileSync(file, (code as string).replace("'rxaug'", `'${join(root, 'src', 'index.js')}'`));
        const lines: string[] = [];
        const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
        try {
          await import(/* @vite-ignore */ file);
        } finally {
          log.mockRestore();
        }
        expect(`${lines.join('\n')}\n`).toBe(printed);
      });
    });
  });
}
