/** Slots of a Redis Cluster. */
export const CLUSTER_SLOTS = 16_384;

/** CRC-16/XMODEM: polynomial 0x1021, start 0, not reflected (Redis Cluster Specification, appendix A). */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  return crc & 0xffff;
});

/**
 * The slot of an ASCII key, 0 to 16,383. Where the key holds `{…}` with something between, that alone decides, from the first
 * `{` to the first `}` after it (Redis Cluster Specification, "Hash tags").
 */
export function keySlot(key: string): number {
  let start = 0;
  let end = key.length;
  const open = key.indexOf('{');
  if (open !== -1) {
    const close = key.indexOf('}', open + 1);
    if (close > open + 1) {
      start = open + 1;
      end = close;
    }
  }
  let crc = 0;
  for (let at = start; at < end; at++) {
    crc = ((crc << 8) & 0xffff) ^ (table[((crc >> 8) ^ key.charCodeAt(at)) & 0xff] ?? 0);
  }
  return crc % CLUSTER_SLOTS;
}

/** First slot of a node, and one past its last, when `nodes` share the slots evenly. */
export function slotsOfNode(node: number, nodes: number): { readonly first: number; readonly end: number } {
  return {
    first: Math.floor((node * CLUSTER_SLOTS) / nodes),
    end: Math.floor(((node + 1) * CLUSTER_SLOTS) / nodes),
  };
}
