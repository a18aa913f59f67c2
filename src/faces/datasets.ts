/** `rxaug/datasets`: known data sets, one that is made here, and readers as data sets for `samples()`. */
export {
  BRIGHTER,
  type CifarOptions,
  cifar,
  makeShapes10,
  openCifar,
  openShapes10,
  PLANTED,
  type Planted,
  type PlantedOptions,
  planted,
  ROTATED,
  SHAPES,
  type Shapes10MemoryOptions,
  type Shapes10Options,
  shapes10,
  shapes10InMemory,
} from '../datasets/index.js';
export {
  naturalOrder,
  type OpenedDataset,
  type OpenedStream,
  openArrays,
  openImageFolder,
  openItems,
  openWebdataset,
} from '../io/index.js';
