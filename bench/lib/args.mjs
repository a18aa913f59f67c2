/** The command line of the bench, and which cases a name stands for. */
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [NAME…] [--json]

  NAME             a case, the beginning of one, or the group 'augment' or 'train'; default: every case
  --json           one line of JSON on stdout in place of the table
  --list           names of the cases
  --images DIR     photos to augment (default: ../shared/data/photos where it is there, else photos made for it)
  --shards GLOB    tar shards of small JPEG images (default: those of ../shared/data/cifar10, else made)
  --peers A,B      only these peers ('none' for none)
  --rounds N       turns of each contestant (default 5)
  --seconds S      length of a turn (default 2)
  --warmup S       before the first turn (default 2)
  --python EXE     a Python that has the peers' packages, in place of bench/.venv
  --prepare        only make what the cases need, environments of the peers included; measure nothing`;

/** What a person means by "augment", the engine on photos and on small images, and its workers; and by "train": every step. */
const GROUPS = {
  augment: [
    'augment-224',
    'augment-224-decoded',
    'randaugment-224',
    'trivialaugment-224',
    'augmix-224',
    'cifar-32',
    'scaling',
  ],
  train: [
    'train-step-resnet20',
    'train-step-resnet20-full',
    'train-step-wrn16-4',
    'train-step-small-cnn',
    'train-step-vit',
    'train-step-gan',
  ],
};

export class Usage extends Error {}

export function parse(argv) {
  let given;
  try {
    given = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        images: { type: 'string' },
        shards: { type: 'string' },
        peers: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '2' },
        warmup: { type: 'string', default: '2' },
        python: { type: 'string' },
        prepare: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Usage(`bench: ${error.message}`);
  }
  const { values, positionals } = given;
  return {
    ...values,
    names: positionals,
    peers: values.peers?.split(',').filter((name) => name && name !== 'none'),
    rounds: positive('rounds', values.rounds, true),
    seconds: positive('seconds', values.seconds),
    warmup: positive('warmup', values.warmup),
  };
}

/** The cases that the names stand for, each once, in the order of the list. */
export function choose(names, cases) {
  if (names.length === 0) return cases;
  const wanted = new Set();
  for (const name of names) {
    const found =
      cases.filter((c) => c.name === name).length > 0
        ? [name]
        : (GROUPS[name] ?? cases.map((c) => c.name).filter((known) => known.startsWith(name)));
    if (found.length === 0) {
      const known = [...cases.map((c) => c.name), ...Object.keys(GROUPS)].join(', ');
      throw new Usage(`bench: expected one of ${known} but received '${name}'; see --list`);
    }
    for (const one of found) wanted.add(one);
  }
  return cases.filter((c) => wanted.has(c.name));
}

/** The peers asked for, or undefined for all; a name that no case has is refused. */
export function checkPeers(wanted, cases) {
  const known = [...new Set(cases.flatMap((one) => peersOf(one).map(([name, { peer = name }]) => peer)))];
  for (const name of wanted ?? [])
    if (!known.includes(name))
      throw new Usage(`bench: expected --peers to be of ${known.join(', ')} but received '${name}'`);
}

const peersOf = (one) => Object.entries(one.contestants).filter(([, { script }]) => script);

/** The contestants of a case: ours always; of the peers those asked for. */
export function contestantsOf(one, { peers }) {
  const wanted = ([name, { script, peer = name }]) => !script || !peers || peers.includes(peer);
  return Object.fromEntries(Object.entries(one.contestants).filter(wanted));
}

function positive(name, text, whole = false) {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value) || (whole && !Number.isInteger(value)))
    throw new Usage(
      `bench: expected --${name} to be a positive ${whole ? 'whole ' : ''}number but received ${text}`,
    );
  return value;
}
