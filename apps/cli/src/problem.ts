// A failure that the person at the terminal can act on: what is wrong and what to do, without a stack.
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(message: string, readonly logFile?: string, options?: ErrorOptions) { super(message, options); }
}
