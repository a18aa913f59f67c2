/**
 * A COCO data set as training data for detectors: images resized, boxes moved with them, written as YOLO or COCO:
 *
 *   npx rxaug prepare pipelines/prepare-detection.ts --set images=train2017 --set annotations=instances.json --out data/yolo
 *   npx rxaug prepare pipelines/prepare-detection.ts … --set format=coco --out data/coco
 */
import {
  batch,
  brightness,
  coco,
  definePipeline,
  horizontalFlip,
  resize,
  type SampleOperator,
  UsageError,
} from 'rxaug';
import { openCoco } from 'rxaug/datasets';

const settings = {
  /** The folder of the images. */
  images: '',
  /** COCO's file of annotations. */
  annotations: '',
  /** Longest side in pixels; boxes are scaled with the image. */
  size: 640,
  /** Samples of each training image; all but the first are augmented. */
  copies: 1,
  /** Boxes of which less is visible after augmentation are left out, as a share of their area. */
  minVisibility: 0.2,
  /** Share of the images for validation. */
  validation: 0.1,
  shardSize: 2000,
  /** yolo, coco, webdataset, parquet or mds. */
  format: 'yolo',
};
type S = typeof settings;

function paths({ images, annotations }: S): [string, string] {
  if (images && annotations) return [images, annotations];
  throw new UsageError(
    '--set images and --set annotations: expected a folder and a COCO file; give for example --set images=train2017 --set annotations=instances_train2017.json',
  );
}

const augment: SampleOperator[] = [horizontalFlip(), brightness([0.7, 1.3])];

export default definePipeline({
  name: 'prepare-detection',
  description: 'COCO into training data for detectors: resized, boxes moved, as YOLO or COCO',
  settings,

  prepare: ({ settings: s }) => ({
    source: openCoco(...paths(s), {
      targets: { boxes: { minVisibility: s.minVisibility } },
      keypoints: s.format !== 'yolo',
    }),
    split: { train: 1 - s.validation, val: s.validation },
    copies: s.copies,
    augment: s.copies > 1 ? augment : [],
    size: s.size,
    fit: 'within',
    shardSize: s.shardSize,
    format: s.format,
  }),

  batches: ({ settings: s, seed, workers }) =>
    coco(...paths(s), { seed }).pipe(resize(s.size), batch(16, { workers })),
});
