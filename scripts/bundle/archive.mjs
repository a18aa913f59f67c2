/** An archive that is the same for the same files: in order of their names, without times, owners or a clock. */
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';

/** By the end of the archive's name. One thread each, since more would cut the data in other places. */
export const COMPRESSORS = {
  '.tar.gz': 'gzip -9n',
  '.tar.xz': 'xz -9 -T1',
  '.tar.zst': 'zstd -19 -q --single-thread',
};

export function pack(folder, name, out) {
  const [, compressor] = Object.entries(COMPRESSORS).find(([end]) => out.endsWith(end));
  const order = [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u+rwX,go+rX,go-w',
  ];
  const began = `${out}.part`;
  const tar = [...order, '--format=ustar', '-C', folder, '-I', compressor, '-cf', began, name];
  const { status, stderr, error } = spawnSync('tar', tar, { encoding: 'utf8' });
  if (error ?? status !== 0) {
    rmSync(began, { force: true });
    throw new Error(`bundle: tar with ${compressor} failed: ${error?.message ?? stderr.trim()}`);
  }
  renameSync(began, out);
}
