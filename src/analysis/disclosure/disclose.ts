/**
 * The disclosure checklist: twenty items that an adviser asks of any benchmark, each made of parts, each part with the places
 * of the result file that hold it. What the files do not hold is named as not disclosed, never passed over.
 */
import type { DisclosureSummary } from '../summary.js';
import { design, loadModel, measurement, phases, statistics } from './measuring.js';
import type { DisclosureContext, DisclosureItem } from './part.js';
import * as reading from './reading.js';
import { hardware, software } from './setup.js';
import * as subject from './subject.js';

/** In the order of their numbers, 1 to 20. */
export const disclosureItems: readonly DisclosureItem[] = [
  subject.claimScope,
  subject.semanticsParity,
  subject.correctness,
  hardware,
  software,
  subject.tuningParity,
  subject.workload,
  loadModel,
  measurement,
  phases,
  design,
  statistics,
  reading.unfavourable,
  reading.absolutes,
  reading.cost,
  reading.status,
  reading.reproduction,
  reading.interest,
  reading.freshness,
  reading.machineReadable,
];

/** What result files disclose; a part that says nothing is not disclosed. */
export function disclose(context: DisclosureContext): DisclosureSummary[] {
  return disclosureItems.map(({ topic, parts }, index) => ({
    number: index + 1,
    topic,
    parts: parts.map(({ name, pointers, say }) => ({
      name,
      pointers,
      said: say(context).filter((text) => text !== ''),
    })),
  }));
}
