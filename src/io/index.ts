export { type CocoOptions, cocoSchema, openCoco } from './annotations/coco.js';
export { type ManifestOptions, manifestSchema, openManifest } from './annotations/manifest.js';
export { openPascalVoc, type PascalVocOptions, pascalVocSchema } from './annotations/voc.js';
export { openYolo, type YoloOptions, yoloSchema } from './annotations/yolo.js';
export { TarWriter } from './archive/tar-writer.js';
export { openWebdataset, type WebdatasetOptions, webdatasetSchema } from './archive/webdataset.js';
export { type Arrays, arraysSchema, openArrays } from './arrays.js';
export { cacheDir } from './cache-dir.js';
export { Decoder, type DecoderOptions, decoderSchema, type ImageInfo } from './decode/decode.js';
export { type DecoderBackend, decoderBackends } from './decode/native.js';
export type { Pixels, Target } from './decode/pixels.js';
export type { ImageFormat } from './decode/sniff.js';
export { type EncodedFormat, type EncodeOptions, encodeImage } from './encode.js';
export { type IdxOptions, idxSchema, openIdx } from './idx/open-idx.js';
export { type ImageFolderOptions, imageFolderSchema, openImageFolder } from './image-folder.js';
export {
  type ImageLike,
  type ItemLike,
  type Items,
  type ItemsOptions,
  itemsSchema,
  openItems,
} from './items.js';
export { type MdsOptions, mdsSchema, openMds } from './mds/open-mds.js';
export { type NumpyOptions, numpySchema, openNumpy } from './numpy/open-numpy.js';
export { openParquet, type ParquetOptions, parquetSchema } from './parquet/parquet.js';
export { naturalOrder, type OpenedDataset, type OpenedStream, type Problem } from './problems.js';
export { openRawCache, type RawCacheOptions, rawCacheSchema } from './raw/open-raw.js';
export { besides, type FoundFile, filesOfAnywhere } from './remote/anywhere.js';
export {
  type DownloadOptions,
  type DownloadProgress,
  downloadOptions,
  localize,
} from './remote/localize.js';
export { isRemote, shownPlace } from './remote/shown-place.js';
export { shortNames } from './short-names.js';
export { digestOf, storedDigest } from './store/digests.js';
export { openStore } from './store/open-store.js';
export type { FileDigest, FilePart, Store, StoredFile } from './store/store.js';
export { type TargetOptions, targetOptions } from './target-options.js';
export { openTfrecord, type TfrecordOptions, tfrecordSchema } from './tfrecord/tfrecord.js';
export { parquetFormat } from './write/parquet/parquet.js';
