/** The layouts of data sets that can be written, by name. */
import { Registry } from '../../core/index.js';
import { cocoFormat } from './coco.js';
import { folderFormat } from './folder.js';
import { mdsFormat } from './mds.js';
import type { OutputFormat } from './output.js';
import { parquetFormat } from './parquet/parquet.js';
import { rawFormat } from './raw.js';
import { webdatasetFormat } from './webdataset.js';
import { yoloFormat } from './yolo.js';

export const FORMATS: readonly OutputFormat[] = [
  webdatasetFormat,
  folderFormat,
  parquetFormat,
  mdsFormat,
  rawFormat,
  cocoFormat,
  yoloFormat,
];

/** @throws UsageError for an unknown name, with the nearest known one */
export const formatNamed = (name: string): OutputFormat => new Registry('format', FORMATS).get(name);
