// Run by `npm pack` and `npm publish`: brings the package to what its users get. A clean build of the program; the native files of
// this platform, stripped, in prebuilds/<platform>-<arch>/ (prebuilds of other platforms that are already there stay); and which
// commit all of that is.
//
//   node scripts/prepack.mjs [--no-build]      --no-build takes the build that is there
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand, root, run, say, stop } from './lib.mjs';
import { prepareBuild } from './setup.mjs';

if (!process.argv.includes('--no-build')) prepareBuild();

const platform = `${process.platform}-${process.arch}`;
const built = join(root, 'build/Release');
const folder = join(root, 'prebuilds', platform);
mkdirSync(folder, { recursive: true });
const strip = findCommand('strip');
for (const name of ['predis.node', 'predis-noop-server', 'predis.flags.json']) {
  const [from, to] = [join(built, name), join(folder, name)];
  if (!existsSync(from)) stop(`${from} is missing: npm run build:native should have made it.`);
  copyFileSync(from, to);
  if (name.endsWith('.json') || strip === null) continue;
  if (!run(strip, [process.platform === 'darwin' ? '-x' : '--strip-unneeded', to])) {
    stop(`strip failed on ${to}.`);
  }
}

const git = (...words) => {
  const { status, stdout } = spawnSync('git', ['-C', root, ...words], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
};
const [commit, changes] = [git('rev-parse', 'HEAD'), git('status', '--porcelain')];
const provenance = { commit, dirty: changes === null ? null : changes !== '' };
writeFileSync(join(root, 'prebuilds/provenance.json'), `${JSON.stringify(provenance)}\n`);
say(
  `native files of ${platform}, commit ${commit ?? 'not known'}${provenance.dirty ? ', with changes' : ''}`,
);
