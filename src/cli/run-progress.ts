import type { ProgressEvent, ProgressListener } from '../measure/progress.js';
import { formatPlural } from '../support/format.js';
import type { CommandContext } from './context.js';

/** Shows where a run stands. Writes only between trials, so that the terminal costs no sample anything. */
export function showProgress(context: CommandContext): ProgressListener {
  return (event: ProgressEvent) => {
    switch (event.type) {
      case 'engine-start':
        context.status(`starting ${event.contender}`);
        return;
      case 'case-start':
        context.say(`${event.caseId}: ${event.caseLabel}`);
        return;
      case 'benchmark-start':
        context.status(`  redis-benchmark in the shape of ${event.contender}`);
        return;
      case 'look':
        context.say(
          `  look after ${formatPlural(event.blocks, 'block')}: ${event.stopped ? 'every comparison is decided, the case ends here' : 'goes on'}`,
        );
        return;
      case 'trial-start':
        context.status(
          `  trial ${String(event.done + 1)} of ${String(event.trials)}  ${event.contender}  ` +
            `block ${String(event.block + 1)}/${String(event.blocks)}  about ${minutes(event.remainingMs)} left`,
        );
        return;
      case 'trial-end':
        if (event.trial.state !== 'measured') {
          context.say(`  ${event.contender}: trial ${event.trial.state}: ${event.trial.reason}`);
        }
        return;
    }
  };
}

function minutes(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000);
  return seconds < 60
    ? `${String(seconds)} s`
    : `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}
