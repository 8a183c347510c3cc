import type { Contender, EngineFacts } from '../results/schema.js';

/**
 * What a contender is called wherever it is shown. A Predis contender carries the engine that really ran, whatever was asked
 * for, so that a result of the CPU can never be read as one of a GPU.
 *
 * @param engine what the engine said about itself; null when it was never reached
 */
export function contenderLabel({ label, engine: kind }: Contender, engine: EngineFacts | null): string {
  if (!kind.startsWith('predis') || engine === null) return label;
  const { device, deviceName } = engine.settings;
  if (device === 'cuda') {
    return typeof deviceName === 'string' && deviceName !== ''
      ? `${label} (CUDA engine, ${deviceName})`
      : `${label} (CUDA engine)`;
  }
  return device === 'cpu' ? `${label} (CPU engine)` : label;
}
