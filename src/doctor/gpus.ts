/** What the NVIDIA driver says about GPUs, through its own program where it is there, else through its library. */
import { trimmed, type MachineProbe } from '../measure/machine/probe.js';
import { driverFacts, PredisError } from '../predis/index.js';
import type { DoctorFacts, GpuState } from './facts.js';

/** Fields of `nvidia-smi --query-gpu`, in order; `nvidia-smi --help-query-gpu` explains them. */
const FIELDS = [
  'name',
  'driver_version',
  'persistence_mode',
  'ecc.mode.current',
  'mig.mode.current',
  'utilization.gpu',
  'clocks_throttle_reasons.active',
] as const;

/** @param ask facts of the first GPU from the driver's library; handed in by tests */
export function readGpus(
  probe: MachineProbe,
  ask: () => ReturnType<typeof driverFacts> = askLibrary,
): DoctorFacts['gpus'] {
  const table = trimmed(
    probe.program('nvidia-smi', `--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'),
  );
  // a program that fails says so on its standard output, in a sentence instead of a row
  const rows = (table ?? '').split('\n').map((line) => line.split(',').map((cell) => cell.trim()));
  const states = rows.flatMap((row) => (row.length === FIELDS.length ? [stateOf(row, probe)] : []));
  if (states.length > 0) return states;
  const facts = ask();
  if ('absent' in facts) return facts;
  return [
    {
      name: facts.name ?? 'a GPU without a name',
      driverVersion: facts.driverVersion,
      ...{ persistence: null, ecc: null, mig: null, utilizationPercent: null, clockReasons: null },
      otherPrograms: null,
    },
  ];
}

function askLibrary(): ReturnType<typeof driverFacts> {
  try {
    return driverFacts(0);
  } catch (error) {
    if (error instanceof PredisError) return { absent: 'the native addon does not load' };
    throw error;
  }
}

function stateOf(row: readonly string[], probe: MachineProbe): GpuState {
  const [name = '', driver = '', persistence, ecc, mig, utilization = '', reasons = ''] = row;
  const mode = (text: string | undefined): boolean | null =>
    text === 'Enabled' ? true : text === 'Disabled' ? false : null;
  const number = (text: string): number | null =>
    text === '' || Number.isNaN(Number(text)) ? null : Number(text);
  return {
    name,
    driverVersion: driver === '' || driver.startsWith('[') ? null : driver,
    persistence: mode(persistence),
    ecc: mode(ecc),
    mig: mode(mig),
    utilizationPercent: number(utilization),
    clockReasons: number(reasons),
    otherPrograms: otherPrograms(probe),
  };
}

function otherPrograms(probe: MachineProbe): readonly string[] | null {
  const table = probe.program('nvidia-smi', '--query-compute-apps=pid,process_name', '--format=csv,noheader');
  if (table === null) return null;
  return table.split('\n').flatMap((line) => {
    const [, pid, name] = /^\s*(\d+),\s*(.+?)\s*$/.exec(line) ?? [];
    return pid === undefined || name === undefined || Number(pid) === process.pid ? [] : [`${name} (${pid})`];
  });
}
