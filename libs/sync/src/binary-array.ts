// Postgres arrays in their binary wire form. As text, a page of sealed payloads would be escaped to hex and grow to twice its size.
const HEADER_BYTES = 20;
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

const oid = { bytea: 17, text: 25, timestamptz: 1184, uuid: 2950 } as const;

/** A one-dimensional array of `type`; each element in its own binary form, or null. The driver sends a Buffer as binary. */
function binaryArray(type: keyof typeof oid, elements: readonly (Buffer | null)[]): Buffer {
  const size = elements.reduce((sum, element) => sum + 4 + (element?.length ?? 0), HEADER_BYTES);
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(elements.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(oid[type], 8);
  array.writeInt32BE(elements.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const element of elements) {
    at = array.writeInt32BE(element === null ? -1 : element.length, at);
    if (element !== null) at += element.copy(array, at);
  }
  return array;
}

export const byteaArray = (values: readonly Buffer[]): Buffer => binaryArray('bytea', values);

export const textArray = (values: readonly string[]): Buffer => binaryArray('text', values.map((value) => Buffer.from(value)));

export const uuidArray = (values: readonly (string | null)[]): Buffer =>
  binaryArray('uuid', values.map((value) => (value === null ? null : Buffer.from(value.replaceAll('-', ''), 'hex'))));

export const timestamptzArray = (values: readonly (Date | null)[]): Buffer =>
  binaryArray('timestamptz', values.map((value) => {
    if (value === null) return null;
    const micros = Buffer.allocUnsafe(8);
    micros.writeBigInt64BE(BigInt(value.getTime() - POSTGRES_EPOCH_MS) * 1_000n);
    return micros;
  }));
