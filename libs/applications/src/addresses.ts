// Where tokens may be sent: to Mews' own addresses, which are known here, and to those that Keyrack itself wrote down.
import { AppError, systemActor, type Database } from '@keyrack/core';
import type { Audit } from '@keyrack/audit';
import type { Addresses, Vault } from '@keyrack/credentials';

const mewsOwn: Readonly<Record<string, Omit<Addresses, 'id'>>> = {
  demo: { platformAddress: 'https://api.mews-demo.com', webSocketAddress: 'wss://ws.mews-demo.com' },
  production: { platformAddress: 'https://api.mews.com', webSocketAddress: 'wss://ws.mews.com' },
};

/** @throws AppError `environment.altered` where the row was written past Keyrack: a token would go to a host of somebody's choice. */
export function refuseAltered(vault: Vault, addresses: Addresses, mac: Buffer | null): void {
  const own = Object.hasOwn(mewsOwn, addresses.id) ? mewsOwn[addresses.id] : undefined;
  if (own?.platformAddress === addresses.platformAddress && own.webSocketAddress === addresses.webSocketAddress) return;
  if (vault.vouchesFor(addresses, mac)) return;
  throw new AppError('environment.altered', { detail: `The address of "${addresses.id}" was changed in the database, not through Keyrack: no token is sent there. Put the one back that it had` });
}

/** Vouches for the environments that stood there before addresses were authenticated, for each once: `keyrack migrate` calls it. */
export async function authenticateEnvironments(db: Database, vault: Vault, audit: Audit): Promise<void> {
  await db.onPlatform('authenticate environments', async (tx) => {
    const listed = await tx.sql<Addresses>`
      delete from unauthenticated_environment u using environment e where e.id = u.id
      returning e.id, e.platform_address as "platformAddress", e.web_socket_address as "webSocketAddress"`;
    for (const addresses of listed) {
      const { id: environment, platformAddress } = addresses;
      await tx.sql`update environment set address_mac = ${vault.addressMac(addresses)} where id = ${environment}`;
      await audit.record(tx, systemActor('migrate'), { action: 'environment.authenticated', environment, platformAddress });
    }
  });
}
