/** A diagnosis as text: one line per part, then the fixes for all that is missing. */
import type { Diagnosis, Part } from './diagnose.js';

export function formatDiagnosis(diagnosis: Diagnosis): string {
  const { machine, node, backends, decoders, onnx, s3, xla } = diagnosis;
  const parts = [...backends, ...xla, ...decoders, onnx, s3];
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  const rows: [string, string][] = [
    ['rxaug', diagnosis.rxaug],
    ['node', `${node.version} on ${machine.platform}`],
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 1e9)} GB`],
    [
      'WebAssembly',
      `SIMD ${yes(machine.wasmSimd)}, threads ${yes(machine.wasmThreads)}, shared memory ${yes(machine.sharedMemory)}`,
    ],
    ['libuv', `${node.uvThreadpoolSize} threads (UV_THREADPOOL_SIZE, read when Node starts)`],
    ...parts.map((part): [string, string] => [part.name, describe(part)]),
    ['trains on', `${diagnosis.backend} (${diagnosis.backendWhy})`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
  const missing = parts.filter(({ available }) => !available);
  if (missing.length > 0) {
    lines.push('', 'to fix:', ...missing.map(({ name, fix }) => `  ${name}: ${fix}`));
  }
  if (!diagnosis.usable) lines.push('', 'rxaug cannot run here until this is fixed');
  return lines.join('\n');
}

function describe({ available, version, detail, why }: Part): string {
  if (!available) return `missing: ${why}`;
  return `${version}${detail ? ` (${detail})` : ''}`;
}
