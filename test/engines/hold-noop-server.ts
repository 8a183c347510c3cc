/** Starts a no-op server, tells where it is, and waits to be ended. */
import { NoopServer } from '../../src/engines/controls/noop-server.js';

const { pid, folder } = await NoopServer.start();
process.stdout.write(`${JSON.stringify({ pid, folder })}\n`);
setInterval(() => undefined, 1_000);
