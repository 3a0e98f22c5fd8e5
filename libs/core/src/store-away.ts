// Tells an outage of Postgres or Redis from what is wrong with a request or a run.

// Of the system, while nobody listens or the way is cut; of Postgres, while it stops, starts or has no connection left (class 08, 57P01 to 57P03, 53300).
const CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|08...|57P0[123]|53300)$/;
// The drivers' own, which have no code; of a store that is connected and does not answer, the last two.
const MESSAGES = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Connection is closed|Reached the max retries per request|Query read timeout|Command timed out)/;

/** Whether an error of a statement or command says that the store could not be reached, or was lost in the middle: it may have been executed. */
export const isStoreAway = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && (('code' in error && CODES.test(String(error.code))) || ('message' in error && MESSAGES.test(String(error.message))));
