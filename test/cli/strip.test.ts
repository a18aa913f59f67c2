/** TypeScript to JavaScript, by esbuild and, where its binary is not installed, by Sucrase. */
import { describe, expect, it } from 'vitest';
import { esbuild, strip, sucrase } from '../../src/cli/loader/strip.js';
import { Workspace } from '../e2e/command.js';

const SOURCE = `
import { type Observable, of } from 'rxjs';
enum Size { Small = 8, Large = 32 }
class Point { constructor(readonly x: number, private y = 2) {} get sum(): number { return this.x + this.y; } }
const sizes = [Size.Large] as const satisfies readonly Size[];
export const out: { sizes: readonly Size[]; sum: number } = { sizes, sum: new Point(1).sum };
export const stream$: Observable<number> = of(1);
`;

const absent = Object.assign(new Error("Cannot find package 'esbuild'"), { code: 'ERR_MODULE_NOT_FOUND' });

describe('esbuild', () => {
  it.each([
    ['the package is not installed', () => Promise.reject(absent)],
    [
      'its binary is not installed',
      () =>
        Promise.resolve({
          transform: () =>
            Promise.reject(
              new Error('The package "@esbuild/linux-x64" could not be found, and is needed by esbuild.'),
            ),
        }),
    ],
  ])('is undefined where %s', async (_, load) => {
    expect(await esbuild(load as unknown as Parameters<typeof esbuild>[0])).toBeUndefined();
  });

  it('passes on any other failure', async () => {
    await expect(esbuild(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
  });
});

describe('sucrase', () => {
  it('gives a module that runs: enums, parameter properties, types, and imports of types alone', async () => {
    const space = new Workspace();
    const code = await (await sucrase())(SOURCE, '/x/pipeline.ts');
    space.write('out.mjs', code.replace("'rxjs'", JSON.stringify(import.meta.resolve('rxjs'))));
    const made = (await import(/* @vite-ignore */ `${space.path}/out.mjs`)) as { out: object };
    expect(made.out).toEqual({ sizes: [32], sum: 3 });
    space.dispose();
    expect(code.split('\n')[2]).toContain('Size'); // each line stays where it was
    expect(code).toContain('//# sourceMappingURL=data:application/json;base64,');
  });

  it('names the file, the line and the column of a syntax error', async () => {
    const run = await sucrase();
    await expect(run('let a = 1;\nlet b = ;\n', '/x/bad.ts')).rejects.toThrow(
      /^\/x\/bad\.ts:2:9: Unexpected token$/,
    );
  });

  it('leaves JavaScript as it is', async () => {
    expect(await (await sucrase())('export const a = 1;', '/x/a.mjs')).toMatch(/^export const a = 1;\n/);
  });
});

describe('strip', () => {
  it('reads the file and says where a syntax error is', async () => {
    const space = new Workspace();
    space.write('bad.ts', 'let a = 1;\nlet b = ;\n');
    await expect(strip(`${space.path}/bad.ts`)).rejects.toThrow(/bad\.ts:2:9: Unexpected/);
    space.dispose();
  });
});
