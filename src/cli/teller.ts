/** A run's events in words, as they come: lines on stderr, and text for people on stdout unless that is for JSON. */
import type { Metrics, StepEvent } from '../core/events.js';
import type { PipelineEvent } from './define-pipeline.js';

/** Milliseconds between lines about steps where stderr is no terminal. */
const QUIET = 15_000;
const LIVELY = 250;

export interface Teller {
  (event: PipelineEvent): void;
  /** Finishes the line that is still being rewritten. */
  end(): void;
}

export function teller(json: boolean, err: NodeJS.WriteStream = process.stderr): Teller {
  let told = performance.now();
  let open = false;
  const line = (text: string) => {
    err.write(`${open ? '\r\x1b[K' : ''}${text}\n`);
    open = false;
  };
  const rewrite = (text: string) => {
    if (!err.isTTY) return line(text);
    err.write(`\r\x1b[K${text.slice(0, (err.columns || 80) - 1)}`);
    open = true;
  };
  const tell = (event: PipelineEvent) => {
    const who = 'run' in event && event.run ? `${event.run}: ` : '';
    if (event.kind === 'text') {
      if (json) line(event.text);
      else {
        tell.end();
        process.stdout.write(`${event.text}\n`);
      }
    } else if (event.kind === 'step') {
      if (performance.now() - told < (err.isTTY ? LIVELY : QUIET)) return;
      told = performance.now();
      rewrite(who + stepLine(event));
    } else {
      const text = lineOf(event);
      if (text) line(who + text);
    }
  };
  tell.end = () => {
    if (open) err.write('\n');
    open = false;
  };
  return tell;
}

function lineOf(event: Exclude<PipelineEvent, { kind: 'text' | 'step' }>): string | undefined {
  switch (event.kind) {
    case 'start': {
      const from = event.resumed ? `, from step ${event.resumed.step} of ${event.resumed.path}` : '';
      return `${event.model}, ${event.parameters.toLocaleString('en')} parameters, on ${event.backend}${from}`;
    }
    case 'epoch': {
      const { epoch, train, clean, validation, imagesPerSecond, seconds } = event;
      const parts = [
        `epoch ${epoch + 1}`,
        `train ${measures(train)}`,
        clean && `clean ${measures(clean)}`,
        validation && `test ${measures(validation)}`,
        `${Math.round(imagesPerSecond)} images/s`,
        `${seconds.toFixed(0)} s`,
      ];
      return parts.filter(Boolean).join('  ');
    }
    case 'stopped':
      return event.message;
    case 'file':
      return `${event.what}: ${event.path}`;
    default:
      return undefined;
  }
}

function stepLine({ epoch, step, progress, metrics, size, stepMs, waitMs }: StepEvent): string {
  const speed = Math.round((1000 * size) / Math.max(1e-3, stepMs + waitMs));
  return `epoch ${epoch + 1}  step ${step}  ${Math.round(100 * progress)} %  ${measures(metrics)}  ${speed} images/s`;
}

function measures({ loss, accuracy }: Metrics): string {
  const parts = [
    loss !== undefined && `loss ${loss.toFixed(3)}`,
    accuracy !== undefined && `${(100 * accuracy).toFixed(1)} %`,
  ];
  return parts.filter(Boolean).join(' ');
}
