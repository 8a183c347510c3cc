import type { ProgressEvent, ProgressListener } from '../measure/progress.js';
import { terminalSafe } from '../support/escape.js';
import { formatPlural } from '../support/format.js';
import type { CommandContext } from './context.js';
import { barGlyphs, progressLine } from './progress-line.js';

/**
 * Shows where a run stands. It writes when an event comes, and events come between trials: while a sample is timed nothing is
 * written, no timer runs, and a window that changes its size is noticed at the next trial.
 */
export function showProgress(
  context: Pick<CommandContext, 'say' | 'status'>,
  environment: Readonly<Record<string, string | undefined>>,
): ProgressListener {
  const glyphs = barGlyphs(environment);
  return (event: ProgressEvent) => {
    switch (event.type) {
      case 'engine-start':
        context.status(`starting ${event.contender}`);
        return;
      case 'case-start':
        context.say(`${event.caseId}: ${terminalSafe(event.caseLabel)}`);
        return;
      case 'benchmark-start':
        context.status(`redis-benchmark in the shape of ${event.contender}`);
        return;
      case 'look':
        context.say(
          `  look after ${formatPlural(event.blocks, 'block')}: ${event.stopped ? 'every comparison is decided, the case ends here' : 'goes on'}`,
        );
        return;
      case 'trial-start':
        context.status((columns) => progressLine(event, columns, glyphs));
        return;
      case 'trial-end':
        if (event.trial.state !== 'measured') {
          context.say(
            `  ${event.contender}: trial ${event.trial.state}: ${terminalSafe(event.trial.reason)}`,
          );
        }
        return;
    }
  };
}
