export { TarWriter } from './archive/tar-writer.js';
export { openWebdataset, type WebdatasetOptions, webdatasetSchema } from './archive/webdataset.js';
export { type Arrays, arraysSchema, openArrays } from './arrays.js';
export { cacheDir } from './cache-dir.js';
export { Decoder, type DecoderOptions, decoderSchema, type ImageInfo } from './decode/decode.js';
export { type DecoderBackend, decoderBackends } from './decode/native.js';
export type { Pixels, Target } from './decode/pixels.js';
export type { ImageFormat } from './decode/sniff.js';
export { type EncodedFormat, type EncodeOptions, encodeImage } from './encode.js';
export { type ImageFolderOptions, imageFolderSchema, openImageFolder } from './image-folder.js';
export {
  type ImageLike,
  type ItemLike,
  type Items,
  type ItemsOptions,
  itemsSchema,
  openItems,
} from './items.js';
export { openParquet, type ParquetOptions, parquetSchema } from './parquet/parquet.js';
export { naturalOrder, type OpenedDataset, type OpenedStream, type Problem } from './problems.js';
export { type TargetOptions, targetOptions } from './target-options.js';
export { openTfrecord, type TfrecordOptions, tfrecordSchema } from './tfrecord/tfrecord.js';
export { parquetFormat } from './write/parquet/parquet.js';
