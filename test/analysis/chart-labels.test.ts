import fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chartLabels, elided } from '../../src/analysis/chart-labels.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { ContenderSummary } from '../../src/analysis/summary.js';
import { contenders as known } from '../../src/engines/registry.js';
import { makeResultFile } from './fixtures.js';

const [template] =
  summarise([{ fileName: 'made.json', result: makeResultFile({ blocks: 1 }) }]).cases[0]?.contenders ?? [];

/** A contender as analysis would describe it; `device` of an engine that was reached. */
function contender(id: string, label: string, engineName = 'redis', device?: string): ContenderSummary {
  assert.ok(template !== undefined);
  const engine =
    device === undefined || template.engine === null
      ? null
      : { ...template.engine, settings: { device, deviceName: 'NVIDIA H200' } };
  return { ...template, id, label, engineName, engine };
}

const named = (...contenders: ContenderSummary[]): string[] =>
  chartLabels([{ contenders }]).map(({ label }) => label);

describe('short names of contenders', () => {
  it('say the engine, the device and the pipeline', () => {
    assert.deepEqual(
      named(
        contender('redis', 'Redis'),
        contender('redis-p16', 'Redis, pipelined ×16'),
        contender('redis-tcp', 'Redis over TCP'),
        contender('redis-io-threads-p64', 'Redis with I/O threads, pipelined ×64'),
        contender('predis', 'Predis (CUDA engine, NVIDIA H200)', 'predis', 'cuda'),
        contender('predis-cpu', 'Predis-CPU (CPU engine)', 'predis', 'cpu'),
        contender('predis-packed', 'Predis, packed (CUDA engine, NVIDIA H200)', 'predis-packed', 'cuda'),
        contender('map', 'JavaScript Map', 'map'),
        contender('noop', 'No-op, API (floor, not verified)', 'noop'),
      ),
      [
        'Redis',
        'Redis ×16',
        'Redis TCP',
        'Redis I/O threads ×64',
        'Predis · GPU',
        'Predis · CPU',
        'Predis · GPU, packed',
        'JavaScript Map',
        'No-op, API (floor)',
      ],
    );
  });

  it('are the full ones where two contenders would share one, and where no engine was reached', () => {
    assert.deepEqual(
      named(
        contender('predis', 'Predis (CPU engine)', 'predis', 'cpu'),
        contender('predis-cpu', 'Predis-CPU (CPU engine)', 'predis', 'cpu'),
      ),
      ['Predis (CPU engine)', 'Predis-CPU (CPU engine)'],
    );
    assert.deepEqual(named(contender('predis', 'Predis', 'predis')), ['Predis']);
  });

  it('say both engines of a contender that ran on one in one file, on another in the next', () => {
    const [label] = chartLabels([
      { contenders: [contender('predis', 'Predis (CPU engine)', 'predis', 'cpu')] },
      { contenders: [contender('predis', 'Predis (CUDA engine, NVIDIA H200)', 'predis', 'cuda')] },
    ]);
    assert.equal(label?.label, 'Predis · CPU / Predis · GPU');
    assert.equal(label.fullLabel, 'Predis (CPU engine) / Predis (CUDA engine, NVIDIA H200)');
  });

  it('are of one contender each, and short, whatever the contenders are called', () => {
    const pieces = fc.constantFrom(
      'Predis',
      'Redis',
      ' ×16',
      ' · GPU',
      ' #1',
      ' #2',
      '…',
      '\u202e',
      'x'.repeat(60),
    );
    const label = fc.oneof(
      fc.array(pieces, { maxLength: 4 }).map((parts) => parts.join('')),
      fc.string({ unit: 'grapheme' }),
    );
    const device = fc.constantFrom('cpu', 'cuda', undefined);
    const one = fc.record({ label, device, engine: fc.constantFrom('redis', 'predis') });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (all) => {
        const labels = named(
          ...all.map((each, index) => contender(`c${String(index)}`, each.label, each.engine, each.device)),
        );
        assert.equal(new Set(labels).size, all.length, labels.join(' | '));
        for (const text of labels) {
          assert.ok(Array.from(text).length <= 40, text);
          // eslint-disable-next-line no-control-regex -- none may be left
          assert.doesNotMatch(text, /[\u0000-\u001f\u202e]/);
        }
      }),
    );
  });

  it('of all contenders that this tool knows are apart and need no ellipsis', () => {
    const labels = named(
      ...known.map(({ id, label, engine }) =>
        contender(id, label + (engine.startsWith('predis') ? ' (CPU engine)' : ''), engine, 'cpu'),
      ),
    );
    for (const text of labels) assert.ok(!text.includes('…') && Array.from(text).length <= 40, text);
  });
});

describe('elided', () => {
  it('keeps beginning and end, and whole characters', () => {
    assert.equal(elided('abcdefghij', 5), 'ab…ij');
    assert.equal(elided('abcdefghij', 10), 'abcdefghij');
    assert.equal(elided('😀'.repeat(9), 4), '😀😀…😀');
  });
});
