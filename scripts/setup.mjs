// Brings a fresh clone to where everything runs: packages, TypeScript build, native addon, Redis. Each step is skipped when
// nothing changed since it last ran. Usage: node scripts/setup.mjs
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand, hashOf, oncePer, requireNode, root, run, say, stop } from './lib.mjs';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function installPackages() {
  const key = hashOf(['package.json', 'package-lock.json']);
  oncePer(key, 'node_modules/.predis-bench-stamp', () => {
    say('installing packages (npm ci)');
    if (!run(npm, ['ci', '--no-audit', '--no-fund'])) {
      stop('npm ci failed: its message stands above. Is the npm registry reachable?');
    }
  });
}

const buildStamp = 'dist/.predis-bench-stamp';
const buildKey = () => hashOf(['src', 'test', 'bench', 'tsconfig.json', 'package-lock.json']);

/** Whether dist/ was compiled, without an error, from the sources as they are. */
export function isCompiled() {
  const stamp = join(root, buildStamp);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === buildKey();
}

function buildTypeScript() {
  oncePer(buildKey(), buildStamp, () => {
    say('compiling TypeScript');
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    if (!run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'])) {
      rmSync(join(root, 'dist'), { recursive: true, force: true });
      stop('TypeScript did not compile: the errors stand above.');
    }
  });
}

function buildNative() {
  if (!run(process.execPath, [join(root, 'scripts/build-native.mjs')])) {
    stop('the native addon was not built: the reason stands above. It needs g++, make and python3.');
  }
}

/** Installs a Debian package when this user may; true when it is there afterwards. */
export function installWithApt(packageName, command) {
  if (findCommand(command) !== null) return true;
  const aptGet = findCommand('apt-get');
  if (aptGet === null) return false;
  const asRoot = process.getuid?.() === 0;
  const sudo = findCommand('sudo');
  const maySudo = !asRoot && sudo !== null && run(sudo, ['-n', 'true'], { stdio: 'ignore' });
  if (!asRoot && !maySudo) return false;
  say(`installing ${packageName} with apt-get`);
  // RUNLEVEL=1: the package would start a service of its own, which nobody asked for
  const environment = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const apt = (...words) => {
    const command = ['env', ...environment, aptGet, '-q', ...words];
    return maySudo ? run(sudo, ['-n', ...command]) : run(command[0], command.slice(1));
  };
  const install = () => apt('install', '-y', '--no-install-recommends', packageName);
  if (!install()) {
    apt('update');
    if (!install()) return false;
  }
  return findCommand(command) !== null;
}

function findRedis() {
  if (installWithApt('redis-server', 'redis-server')) return;
  stop(
    'redis-server was not found and could not be installed here: install it with "sudo apt-get install redis-server" and run this again.',
    6,
  );
}

function requireClone() {
  requireNode();
  if (!existsSync(join(root, 'package-lock.json')))
    stop('package-lock.json is missing: is this a whole clone?');
}

/** Packages, program and addon: all but Redis. */
export function prepareBuild() {
  requireClone();
  installPackages();
  buildTypeScript();
  buildNative();
}

export function setUp() {
  requireClone();
  findRedis(); // first: it may need somebody's help, and the rest takes a while
  prepareBuild();
}

if (process.argv[1] === join(root, 'scripts/setup.mjs')) {
  setUp();
  say('ready: node bin/predis-bench.js --help');
}
