// Tokens and what they open. Strings come from the seed or from chance, never from the tree.
import type { Random } from './random.js';

export interface AccessToken {
  readonly label: string; readonly kind: 'enterprise' | 'portfolio'; readonly clientToken: string; readonly accessToken: string;
  /** The enterprises it opens, each with the time since when. */
  readonly enterprises: Map<string, number>;
  /** The dummy enterprise that stands for a portfolio in configuration/get. */
  readonly dummyEnterpriseId: string;
  revoked: boolean;
  /** Whether it may call the operations that Mews grants one by one. */
  restricted: boolean;
  /** Paths, such as `bills/getAll`, that this token has no permission for. */
  readonly denied: Set<string>;
  /** Ids of records that this token does not see, as of profiles of a chain. */
  readonly unseen: Set<string>;
}

export interface NewToken { label?: string; kind?: 'enterprise' | 'portfolio'; enterprises: readonly string[]; clientToken?: string; restricted?: boolean }

export class Access {
  private readonly tokens = new Map<string, AccessToken>();
  private readonly clientTokens: string[] = [];

  constructor(private readonly random: Random, private readonly now: () => number) { this.clientTokens.push(random.token()); }

  /** The ClientToken of the application that the world's own tokens belong to. */
  get clientToken(): string { return this.clientTokens[0] ?? ''; }

  /** Another application, whose AccessTokens must not work with the first one's ClientToken. */
  addClient(): string {
    const token = this.random.token();
    this.clientTokens.push(token);
    return token;
  }

  issue(token: NewToken): AccessToken {
    const kind = token.kind ?? (token.enterprises.length === 1 ? 'enterprise' : 'portfolio');
    if (kind === 'enterprise' && token.enterprises.length !== 1) throw new RangeError('an enterprise token opens exactly one enterprise');
    const issued: AccessToken = {
      label: token.label ?? `token ${this.tokens.size + 1}`, kind, clientToken: token.clientToken ?? this.clientToken, accessToken: this.random.token(),
      enterprises: new Map(token.enterprises.map((id) => [id, this.now()])), dummyEnterpriseId: this.random.uuid(), revoked: false, restricted: token.restricted ?? false, denied: new Set(), unseen: new Set(),
    };
    this.tokens.set(issued.accessToken, issued);
    return issued;
  }

  find(accessToken: string): AccessToken | undefined { return this.tokens.get(accessToken); }
  all(): AccessToken[] { return [...this.tokens.values()]; }

  /** The token of a request, or why it is refused. */
  authenticate(clientToken: string, accessToken: string): AccessToken | 'Invalid ClientToken.' | 'Invalid AccessToken.' {
    if (!this.clientTokens.includes(clientToken)) return 'Invalid ClientToken.';
    const token = this.tokens.get(accessToken);
    return !token || token.revoked || token.clientToken !== clientToken ? 'Invalid AccessToken.' : token;
  }
}
