/**
 * Memory for one large photo. In: argv[2], a JPEG; argv[3], the options of the decoder as JSON. Out: JSON with the resident memory when
 * idle, after a small image went through, and at its peak, in bytes.
 */
const [, , path, options] = process.argv;
const { augment, randomResizedCrop } = await import(new URL('../../dist/index.js', import.meta.url).href);
const { default: sharp } = await import('sharp');
const create = { width: 300, height: 300, channels: 3, background: '#888' };
const small = await sharp({ create }).jpeg().toBuffer();
const crop = [randomResizedCrop({ size: 224, scale: [0.9, 1] })];
const decoder = JSON.parse(options);
for (let i = 0; i < 20; i++) await augment(small, crop, { decoder, seed: i });
global.gc?.();
const idle = process.memoryUsage().rss;
const sizes = [];
for (let seed = 0; seed < 5; seed++) {
  const { width, height } = await augment(path, crop, { decoder, seed });
  sizes.push([width, height]);
}
process.stdout.write(JSON.stringify({ idle, peak: 1024 * process.resourceUsage().maxRSS, sizes }));
