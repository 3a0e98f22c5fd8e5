// Asks Mews what a token opens, and says what to do when Mews does not tell.
import { Injectable } from '@nestjs/common';
import { AppError, type Upstream } from '@keyrack/core';
import { listEnterprises, MewsClient, MewsError, readConfiguration, type CallOptions, type MewsEnterprise, type MewsTarget } from '@keyrack/mews';
import { interpretReach, type ListedEnterprise, type TokenKind } from '@keyrack/reach';

export interface Survey { kind: TokenKind; portfolioId: string | null; enterprises: ListedEnterprise[] }

// A person waits for the answer. A sweep on schedule lets syncs go first, but must not hold its worker for ever.
const waiting: Record<CallOptions['use'], CallOptions> = { interactive: { use: 'interactive', maxWaitMs: 20_000 }, background: { use: 'background', maxWaitMs: 60_000 } };

/** Mews refused the token itself, not only one of its operations. */
export class TokenRefused extends AppError {
  constructor(detail: string, upstream: Upstream | undefined, cause: unknown) {
    super('access_token.rejected', { detail, cause, ...(upstream && { upstream }) });
  }
}

@Injectable()
export class Surveyor {
  constructor(private readonly mews: MewsClient) {}

  /**
   * `configuration/get`, then `enterprises/getAll` to its last page. Takes seconds with a large portfolio: never inside a transaction.
   * @throws TokenRefused when Mews answers 401 to `configuration/get`
   * @throws AppError `access_token.rejected` when only the permission is missing, `mews.unreachable`, `mews.failed`, `mews.throttled`, `mews.rejected`, `mews.invalid_answer`
   */
  async read(target: MewsTarget, use: CallOptions['use']): Promise<Survey> {
    const { Enterprise: stood } = await ask(() => readConfiguration(this.mews, target, waiting[use]), (error) => tokenRefused(error, target));
    const enterprises = await ask(() => listEnterprises(this.mews, target, waiting[use]), listingRefused);
    const isPortfolio = stood.IsPortfolio === true;
    const { kind, enterprises: opened } = interpretReach(listed(stood), isPortfolio, enterprises.map(listed));
    return { kind, portfolioId: isPortfolio ? stood.Id : null, enterprises: opened };
  }

  /** As `read`, but believes a refusal only when Mews repeats it: one 401 must not pause the syncs of a whole portfolio. */
  async readConfirmed(target: MewsTarget, use: CallOptions['use']): Promise<Survey> {
    try {
      return await this.read(target, use);
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      return this.read(target, use);
    }
  }
}

async function ask<T>(request: () => Promise<T>, refused: (error: MewsError) => AppError): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof MewsError)) throw error;
    if (error.kind === 'unauthorized') throw refused(error);
    throw withAdvice(error);
  }
}

function tokenRefused(error: MewsError, target: MewsTarget): TokenRefused {
  return new TokenRefused(
    `Mews (${target.environmentId}) answered 401 to configuration/get. Check that the AccessToken was copied whole and belongs to this environment; ` +
    `that it was issued for "${target.client}", whose ClientToken of this environment is the right one; and that the integration is enabled in Mews. Mews does not tell which of these it is`,
    error.toAppError().upstream, error);
}

function listingRefused(error: MewsError): AppError {
  const { upstream } = error.toAppError();
  return new AppError('access_token.rejected', {
    detail: 'Mews accepts the AccessToken but answered 401 to enterprises/getAll: ask Mews to grant the application this operation, then try again',
    cause: error, ...(upstream && { upstream }),
  });
}

function withAdvice(error: MewsError): AppError {
  const { code, detail, upstream, data, retryAfterMs } = error.toAppError();
  return new AppError(code, {
    detail: `${detail.replace(/\.$/, '')}. ${adviceOn(error)}`, cause: error,
    ...(upstream && { upstream }), ...(data && { data }), ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function adviceOn(error: MewsError): string {
  switch (error.kind) {
    case 'unreachable': return "Check the environment's platform address and this server's way out to it, then try again; nothing was changed";
    case 'throttled': return 'Too many requests were made with this AccessToken: try again when the time in Retry-After has passed; nothing was changed';
    case 'server': return 'The fault is on the side of Mews: try again in some minutes, and give Mews the request id if it stays; nothing was changed';
    case 'not_found': return "There is no Mews Connector API at this address: check the environment's platform address; nothing was changed";
    case 'invalid_answer': return "What answers at the environment's platform address may not be Mews: check the address; nothing was changed";
    case 'forbidden': return 'Mews has a rule against this: do what its message says, or ask Mews with the request id; nothing was changed';
    default: return 'Give Mews the request id, or try again; nothing was changed';
  }
}

const listed = ({ Id, ChainId, Name, TimeZoneIdentifier, CreatedUtc }: MewsEnterprise): ListedEnterprise =>
  ({ id: Id, chainId: ChainId, name: Name, timeZone: TimeZoneIdentifier, createdUtc: CreatedUtc });
