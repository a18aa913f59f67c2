/** The images of a search, split so that nothing that is measured was learned from. */
import { fold, keyOf, matchClasses, show, showNames, tag, UsageError } from '../../core/index.js';
import type { SearchProblem } from '../problem.js';
import { type Images, loadImages, select, slice } from './images.js';

/** Everything that a search sees, in memory. */
export interface ProblemData {
  /** All labeled images, those of `search` first: trainings of arms learn from them. */
  readonly train: Images;
  /** The part of `train` that a search learns from, in the same memory. */
  readonly search: Images;
  /** What candidates are scored on: the rest of `train`, or `heldOut` where its labels may be used. */
  readonly validation: Images;
  /** What the critic takes for real: those of the problem, or else `validation`. */
  readonly heldOut: Images;
  /** Opened for the report only. */
  readonly test: Images;
  /** What was left out, one sentence each. */
  readonly notes: readonly string[];
}

/** Share of `train` that validates, where the problem gives images of its own to the critic, and where it does not. */
const VALIDATION = { given: 0.2, none: 0.4 } as const;

/**
 * Loads and splits the images of a problem. The validation part is chosen by seed and pixels, so that neither the order of
 * the data set nor its names matter; each class gives the same share, and equal images stay together.
 *
 * @throws UsageError for a problem that cannot be searched, before anything is trained
 */
export async function problemData(
  problem: SearchProblem,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal },
): Promise<ProblemData> {
  checkProblem(problem);
  const { size, channels } = problem;
  const load = (name: 'train' | 'heldOut' | 'test') =>
    loadImages(problem[name] as SearchProblem['train'], { size, channels, name, signal });
  const loaded = await load('train');
  const labeled = problem.heldOutLabels === true;
  const given = problem.heldOut && (await load('heldOut'));
  const heldOut = given && labeled ? sameClasses(given, loaded) : given;
  const test = sameClasses(await load('test'), loaded);
  checkClassesOf(loaded, labeled && heldOut ? [heldOut, test] : [test]);
  const all = { train: loaded, ...(heldOut && { heldOut }), test };
  checkDisjoint(all);
  const share = labeled ? 0 : heldOut ? VALIDATION.given : VALIDATION.none;
  const { rest, part } = splitOff(loaded, share, seed);
  const train = select(loaded, [...rest, ...part]);
  const search = slice(train, 0, rest.length, 'search');
  const validation = labeled && heldOut ? heldOut : slice(train, rest.length, train.ids.length, 'validation');
  const { batch } = problem.trial;
  for (const { name, ids } of [train, search]) {
    if (ids.length < batch)
      throw new UsageError(
        `search: ${name === 'search' ? 'what train has left for the search' : name}: expected at least a batch of ${batch} images but there are ${ids.length}; lower trial.batch, or give more images`,
      );
  }
  if (validation.ids.length === 0)
    throw new UsageError(
      'search: train: expected a class with two different images but there is none; give more images',
    );
  const alike = train.ids.length - new Set(train.hashes).size;
  return {
    train,
    search,
    validation,
    heldOut: heldOut ?? { ...validation, name: 'heldOut' },
    test,
    notes: [
      ...Object.values(all).flatMap(({ notes }) => notes),
      ...(alike > 0
        ? [`train: ${alike} of ${train.ids.length} images equal another one; they stay together`]
        : []),
    ],
  };
}

/** What can be said before any image is read. */
function checkProblem(problem: SearchProblem): void {
  const { channels, statistics, train, heldOut, heldOutLabels } = problem;
  if (heldOutLabels && !heldOut)
    throw new UsageError(
      'search: heldOutLabels: expected heldOut beside it but there is none; give such images, or leave heldOutLabels out',
    );
  for (const name of ['mean', 'std'] as const) {
    if (statistics[name].length === channels) continue;
    throw new UsageError(
      `search: statistics.${name}: expected ${channels} numbers, one a channel, but received ${statistics[name].length}; give as many as channels`,
    );
  }
  if (train.classes.length >= 2) return;
  throw new UsageError(
    `search: train: expected at least two classes but received ${showNames(train.classes)}; give images of another class`,
  );
}

