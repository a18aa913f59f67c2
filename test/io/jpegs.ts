/** JPEG files of every kind, made by the TurboJPEG library itself. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

export interface JpegKind {
  /** TJSAMP: 0 4:4:4, 1 4:2:2, 2 4:2:0, 3 gray, 4 4:4:0, 5 4:1:1, 6 4:4:1. */
  readonly sampling: number;
  readonly quality: number;
  readonly progressive: boolean;
  /** Rows of iMCUs between restart markers; 0 for none. */
  readonly restart: number;
  /** EXIF orientation, 1..8. */
  readonly orientation: number;
}

const [COMPRESS, RGB] = [0, 0];
const [QUALITY, SAMPLING, PROGRESSIVE, RESTART_ROWS] = [3, 4, 12, 19];

/** RGB [H, W, 3] as a JPEG. */
export function jpegOf(data: Uint8Array, width: number, height: number, kind: JpegKind): Buffer {
  library ??= open();
  const { koffi, init, destroy, set, compress, free } = library;
  const handle = init(COMPRESS);
  try {
    const settings = [
      [QUALITY, kind.quality],
      [SAMPLING, kind.sampling],
      [PROGRESSIVE, kind.progressive ? 1 : 0],
      [RESTART_ROWS, kind.restart],
    ] as const;
    for (const [parameter, value] of settings)
      if (set(handle, parameter, value) !== 0) throw new Error(`tj3Set ${parameter}`);
    const [pointer, size] = [[null] as unknown[], [0]];
    if (compress(handle, data, width, 0, height, RGB, pointer, size) !== 0) throw new Error('tj3Compress8');
    const bytes = Buffer.from(koffi.decode(pointer[0], 'uint8_t', Number(size[0])) as number[]);
    free(pointer[0]);
    return kind.orientation === 1 ? bytes : oriented(bytes, kind.orientation);
  } finally {
    destroy(handle);
  }
}

let library: ReturnType<typeof open> | undefined;

function open() {
  const koffi = require('koffi') as typeof import('koffi').default;
  const root = dirname(require.resolve('@julusian/jpeg-turbo/package.json'));
  const { platform, arch } = process;
  const file = platform === 'darwin' ? 'node-napi-v7.node' : 'libturbojpeg.so.0';
  const opened = koffi.load(join(root, 'prebuilds', `jpeg-turbo-${platform}-${arch}`, file));
  return {
    koffi,
    init: opened.func('void *tj3Init(int)'),
    destroy: opened.func('void tj3Destroy(void *)'),
    set: opened.func('int tj3Set(void *, int, int)'),
    free: opened.func('void tj3Free(void *)'),
    compress: opened.func(
      'int tj3Compress8(void *, const uint8_t *, int, int, int, int, _Inout_ void **, _Inout_ size_t *)',
    ),
  };
}

/** With an EXIF block that holds the orientation alone. */
function oriented(jpeg: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from([
    0x49,
    0x49,
    0x2a,
    0,
    8,
    0,
    0,
    0,
    1,
    0,
    0x12,
    1,
    3,
    0,
    1,
    0,
    0,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}
