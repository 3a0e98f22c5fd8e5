// Postgres arrays in their binary wire form. As text, a page of sealed payloads would be escaped to hex and grow to twice its size.
const HEADER_BYTES = 20;
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

const oid = { bytea: 17, text: 25, timestamptz: 1184, uuid: 2950 } as const;

/** Writes a value into `array` from `at` on. @returns how many bytes it took */
type Write<T> = (array: Buffer, at: number, value: T) => number;

/** A one-dimensional array of `type`, whose elements take `bytesMax` at the most. The driver sends a Buffer as binary. */
function binaryArray<T>(type: keyof typeof oid, values: readonly (T | null)[], bytesMax: number, write: Write<T>): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + 4 * values.length + bytesMax);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(oid[type], 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const value of values) {
    const bytes = value === null ? -1 : write(array, at + 4, value);
    at = array.writeInt32BE(bytes, at) + Math.max(bytes, 0);
  }
  return array.subarray(0, at);
}

/** Elements are written in place: a Buffer for each would be one more copy and one more for the collector. */
export const byteaArray = <T>(values: readonly T[], bytesMax: number, write: Write<T>): Buffer => binaryArray('bytea', values, bytesMax, write);

/** @param values in hex, `bytes` each */
export const hexArray = (values: readonly string[], bytes: number): Buffer => byteaArray(values, bytes * values.length, (array, at, value) => array.write(value, at, 'hex'));

export const textArray = (values: readonly string[]): Buffer =>
  binaryArray('text', values, values.reduce((sum, value) => sum + 3 * value.length, 0), (array, at, value) => array.write(value, at));

export const uuidArray = (values: readonly (string | null)[]): Buffer =>
  binaryArray('uuid', values, 16 * values.length, (array, at, value) => array.write(value.replaceAll('-', ''), at, 'hex'));

export const timestamptzArray = (values: readonly (Date | null)[]): Buffer =>
  binaryArray('timestamptz', values, 8 * values.length, (array, at, value) => array.writeBigInt64BE(BigInt(value.getTime() - POSTGRES_EPOCH_MS) * 1_000n, at) - at);
