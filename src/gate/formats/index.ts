import type { GateReport } from '../report.js';
import { renderGateGitHub } from './github.js';
import { renderGateJUnit } from './junit.js';
import { renderGateMarkdown } from './markdown.js';
import { renderGateText } from './text.js';

/** Every way in which the gate's answer is written; each ends without a line break of its own, JUnit and Markdown aside. */
export const gateFormats = {
  text: renderGateText,
  json: (report: GateReport): string => JSON.stringify(report, null, 2),
  junit: renderGateJUnit,
  github: renderGateGitHub,
  markdown: renderGateMarkdown,
} as const satisfies Readonly<Record<string, (report: GateReport) => string>>;

export type GateFormat = keyof typeof gateFormats;
