/** That a Cluster has. */
export const SLOTS = 16_384;
/** Of CRC16, the variant XMODEM. */
const POLYNOMIAL = 0x1021;

/** In which slot of a Cluster a key lies: that of its hash tag, where it has one. */
export function slotOf(key: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1) & 0xffff;
    }
  }
  return crc % SLOTS;
}
