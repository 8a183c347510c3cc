import fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clockFacts, sharedClockOffsetMs } from '../../src/measure/clock.js';
import { describeEnvironment, fingerprint } from '../../src/measure/environment.js';
import type { MachineProbe } from '../../src/measure/machine/probe.js';
import { declareComparisons } from '../../src/measure/family.js';
import { StartGate } from '../../src/measure/gate.js';
import { LatencyRecorder } from '../../src/measure/latency-recorder.js';
import { laneOfRequest, requestsOfLane } from '../../src/measure/program.js';
import { toolProvenance } from '../../src/measure/provenance.js';
import { scheduleBlocks } from '../../src/measure/schedule.js';
import { Verifier, DELETED } from '../../src/measure/verifier.js';
import { WindowRecorder } from '../../src/measure/window-recorder.js';
import { WriteIndex } from '../../src/measure/write-index.js';
import { createHistogram, decodeHistogram, encodeHistogram } from '../../src/results/histogram.js';
import { bucketFloorNs, LATENCY_BUCKETS } from '../../src/results/latency-intervals.js';
import { contender, environment, inTemporaryFolder, planned } from './support/fake-run.js';
import { mixed, plainKeySpace, streamOf } from './support/fake-workload.js';

describe('scheduleBlocks', () => {
  it('gives each contender two trials a block, mirrored', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (n, blocks, seed) => {
          const ids = Array.from({ length: n }, (_, i) => `c${String(i)}`);
          const schedule = scheduleBlocks(ids, blocks, seed, 0);
          assert.equal(schedule.length, blocks);
          for (const block of schedule) {
            assert.deepEqual(block, block.toReversed());
            assert.deepEqual([...block].sort(), [...ids, ...ids].sort());
          }
        },
      ),
    );
  });

  it('is the same for a seed, and throws its coin fairly for two contenders', () => {
    assert.deepEqual(scheduleBlocks(['a', 'b'], 50, 3, 1), scheduleBlocks(['a', 'b'], 50, 3, 1));
    assert.notDeepEqual(scheduleBlocks(['a', 'b'], 50, 3, 1), scheduleBlocks(['a', 'b'], 50, 3, 2));
    assert.notDeepEqual(scheduleBlocks(['a', 'b'], 50, 3, 1), scheduleBlocks(['a', 'b'], 50, 4, 1));
    const abba = scheduleBlocks(['a', 'b'], 2000, 5, 0).filter((block) => block[0] === 'a').length;
    assert.ok(abba > 900 && abba < 1100, String(abba));
  });
});

describe('makePlan', () => {
  it('declares every metric of every case, Predis against each Redis, controls left out', () => {
    const contenders = [
      contender('redis'),
      contender('redis-p16', 'redis'),
      contender('predis'),
      contender('map'),
    ];
    const comparisons = declareComparisons(['x', 'y'], contenders);
    assert.equal(comparisons.length, 2 * 3 * 2);
    assert.ok(comparisons.every(({ candidate }) => candidate === 'predis'));
    assert.deepEqual(new Set(comparisons.map(({ baseline }) => baseline)), new Set(['redis', 'redis-p16']));
    assert.deepEqual(
      new Set(comparisons.map(({ metric }) => metric)),
      new Set(['throughput', 'latencyP95', 'memory']),
    );
  });

  it('describes the streams, and is the same for a seed', () => {
    const { plan } = planned();
    assert.deepEqual(plan, planned().plan);
    const stream = plan.cases[0]?.stream;
    assert.deepEqual(
      [stream?.requests, stream?.operations, stream?.reads, stream?.keys],
      [200, 400, 200, 50],
    );
    assert.notEqual(stream?.sha256, planned({ seed: 2 }).plan.cases[0]?.stream.sha256);
  });

  it('refuses what cannot be measured', () => {
    assert.throws(() => planned({ blocks: 0 }), /blocks must be a whole number from 1 to 10000, not 0/);
    assert.throws(() => planned({ windowMs: NaN }), /windowMs must be from 1 to 3600000 milliseconds/);
    assert.throws(
      () => planned({ workers: 20, connections: 11 }),
      /mixed has 200 requests, too few for 20 workers/,
    );
    assert.throws(() => planned({ contenders: [] }), /No contender/);
    assert.throws(
      () => planned({ contenders: [contender('a'), contender('a')] }),
      /contender is named twice/,
    );
    const twice = [mixed, mixed].map((workload) => ({ workload, parameters: {} }));
    assert.throws(() => planned({ workloads: twice }), /workload is named twice/);
  });
});

