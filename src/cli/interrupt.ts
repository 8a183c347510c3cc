import { ExitCode } from '../errors.js';
import type { CommandContext } from './context.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first Ctrl-C (or SIGTERM, SIGHUP) ends the run in an orderly way: the trial is given up, engines are ended, the file
 * is finished as interrupted. A second one ends the process at once; the private Redis server is still ended, by its guardian.
 */
export function abortOnSignals(context: CommandContext): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(ExitCode.interrupted);
    context.say('interrupted: giving up the trial in progress, keeping those before it (again: end at once)');
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
