// Started by managed-server.test.ts as a process of its own: holds a private Redis until it is ended from outside.
import { startManagedServer } from '../../src/engines/redis/managed-server.js';

const [, , mode, parentFolder] = process.argv;
const starting = startManagedServer(parentFolder === undefined ? {} : { parentFolder });
if (mode === 'vanish') process.kill(process.pid, 'SIGKILL');
const server = await starting;
if (mode === 'deaf') process.on('SIGINT', () => undefined);
console.log(JSON.stringify({ pid: server.pid, folder: server.folder }));
if (mode === 'throw') throw new Error('on purpose');
if (mode === 'exit') process.exit(3);
if (mode === 'hold' || mode === 'deaf') setInterval(() => undefined, 1000);
// otherwise there is nothing left to do: the server alone must not keep the process alive