describe('dealing requests to lanes', () => {
  it('gives each request to one lane, in order, and all lanes their share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 40 }), (requests, lanes) => {
        const seen = new Set<number>();
        for (let lane = 0; lane < lanes; lane++) {
          const dealt = [...requestsOfLane(requests, lanes, lane)];
          assert.deepEqual(
            dealt,
            [...dealt].sort((a, b) => a - b),
          );
          assert.ok(
            dealt.length >= Math.floor(requests / lanes) && dealt.length <= Math.ceil(requests / lanes),
          );
          for (const request of dealt) {
            assert.equal(laneOfRequest(request, lanes), lane);
            seen.add(request);
          }
        }
        assert.equal(seen.size, requests);
      }),
    );
  });

  it('does not give one lane all writes of a stream that alternates', () => {
    for (const lane of [0, 1]) {
      const kinds = new Set([...requestsOfLane(100, 2, lane)].map((request) => request % 2));
      assert.equal(kinds.size, 2);
    }
  });
});

describe('LatencyRecorder', () => {
  it('fills the bins that HdrHistogram fills', () => {
    const latency = fc.oneof(
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      fc.double({ min: 0, max: 3.6e12, noNaN: true }),
      fc.constantFrom(2047, 2048, 4095, 4096, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 3.6e12),
    );
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 50 }), (latencies) => {
        const recorder = new LatencyRecorder();
        const reference = createHistogram();
        for (const latencyNs of latencies) {
          recorder.record(latencyNs);
          reference.recordValue(Math.floor(latencyNs));
        }
        const filled = recorder.toHistogram();
        assert.equal(filled.totalCount, latencies.length);
        for (const percent of [0, 10, 50, 90, 95, 99, 99.9, 100]) {
          assert.equal(filled.getValueAtPercentile(percent), reference.getValueAtPercentile(percent));
        }
        assert.equal(recorder.maxNs, Math.max(...latencies));
        assert.equal(recorder.minNs, Math.min(...latencies));
      }),
    );
  });

  it('counts what exceeds an hour as an hour, and survives the file', () => {
    const recorder = new LatencyRecorder();
    recorder.record(1e15);
    recorder.record(10);
    assert.equal(recorder.maxNs, 3.6e12);
    const back = decodeHistogram(encodeHistogram(recorder.toHistogram()));
    assert.equal(back.totalCount, 2);
    assert.ok(Math.abs(back.maxValue / 3.6e12 - 1) < 0.001);
    recorder.reset();
    assert.deepEqual([recorder.count, recorder.toHistogram().totalCount], [0, 0]);
  });
});

describe('WindowRecorder', () => {
  it('puts operations into the interval in which they ended, the late ones into the last', () => {
    const recorder = new WindowRecorder(10, 3);
    recorder.begin(100);
    for (const endMs of [101, 109.9, 110, 125, 129, 131, 150]) recorder.record(true, 1, 2, endMs);
    recorder.end();
    assert.deepEqual([...recorder.intervals], [4, 2, 8]);
    assert.deepEqual([recorder.operations, recorder.requests, recorder.lastEndMs], [14, 7, 150]);
  });
});

describe('IntervalLatencies', () => {
  it('counts each latency in the bucket that holds it, in the interval in which the request ended', () => {
    const latency = fc.oneof(
      fc.integer({ min: 0, max: 5000 }),
      fc.double({ min: 0, max: 5e12, noNaN: true }),
      fc.constantFrom(7, 8, 1023, 1024, 2047, 2048, 2 ** 31 - 1, 2 ** 31, 3.6e12),
    );
    const request = fc.record({
      latencyNs: latency,
      gapMs: fc.integer({ min: 0, max: 12 }),
      read: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        const recorder = new WindowRecorder(10, 4);
        recorder.begin(0);
        const expected = new Float64Array(4 * LATENCY_BUCKETS);
        let endMs = 0;
        for (const { latencyNs, gapMs, read } of requests) {
          endMs += gapMs;
          recorder.record(read, latencyNs, 1, endMs);
          const whole = Math.floor(Math.min(latencyNs, 3.6e12));
          let bucket = 0;
          while (bucketFloorNs(bucket + 1) <= whole) bucket++;
          const place = Math.min(3, Math.floor(endMs / 10)) * LATENCY_BUCKETS + bucket;
          expected[place] = (expected[place] ?? 0) + 1;
        }
        recorder.end();
        assert.deepEqual([...recorder.intervalLatencies.counts], [...expected]);
      }),
    );
  });
});

