import { openMapSession, type MapSessionSpec } from './controls/map.js';
import type { EngineSession, SessionSpec } from './engine.js';
import { openNoopSession, type NoopSessionSpec } from './controls/noop.js';
import { openPredisDeviceSession, type PredisDeviceSessionSpec } from './predis-device.js';
import { openPredisSession, type PredisSessionSpec } from './predis.js';
import type { RedisClusterSessionSpec } from './redis/cluster-engine.js';
import { RedisClusterSession } from './redis/cluster-session.js';
import type { RedisSessionSpec } from './redis/redis-engine.js';
import { RedisSession } from './redis/redis-session.js';
import type { RedisSortedSetSessionSpec } from './redis/sorted-set-engine.js';
import { RedisSortedSetSession } from './redis/sorted-set-session.js';

/**
 * Opens a session inside the thread that calls: the counterpart of `Engine.sessionSpec`.
 *
 * @param spec what the engine of the main thread handed out, possibly cloned on its way
 * @throws BenchError when the engine cannot be reached from here
 */
export async function openSession(spec: SessionSpec): Promise<EngineSession> {
  switch (spec.kind) {
    case 'redis': {
      const { settings, prefix } = spec as RedisSessionSpec;
      return RedisSession.open(settings, prefix);
    }
    case 'redis-sorted-set': {
      const { settings, key } = spec as RedisSortedSetSessionSpec;
      return RedisSortedSetSession.open(settings, key);
    }
    case 'predis':
      return openPredisSession(spec as PredisSessionSpec);
    case 'redis-cluster':
      return RedisClusterSession.open((spec as RedisClusterSessionSpec).settings);
    case 'noop':
      return openNoopSession(spec as NoopSessionSpec);
    case 'predis-device':
      return openPredisDeviceSession(spec as PredisDeviceSessionSpec);
    case 'map':
      return openMapSession(spec as MapSessionSpec);
    default:
      throw new Error(`no engine has sessions of kind ${spec.kind}`);
  }
}
