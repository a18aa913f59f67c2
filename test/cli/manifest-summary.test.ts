import { afterEach, describe, expect, it, vi } from 'vitest';
import { tellManifest } from '../../src/cli/prepare/manifest-summary.js';
import type { Manifest } from '../../src/prepare/finish/manifest.js';

const manifest = (samples: number, refused: Record<string, number> = {}, lost = 0) =>
  ({
    counts: { images: samples, samples, lost, bytes: 0, passed: 0, boxes: 0, pixels: 0 },
    splits: { train: { images: samples, samples, shards: 1, byClass: {} } },
    near: { images: 0, groups: 0, leaksPrevented: 0, dropped: 0 },
    ...{ refused, dropped: 0 },
  }) as unknown as Manifest;

function ended(one: Manifest, maxRefused?: number): { readonly code: unknown; readonly said: string } {
  const before = process.exitCode;
  let said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  process.exitCode = undefined;
  tellManifest('out', one, { maxRefused });
  const code = process.exitCode;
  process.exitCode = before;
  return { code, said };
}

afterEach(() => void vi.restoreAllMocks());

describe('the end of rxaug prepare', () => {
  it('is code 0 with refusals, unless there are more than --max-refused allows', () => {
    expect(ended(manifest(5, { unreadable: 2 })).code).toBeUndefined();
    expect(ended(manifest(5, { unreadable: 2 }), 2).code).toBeUndefined();
    const { code, said } = ended(manifest(5, { unreadable: 2 }, 1), 2);
    expect(code).toBe(3);
    expect(said).toContain('3 images were refused, more than --max-refused 2 allows');
  });

  it('is code 3 where no sample could be rendered', () => {
    const { code, said } = ended(manifest(0, { 'not rendered': 4 }, 4));
    expect([code, said]).toEqual([3, 'rxaug: no sample could be rendered; refused.jsonl says why\n']);
  });
});
