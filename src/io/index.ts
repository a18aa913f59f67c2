export { type Arrays, fromArrays } from './arrays.js';
export { cacheDir } from './cache-dir.js';
export { type CifarOptions, cifarSchema, openCifar } from './cifar.js';
export { Decoder, type DecoderOptions, decoderSchema, type ImageInfo } from './decode.js';
export { type ImageFolderOptions, imageFolderSchema, openImageFolder } from './image-folder.js';
export {
  fromItems,
  type ImageLike,
  type ItemLike,
  type Items,
  type ItemsOptions,
  itemsSchema,
} from './items.js';
export { type DecoderBackend, decoderBackends } from './native.js';
export type { Pixels, Target } from './pixels.js';
export { naturalOrder, type OpenedDataset, type OpenedStream, type Problem } from './problems.js';
export * from './shapes10/index.js';
export type { ImageFormat } from './sniff.js';
export { TarWriter } from './tar-writer.js';
export { openWebdataset, type WebdatasetOptions, webdatasetSchema } from './webdataset.js';
