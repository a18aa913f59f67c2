/** A raster [H, W, 3] uint8 as a PNG. */

export async function writePng(
  path: string,
  { data, width, height }: { readonly data: Uint8Array; readonly width: number; readonly height: number },
): Promise<void> {
  const { default: sharp } = await import('sharp'); // loads libvips, which most commands do not need
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}