describe('Verifier', () => {
  const keySpace = plainKeySpace(3);
  // two lanes: requests 0 and 3 go to lane 0, requests 1 and 2 to lane 1
  const stream = streamOf(3, [
    ['put', 0],
    ['put', 0],
    ['put', 1],
    ['delete', 2],
  ]);
  const verdicts = (lanes: number, check: (verifier: Verifier) => void): string => {
    const verifier = new Verifier(keySpace, new WriteIndex(stream, 3, lanes), lanes);
    check(verifier);
    return verifier.examples.join();
  };
  const value = (key: number, version: number): string => keySpace.value(key, version);

  it('accepts another lane’s version and refuses an older one of the same lane', () => {
    const read = (key: number, text: string | null, lane: number, expected: number): string =>
      verdicts(2, (verifier) => {
        verifier.checkRead(key, text, lane, expected);
      });
    assert.equal(read(0, value(0, 2), 0, 1), '', 'written by lane 1 since');
    assert.equal(read(0, value(0, 1), 0, 1), '', 'its own');
    assert.match(read(0, value(0, 0), 0, 1), /same connection wrote version 1 after it/);
    assert.match(read(0, value(0, 2), 1, 0), /same connection/, 'lane 1 has not written it yet');
    assert.match(read(0, value(0, 9), 1, 0), /version 9, which was never written/);
    assert.match(read(0, value(1, 0), 1, 0), /not its value/);
    assert.match(read(0, 'nonsense', 1, 0), /no value of this workload/);
    assert.match(read(0, null, 1, 0), /is missing/);
    assert.equal(read(2, null, 1, 0), '', 'the other lane may have deleted it');
    assert.match(
      verdicts(1, (verifier) => {
        verifier.checkRead(2, null, 0, 0);
      }),
      /is missing/,
    );
  });

  it('after the window accepts the last write of any lane, and nothing else', () => {
    const final = (key: number, text: string | null, last: readonly number[]): string =>
      verdicts(2, (verifier) => {
        verifier.checkFinal(key, text, last);
      });
    assert.equal(final(0, value(0, 1), [1, 2]), '');
    assert.equal(final(0, value(0, 2), [1, 2]), '');
    assert.equal(final(0, value(0, 0), [0, 0]), '');
    assert.match(final(0, value(0, 0), [0, 2]), /version 0 after the window instead of version 2/);
    assert.match(final(0, value(0, 1), [0, 2]), /version 1 after the window instead of version 2/);
    assert.match(final(0, null, [0, 0]), /missing after the window/);
    assert.equal(final(2, null, [DELETED, 0]), '');
    assert.match(final(2, value(2, 0), [DELETED, 0]), /instead of its deletion/);
  });
});

describe('StartGate', () => {
  it('opens when the last one arrives, and for all when it is aborted', () => {
    const gate = new StartGate(StartGate.buffer(), 1);
    gate.arrive();
    assert.equal(gate.aborted(), false);
    const waiting = new StartGate(StartGate.buffer(), 2);
    waiting.abort();
    waiting.arrive();
    assert.equal(waiting.aborted(), true);
  });
});

describe('describeEnvironment', () => {
  const silent: MachineProbe = { file: () => null, folder: () => null, program: () => null };

  it('says null for what the machine does not tell', () => {
    const facts = describeEnvironment(silent);
    assert.deepEqual(
      [facts.distribution, facts.virtualisation, facts.cpuGovernor, facts.transparentHugePages, facts.gpu],
      [null, null, null, null, null],
    );
    assert.match(facts.fingerprint, /^[0-9a-f]{16}$/);
    assert.equal(facts.nodeVersion, process.versions.node);
  });

  it('reads what kernels and distributions write', () => {
    const files: Record<string, string> = {
      '/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
      '/sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
      '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave\n',
      '/sys/class/dmi/id/product_name': 'Standard PC\n',
      '/sys/class/dmi/id/sys_vendor': 'QEMU\n',
      '/proc/cpuinfo': 'flags\t\t: fpu hypervisor sse\n',
    };
    const probe: MachineProbe = { ...silent, file: (path) => files[path] ?? null };
    const facts = describeEnvironment(probe);
    assert.equal(facts.distribution, 'Debian GNU/Linux 12 (bookworm)');
    assert.equal(facts.transparentHugePages, 'madvise');
    assert.equal(facts.cpuGovernor, 'powersave');
    assert.equal(facts.virtualisation, 'QEMU Standard PC');
    const detected = describeEnvironment({ ...probe, program: () => 'kvm\n' });
    assert.equal(detected.virtualisation, 'kvm');
  });

  it('has one fingerprint for a machine whose kernel keeps a little more memory', () => {
    const less = { ...environment, memoryBytes: environment.memoryBytes - 50e6 };
    assert.equal(fingerprint(less), fingerprint(environment));
    assert.notEqual(fingerprint({ ...environment, logicalCpus: 4 }), fingerprint(environment));
  });
});

describe('clock and provenance', () => {
  it('finds resolution and cost of a clock', () => {
    let now = 0;
    const { resolutionNs, overheadNs } = clockFacts(() => (now += 0.00005));
    assert.deepEqual([resolutionNs, Math.round(overheadNs)], [50, 50]);
    assert.ok(Math.abs(sharedClockOffsetMs() - sharedClockOffsetMs()) < 5);
  });

  it('names no commit for a folder that is no checkout', async () => {
    await inTemporaryFolder((folder) => {
      const { commit, dirty, version } = toolProvenance(folder);
      assert.deepEqual([commit, dirty], [null, null]);
      assert.match(version, /^\d+\.\d+\.\d+/);
    });
  });
});
