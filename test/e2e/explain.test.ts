/** `rxaug explain` says what of a JPEG is decoded, under the options of the stream's decoder. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNotTurboJpeg } from '../../src/io/decode/turbojpeg-library.js';
import { picture } from '../io/make.js';
import { Workspace } from './command.js';

const script = (decoder: string) =>
  `import { batch, centerCrop, definePipeline, imageFolder, resize } from 'rxaug';
  export default definePipeline({ name: 'mine', settings: {}, batches: () =>
    imageFolder('mine').pipe(centerCrop(96), resize([24, 24]), batch(1, { decoder: ${decoder} })) });`;

const at = new Workspace({
  'plain.ts': script('{}'),
  'exact.ts': script('{ scaledDecode: false }'),
  'whole.ts': script("{ scaledDecode: false, verify: 'whole' }"),
});
beforeAll(async () => {
  const raw = { width: 192, height: 128, channels: 3 } as const;
  at.write('mine/cat/1.jpg', await sharp(picture(192, 128), { raw }).jpeg().toBuffer());
});
afterAll(() => at.dispose());

const absent = whyNotTurboJpeg();

describe.skipIf(absent !== undefined)(`explain${absent ? ` (skipped: ${absent})` : ''}`, () => {
  it.each([
    ['plain.ts', 'decodes of a JPEG: 96×96 from (48, 16), 38 %, at 1/4 of its size\n'],
    ['exact.ts', 'decodes of a JPEG: 96×96 from (48, 16), 38 %\n'],
    ['whole.ts', undefined],
  ])('%s: %s', async (file, line) => {
    const { code, stdout } = await at.rxaug(['explain', file]);
    expect(code).toBe(0);
    if (line === undefined) expect(stdout).not.toContain('decodes');
    else expect(stdout).toContain(line);
  });
});
