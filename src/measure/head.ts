import { randomUUID } from 'node:crypto';
import {
  RESULT_FORMAT,
  SCHEMA_VERSION,
  type Disclosure,
  type Environment,
  type Plan,
  type ResultFile,
} from '../results/schema.js';
import type { ResultHead } from '../results/writer.js';

/**
 * The result file of a run that begins now; hand it to `ResultWriter.create`.
 *
 * @param command as typed, without secrets
 */
export function newResultHead(
  facts: {
    readonly plan: Plan;
    readonly environment: Environment;
    readonly tool: ResultFile['tool'];
    readonly command: readonly string[];
    /** `describeDisclosure`; absent in tests that are about something else. */
    readonly disclosure?: Disclosure;
  },
  now: Date = new Date(),
): ResultHead {
  return {
    format: RESULT_FORMAT,
    schemaVersion: SCHEMA_VERSION,
    id: randomUUID(),
    createdAt: now.toISOString(),
    tool: facts.tool,
    command: [...facts.command],
    plan: facts.plan,
    environment: facts.environment,
    ...(facts.disclosure === undefined ? {} : { disclosure: facts.disclosure }),
    engines: {},
  };
}
