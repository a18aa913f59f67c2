/** `rxaug inspect` as a user runs it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { original, photo } from '../prepare/photos.js';
import { Workspace } from './command.js';

const at = new Workspace({ 'photos/text.jpg': 'no image' });
beforeAll(async () => {
  at.write('photos/whole.jpg', await original(photo(1)));
  at.write('photos/cut.jpg', (await original(photo(2))).subarray(0, 1000));
});
afterAll(() => at.dispose());

it('names each image that cannot be read, also where only its pixels cannot', async () => {
  const { code, stdout, stderr } = await at.rxaug(['inspect', 'photos']);
  expect(code).toBe(0);
  expect(stdout).toContain('photos: 3 images of 1 class\n');
  expect(stdout).toContain('headers read: 3 (jpeg 2)\n');
  expect(stderr).toContain('rxaug: text.jpg: expected a JPEG');
  expect(stderr).not.toContain('cut.jpg');
  const withSheet = await at.rxaug(['inspect', 'photos', '--sheet', 'sheet.png', '--json']);
  const { unreadable } = JSON.parse(withSheet.stdout) as { unreadable: { id: string }[] };
  expect(unreadable.map(({ id }) => id).sort()).toEqual(['cut.jpg', 'text.jpg']);
});
