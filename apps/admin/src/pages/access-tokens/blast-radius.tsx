// What one token opens in numbers, and the collections that are known to open to it.
import { IconAlertTriangle, IconBan, IconCircleCheck, IconCircleDashed, IconCircleX, IconUserShield, type Icon } from '@tabler/icons-react';
import type { BlastRadius, OpenedCollection } from '../../api/types';
import { DataTable, type Column } from '../../parts/data-table';
import { collectionName, plural } from '../../parts/format';
import { Panel } from '../../parts/page';
import { Status, type Tone } from '../../parts/status';
import { Time } from '../../parts/time';

const states: Record<OpenedCollection['state'], { tone: Tone; icon: Icon; text: string }> = {
  read: { tone: 'ok', icon: IconCircleCheck, text: 'Opens: a sync has read it' },
  refused: { tone: 'bad', icon: IconCircleX, text: 'Refused by Mews' },
  not_served: { tone: 'idle', icon: IconBan, text: 'Not served to portfolio tokens' },
  not_tried: { tone: 'warn', icon: IconCircleDashed, text: 'Not tried yet: unknown' },
};

const words = ({ read, refused, notServed, notTried }: BlastRadius['numbers']): string =>
  [`${read} known to open`, ...(refused > 0 ? [`${refused} refused`] : []), ...(notServed > 0 ? [`${notServed} not served`] : []), ...(notTried > 0 ? [`${notTried} not tried yet`] : [])].join(', ');

export function RadiusPanel({ radius: { enterprises, numbers, personal, lastUse, asOf } }: { radius: BlastRadius }) {
  return (
    <Panel title={asOf ? 'Blast radius, as of then' : 'Blast radius'}>
      <dl className="facts">
        <dt>Enterprises</dt><dd>Opens {plural(enterprises.opens, 'enterprise')} of {plural(enterprises.chains, 'chain')}; {enterprises.onlyThis} of these no other token opens. {plural(enterprises.serves, 'enterprise is', 'enterprises are')} synced by it now</dd>
        <dt>Collections</dt><dd>{words(numbers)}</dd>
        <dt>Personal data</dt><dd>{personal.read > 0 ? <Status tone="warn" icon={IconAlertTriangle}>{words(personal)}</Status> : words(personal)}</dd>
        <dt>Last sync</dt><dd><Time at={lastUse.syncedAt} /></dd>
        <dt>Last used on request</dt><dd><Time at={lastUse.interactiveAt} empty={asOf ? 'not known for then' : 'never'} /></dd>
        <dt>Last verified</dt><dd><Time at={lastUse.verifiedAt} empty={asOf ? 'not known for then' : 'never'} /></dd>
      </dl>
    </Panel>
  );
}

const columns: Column<OpenedCollection>[] = [
  { key: 'collection', header: 'Collection', compare: (a, b) => a.collection.localeCompare(b.collection), cell: ({ collection }) => collectionName(collection) },
  { key: 'personal', header: 'Personal data', cell: ({ personal }) => (personal ? <Status tone="warn" icon={IconUserShield}>Personal</Status> : <span className="muted">no</span>) },
  { key: 'state', header: 'Opens to this token', cell: ({ state, reason }) => <><Status tone={states[state].tone} icon={states[state].icon}>{states[state].text}</Status>{state === 'refused' && reason && <span className="muted"> {reason}</span>}</> },
  { key: 'read', header: 'Last read', cell: ({ lastReadAt }) => <Time at={lastReadAt} /> },
  { key: 'refused', header: 'Last refused', wide: true, cell: ({ refusedAt }) => <Time at={refusedAt} /> },
  { key: 'operation', header: 'Operation', wide: true, cell: ({ operation }) => <code>{operation}</code> },
];

const ranks = { read: 0, refused: 1, not_tried: 2, not_served: 3 } as const;
/** What matters first: personal data that is known to open. */
const byWeight = (a: OpenedCollection, b: OpenedCollection) => ranks[a.state] - ranks[b.state] || Number(b.personal) - Number(a.personal) || a.collection.localeCompare(b.collection);

export const RadiusCollections = ({ radius }: { radius: BlastRadius }) =>
  <DataTable label="Collections that the token opens" noun="collection" columns={columns} rows={radius.collections.toSorted(byWeight)} rowKey={({ collection }) => collection} />;
