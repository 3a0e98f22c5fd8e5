// Seeded chance: the same seed and purpose always give the same sequence, on every machine.
const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
function pair(byte: number): string { return pairs[byte & 255] ?? ''; }

export class Random {
  private a: number; private b: number; private c: number; private d: number;

  /** `parts` name what the sequence is for, so that one more draw here changes nothing elsewhere. */
  constructor(...parts: (string | number)[]) {
    let h = 0x811c9dc5;
    const words = [0, 0, 0, 0];
    const text = parts.join('\u0000');
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
      h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) ^ round;
      words[round] = h >>> 0;
    }
    [this.a, this.b, this.c, this.d] = [words[0] ?? 1, words[1] ?? 2, words[2] ?? 3, words[3] ?? 4];
    for (let i = 0; i < 12; i++) this.word();
  }

  /** The next 32 bits (sfc32). */
  word(): number {
    const t = (this.a + this.b + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t | 0;
    return t >>> 0;
  }

  /** In [0, 1). */
  next(): number { return this.word() / 0x1_0000_0000; }
  chance(probability: number): boolean { return this.next() < probability; }
  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number { return from + Math.floor(this.next() * (to - from + 1)); }
  between(from: number, to: number): number { return from + this.next() * (to - from); }

  pick<T>(from: readonly T[]): T {
    const value = from[Math.floor(this.next() * from.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  maybe<T>(probability: number, make: () => T): T | null { return this.chance(probability) ? make() : null; }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) { const word = this.word(); text += pair(word >>> 24) + pair(word >>> 16) + pair(word >>> 8) + pair(word); }
    return text.slice(0, digits);
  }

  uuid(): string {
    const h = this.hex(32);
    const variant = '89ab'[this.word() & 3] ?? '8';
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
  }

  /** The shape of a Mews token: 32 hex digits, a dash, 31 hex digits. */
  token(): string { return `${this.hex(32)}-${this.hex(31)}`.toUpperCase(); }
}
