/** Transforms that the page cannot show, and why. */
export const UNAVAILABLE = new Map([
  ['jpegCompression', 'needs libjpeg-turbo, which is native code'],
  ['webpCompression', 'needs the WebP codec, which is loaded from a file'],
  ['normalize', 'gives numbers that are no image of bytes'],
]);
