// Starts a sync: what will be asked is told before it is, and how far it has come afterwards.
import { Button, Group, Modal, MultiSelect, Radio, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { fieldError, toProblem } from '../../api/problem';
import { collectionName } from '../../parts/format';
import { May } from '../../parts/may';
import { ProblemView } from '../../parts/problem-view';
import { useCollections } from '../../queries/platform';
import { usePreview, useSync, type NewSync } from '../../queries/runs';
import { PreviewView } from './sync-preview';
import { SyncProgress } from './sync-progress';

interface Props { tenant: string; enterpriseId?: string | undefined; enterpriseName?: string }
type Mode = 'incremental' | 'full' | 'backfill';

export const SyncButton = (props: Props) => <May do="syncs:write"><Opener {...props} /></May>;

function Opener(props: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  return <><Button leftSection={<IconRefresh size={16} aria-hidden />} onClick={open}>Sync now</Button><Modal opened={opened} onClose={close} title="Sync now" size="xl">{opened && <Sync {...props} close={close} />}</Modal></>;
}

function Sync({ tenant, enterpriseId, enterpriseName, close }: Props & { close: () => void }) {
  const [wanted, setWanted] = useState<NewSync | null>(null);
  const preview = usePreview(tenant), sync = useSync(tenant);
  const shown = wanted && preview.data;
  if (sync.data) return <SyncProgress tenant={tenant} started={sync.data} close={close} />;
  if (shown) return <PreviewView preview={shown} starting={sync} start={() => sync.mutate(wanted)} back={() => { setWanted(null); sync.reset(); }} />;
  const ask = (chosen: NewSync) => {
    const body = { ...chosen, ...(enterpriseId ? { enterpriseIds: [enterpriseId] } : {}) };
    preview.mutate(body, { onSuccess: () => setWanted(body) });
  };
  const where = enterpriseId ? (enterpriseName ?? 'the chosen enterprise') : 'all connected enterprises';
  return <Choose where={where} asked={ask} asking={preview} close={close} />;
}

/** The day in UTC on which a period may end at the latest. */
const today = (): string => new Date().toISOString().slice(0, 10);
const atMidnight = (day: string): string => `${day}T00:00:00Z`;
const dayAfter = (day: string): string => new Date(new Date(atMidnight(day)).getTime() + 86_400_000).toISOString();

interface ChooseProps { where: string; asked: (body: NewSync) => void; asking: { isPending: boolean; error: unknown }; close: () => void }

function Choose({ where, asked, asking, close }: ChooseProps) {
  const [mode, setMode] = useState<Mode>('incremental');
  const [from, setFrom] = useState(''), [to, setTo] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const collections = useCollections();
  const problem = asking.error ? toProblem(asking.error) : null;
  const backwards = from !== '' && to !== '' && to < from;
  const period = mode === 'backfill' ? { ...(from && { from: atMidnight(from) }), ...(to && { to: dayAfter(to) }) } : {};
  const ask = () => asked({ mode: mode === 'full' ? 'full' : 'incremental', ...period, ...(chosen.length > 0 ? { collections: chosen } : {}) });
  return (
    <Stack>
      <Radio.Group label="How" value={mode} onChange={(value) => setMode(value === 'full' || value === 'backfill' ? value : 'incremental')}>
        <Stack gap={8} mt={6}>
          <Radio value="incremental" label="Only what changed" description="From where the last sync ended; a few requests per collection" />
          <Radio value="full" label="Everything again" description="Walks back to the creation of the property and finds deletions; spends much of the request budget" />
          <Radio value="backfill" label="A period again" description="What changed within it, beside the syncs on schedule; deletes nothing" />
        </Stack>
      </Radio.Group>
      {mode === 'backfill' && <Group grow align="flex-start">
        <TextInput type="date" label="First day" description="In UTC; empty for the creation of the property" max={today()} value={from} onChange={(event) => setFrom(event.currentTarget.value)} error={fieldError(problem, 'from')} />
        <TextInput type="date" label="Last day" description="In UTC; empty for today" max={today()} value={to} onChange={(event) => setTo(event.currentTarget.value)} error={backwards ? 'is before the first day' : fieldError(problem, 'to')} />
      </Group>}
      <MultiSelect label="Collections" placeholder={chosen.length === 0 ? 'All of them' : undefined} searchable clearable hidePickedOptions maxDropdownHeight={220} value={chosen} onChange={setChosen} data={(collections.data?.items ?? []).map(({ name }) => ({ value: name, label: collectionName(name) }))} error={fieldError(problem, 'collections')} />
      <p className="muted" style={{ margin: 0 }}>For <strong>{where}</strong>. Nothing starts yet: first comes what it would ask of Mews, and how long that takes.</p>
      {problem && <ProblemView error={asking.error} omitFields />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button loading={asking.isPending} disabled={mode === 'backfill' && (backwards || (from === '' && to === ''))} onClick={ask}>Preview</Button></Group>
    </Stack>
  );
}
