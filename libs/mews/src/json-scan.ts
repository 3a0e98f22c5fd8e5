// Finds where values begin and end in the bytes of a JSON text without making objects of them: an unchanged record is never more than a
// slice of its answer. Brackets, commas and names are checked here; what lies within a scalar is not, whoever uses one parses it.
const QUOTE = 0x22, COMMA = 0x2c, COLON = 0x3a, BACKSLASH = 0x5c, OPEN_LIST = 0x5b, CLOSE_LIST = 0x5d, OPEN_OBJECT = 0x7b, CLOSE_OBJECT = 0x7d;

/** Given where a member's name with its quotes begins and ends and where its value begins; answers where the value ends. Ends are exclusive. */
export type VisitMember = (name: number, nameEnd: number, value: number) => number;

export const isObjectAt = (bytes: Buffer, at: number): boolean => bytes[at] === OPEN_OBJECT;
export const isListAt = (bytes: Buffer, at: number): boolean => bytes[at] === OPEN_LIST;
export const isTextAt = (bytes: Buffer, at: number): boolean => bytes[at] === QUOTE;

/** Visits the members of the object at `at`, in their order. @returns its end @throws SyntaxError */
export function eachMember(bytes: Buffer, at: number, visit: VisitMember): number {
  let i = afterSpace(bytes, after(bytes, at, OPEN_OBJECT));
  if (bytes[i] === CLOSE_OBJECT) return i + 1;
  for (;;) {
    const nameEnd = textEnd(bytes, after(bytes, i, QUOTE));
    const value = afterSpace(bytes, after(bytes, afterSpace(bytes, nameEnd), COLON));
    i = afterSpace(bytes, visit(i, nameEnd, value));
    if (bytes[i] === CLOSE_OBJECT) return i + 1;
    i = afterSpace(bytes, after(bytes, i, COMMA));
  }
}

/** Visits the items of the list at `at`; `visit` is given where an item begins and answers where it ends. @returns the list's end @throws SyntaxError */
export function eachItem(bytes: Buffer, at: number, visit: (item: number) => number): number {
  let i = afterSpace(bytes, after(bytes, at, OPEN_LIST));
  if (bytes[i] === CLOSE_LIST) return i + 1;
  for (;;) {
    i = afterSpace(bytes, visit(i));
    if (bytes[i] === CLOSE_LIST) return i + 1;
    i = afterSpace(bytes, after(bytes, i, COMMA));
  }
}

/** @returns the end of the value at `at` @throws SyntaxError */
export function valueEnd(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return textEnd(bytes, at + 1);
  if (first === OPEN_OBJECT || first === OPEN_LIST) return nestEnd(bytes, at);
  let i = at;
  while (i < bytes.length && !endsScalar(bytes[i])) i += 1;
  if (i === at) throw unexpected(at);
  return i;
}

/** The first position from `at` on that holds no white space. */
export function afterSpace(bytes: Buffer, at: number): number {
  let i = at;
  while (isSpace(bytes[i])) i += 1;
  return i;
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const endsScalar = (byte: number | undefined): boolean => byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT || isSpace(byte);

function after(bytes: Buffer, at: number, expected: number): number {
  if (bytes[at] !== expected) throw unexpected(at);
  return at + 1;
}

/** Most texts are shorter; beyond that a native search is faster than a look at each byte. */
const SHORT_TEXT = 48;

/** The end of the text whose opening quote lies before `at`. */
function textEnd(bytes: Buffer, at: number): number {
  const short = Math.min(at + SHORT_TEXT, bytes.length);
  let i = at;
  for (; i < short; i += 1) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i += 1;
  }
  for (i = bytes.indexOf(QUOTE, i); i >= 0; i = bytes.indexOf(QUOTE, i + 1)) if (!isEscaped(bytes, i, at)) return i + 1;
  throw unexpected(bytes.length);
}

/** Whether an odd number of backslashes stands before `i` in the text that begins at `from`. */
function isEscaped(bytes: Buffer, i: number, from: number): boolean {
  let first = i;
  while (first > from && bytes[first - 1] === BACKSLASH) first -= 1;
  return (i - first) % 2 === 1;
}

/** Counts brackets instead of recursing: depth costs nothing. Whether they match in kind is found by whoever parses the value. */
function nestEnd(bytes: Buffer, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (byte === QUOTE) i = textEnd(bytes, i + 1) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  throw unexpected(bytes.length);
}

/** Whether more brackets are open at once than `levels`. The bytes were found to be a value before. */
export function isDeeperThan(levels: number, bytes: Buffer): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (byte === QUOTE) i = textEnd(bytes, i + 1) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

const unexpected = (at: number): SyntaxError => new SyntaxError(`unexpected byte or end at ${at}`);
