// Four hotels in four chains behind one portfolio token.
import type { startSandbox } from '../../apps/sandbox/src/index.js';

type World = Awaited<ReturnType<typeof startSandbox>>['world'];

/** The share of each collection in what is added to a hotel. */
const shares = { orderItems: 0.44, reservations: 0.2, payments: 0.14, bills: 0.1, customers: 0.12 } as const;
/** Their places in the sandbox's list; no two are of one chain. */
const places = [1, 2, 3, 5];

export interface Hotels { accessToken: string; enterpriseIds: string[]; chainIds: string[] }

/** Adds about `records` records to four hotels, and a token that opens them. The world stands still from then on. */
export function openHotels(world: World, records: number): Hotels {
  const enterpriseIds = [...world.enterprises.keys()].filter((_, place) => places.includes(place));
  const chainIds = enterpriseIds.map((id) => world.enterprise(id).chain.id);
  const each = records / enterpriseIds.length;
  for (const [i, id] of enterpriseIds.entries()) {
    for (const [name, share] of Object.entries(shares)) world.addRecords(name, name === 'customers' ? chainIds[i] ?? '' : id, Math.ceil(each * share));
  }
  return { accessToken: world.issueToken({ label: 'Four hotels', enterprises: enterpriseIds, kind: 'portfolio' }).accessToken, enterpriseIds, chainIds };
}
