// `npm run bench:gpu`: the ceilings of the GPU, then the CUDA engine beside them. Prints, never judges, but for wrong results.
//
//   node scripts/bench-gpu.mjs [--no-build] [options of the bench: see native/bench/gpu/main.cpp]
//
// Needs nvcc, or a build/gpu/gpu_bench that was built elsewhere and brought here (--no-build keeps it as it is).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findCuda } from './build-cuda.mjs';

const root = dirname(import.meta.dirname);
const program = join(root, 'build', 'gpu', 'gpu_bench');
const words = process.argv.slice(2);
const options = words.filter((word) => word !== '--no-build');

if (!words.includes('--no-build') && findCuda() !== null) {
  const built = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'build-cuda.mjs'), '--only', 'gpu_bench'],
    { stdio: 'inherit' },
  );
  if (built.status !== 0) process.exit(built.status ?? 1);
}
if (!existsSync(program)) {
  console.error(
    'bench:gpu: build/gpu/gpu_bench is not there and nvcc was not found to build it. Bring it from a machine that has nvcc.',
  );
  process.exit(1);
}
const { status, error } = spawnSync(program, options, { stdio: 'inherit' });
if (error) console.error(`bench:gpu: ${error.message}`);
process.exit(status ?? 1);
