/** What a file is, by its first bytes; its name proves nothing. */

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'gif' | 'bmp' | 'pnm';

/** Endings that readers take for images. What is inside is decided when it is decoded. */
export const IMAGE_ENDINGS: readonly string[] =
  'jpg jpeg jpe jfif png webp avif tif tiff gif bmp pbm pgm ppm pnm'.split(' ');

/** The image format of encoded bytes, or undefined. */
export function formatOf(b: Uint8Array): ImageFormat | undefined {
  if (b[0] === 0xff && b[1] === 0xd8) return 'jpeg';
  if (starts(b, '\x89PNG\r\n\x1a\n')) return 'png';
  if (starts(b, 'RIFF') && starts(b, 'WEBP', 8)) return 'webp';
  if (starts(b, 'GIF87a') || starts(b, 'GIF89a')) return 'gif';
  if (starts(b, 'II*\0') || starts(b, 'MM\0*') || starts(b, 'II+\0') || starts(b, 'MM\0+')) return 'tiff';
  if (starts(b, 'BM') && b.length > 17 && (b[14] as number) >= 12 && !b[15] && !b[16] && !b[17]) return 'bmp';
  if (b[0] === 0x50 && /[1-6]/.test(String.fromCharCode(b[1] ?? 0)) && [9, 10, 13, 32].includes(b[2] ?? 0))
    return 'pnm';
  if (starts(b, 'ftyp', 4) && brands(b).some((x) => x === 'avif' || x === 'avis')) return 'avif';
  return undefined;
}

/** What bytes that are no readable image look like, for a sentence. */
export function looksLike(b: Uint8Array): string {
  if (starts(b, '%PDF')) return 'a PDF';
  if (starts(b, 'PK\x03\x04')) return 'a ZIP archive';
  if (b[0] === 0x1f && b[1] === 0x8b) return 'gzip data';
  if (starts(b, 'P7\n')) return 'a PAM';
  if (starts(b, 'Pf') || starts(b, 'PF')) return 'a PFM';
  if (starts(b, 'ftyp', 4)) return brands(b).some((x) => /^(hei|hev|mif)/.test(x)) ? 'a HEIC' : 'a video';
  const head = Array.from(b.subarray(0, 256));
  if (head.every((c) => c === 0)) return 'zeros';
  if (head.some((c) => c < 9 || (c > 13 && c < 32))) return 'unknown bytes';
  const text = String.fromCharCode(...head)
    .trimStart()
    .toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'an HTML page';
  if (text.includes('<svg')) return 'an SVG';
  return 'text';
}

/** Major and compatible brands of an ISO media file's first box. */
function brands(b: Uint8Array): string[] {
  const end = Math.min(b.length, 64, ((b[2] as number) << 8) | (b[3] as number) || 64);
  const found: string[] = [];
  for (let i = 8; i + 4 <= end; i += 4) {
    if (i !== 12) found.push(String.fromCharCode(...b.subarray(i, i + 4)));
  }
  return found;
}

function starts(b: Uint8Array, text: string, at = 0): boolean {
  if (b.length < at + text.length) return false;
  for (let i = 0; i < text.length; i++) if (b[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
