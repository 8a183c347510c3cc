import { openMapSession, type MapSessionSpec } from './controls/map.js';
import type { EngineSession, SessionSpec } from './engine.js';
import { openRedisSession, type RedisSessionSpec } from './redis/redis-engine.js';

/**
 * Opens a session inside the thread that calls: the counterpart of `Engine.sessionSpec`.
 *
 * @param spec what the engine of the main thread handed out, possibly cloned on its way
 * @throws BenchError when the engine cannot be reached from here
 */
export async function openSession(spec: SessionSpec): Promise<EngineSession> {
  switch (spec.kind) {
    case 'redis':
      return openRedisSession(spec as RedisSessionSpec);
    case 'map':
      return openMapSession(spec as MapSessionSpec);
    default:
      throw new Error(`no engine has sessions of kind ${spec.kind}`);
  }
}