/** Labels by the class numbers of `train`. */
function sameClasses(given: Images, train: Images): Images {
  const { unknown, missing, numbers } = matchClasses(given.classes, train.classes);
  if (unknown.length > 0 || missing.length > 0)
    throw new UsageError(
      `search: ${given.name}: expected the classes of train but ${[
        ...(unknown.length > 0 ? [`has ${showNames(unknown)}`] : []),
        ...(missing.length > 0 ? [`lacks ${showNames(missing)}`] : []),
      ].join(' and ')}; give both the same classes`,
    );
  const { labels, ids } = given;
  const own = { ...given, classes: train.classes, labels: labels.map((label) => numbers[label] as number) };
  return { ...select(own, [...ids.keys()]), notes: given.notes };
}

function checkClassesOf(train: Images, others: readonly Images[]): void {
  const seen = new Set(train.labels);
  if (seen.size < 2)
    throw new UsageError(
      `search: train: expected images of at least two classes but all are ${show(train.classes[train.labels[0] as number])}; give images of another class`,
    );
  for (const { name, labels } of others) {
    const odd = labels.find((label) => !seen.has(label));
    if (odd === undefined) continue;
    throw new UsageError(
      `search: ${name}: has images of ${show(train.classes[odd])}, of which train has none; give train some, or take them out of ${name}`,
    );
  }
}

/** Refuses splits that share an image: what is measured on it would be what was learned by heart. */
function checkDisjoint(splits: Readonly<Record<string, Images>>): void {
  const owner = new Map<string, { readonly split: string; readonly id: string }>();
  for (const [split, { hashes, ids }] of Object.entries(splits)) {
    for (const [i, hash] of hashes.entries()) {
      const other = owner.get(hash);
      const id = ids[i] as string;
      if (other && other.split !== split)
        throw new UsageError(
          `search: ${split}: ${show(id)} has the pixels of ${show(other.id)} in ${other.split}; keep each image in one of them`,
        );
      owner.set(hash, { split, id });
    }
  }
}

/** Rows of a keyed share of each class, and of the rest, both in a keyed order; images with the same pixels go together. */
function splitOff(
  images: Images,
  share: number,
  seed: number,
): { readonly rest: readonly number[]; readonly part: readonly number[] } {
  const { labels, hashes, classes } = images;
  const key = fold(keyOf(seed), tag('search-split'));
  const place = hashes.map((hash) => fold(key, tag(hash)));
  const part = new Set<number>();
  for (const label of classes.keys()) {
    const own = [...labels.keys()].filter((i) => labels[i] === label);
    own.sort((i, j) => order(place[i], place[j]) || (hashes[i] as string).localeCompare(hashes[j] as string));
    // One at least on both sides, where there are two.
    let count =
      own.length < 2 || share === 0
        ? 0
        : Math.min(own.length - 1, Math.max(1, Math.round(share * own.length)));
    // A cut between equal images moves down, or else up.
    while (count > 0 && hashes[own[count - 1] as number] === hashes[own[count] as number]) count--;
    for (const i of own.slice(0, count)) part.add(i);
  }
  // The same pixels under two labels: all where the first of them is.
  const side = new Map<string, boolean>();
  for (const [i, hash] of hashes.entries()) if (!side.has(hash)) side.set(hash, part.has(i));
  const rows = [...hashes.keys()].sort((i, j) => order(place[i], place[j]) || i - j);
  const inPart = (i: number) => side.get(hashes[i] as string) === true;
  return { rest: rows.filter((i) => !inPart(i)), part: rows.filter(inPart) };
}

type Place = { readonly a: number; readonly b: number } | undefined;
const order = (one: Place, other: Place) =>
  (one?.a ?? 0) - (other?.a ?? 0) || (one?.b ?? 0) - (other?.b ?? 0);
