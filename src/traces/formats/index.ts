/** The formats that are read: one file each, and a line here. */
import type { TraceSink } from '../sink.js';
import type { TraceFormat, TraceParser } from '../trace.js';
import { ArcParser } from './arc.js';
import { AzureLlmParser } from './azure-llm.js';
import { Cache2kParser } from './cache2k.js';
import type { CsvColumns } from './csv-columns.js';
import { CsvParser } from './csv.js';
import { MooncakeParser } from './mooncake.js';
import { OracleGeneralParser } from './oracle-general.js';
import { TwitterParser } from './twitter.js';

/** Reads of what a format consists, for people. */
export const formatSummaries: Readonly<Record<TraceFormat, string>> = {
  cache2k: 'big-endian 32-bit keys',
  arc: 'ARC .lis: first block, number of blocks, ignored, request',
  csv: 'a table as libCacheSim reads it: time, key, size, operation',
  oracleGeneral: "libCacheSim's binary records of 24 bytes",
  twitter: "Twitter's cluster traces: seven columns",
  mooncake: 'JSON lines with timestamp and hash_ids',
  'azure-llm': 'arrivals: TIMESTAMP,ContextTokens,GeneratedTokens',
};

/** @param columns of a csv table; ignored by the other formats */
export function createParser(format: TraceFormat, sink: TraceSink, columns: CsvColumns | null): TraceParser {
  switch (format) {
    case 'cache2k':
      return new Cache2kParser(sink);
    case 'arc':
      return new ArcParser(sink);
    case 'csv':
      return new CsvParser(sink, columns);
    case 'oracleGeneral':
      return new OracleGeneralParser(sink);
    case 'twitter':
      return new TwitterParser(sink);
    case 'mooncake':
      return new MooncakeParser(sink);
    case 'azure-llm':
      return new AzureLlmParser(sink);
  }
}
