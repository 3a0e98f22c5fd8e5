// Starts a sync: what will be pulled is said before it is.
import { Button, Group, Modal, MultiSelect, Radio, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { collectionName, plural } from '../../parts/format';
import { done } from '../../parts/notify';
import { ProblemView } from '../../parts/problem-view';
import { useCollections } from '../../queries/platform';
import { useSync } from '../../queries/runs';
import { useOverview } from '../../queries/tenant';

interface Props { tenant: string; enterpriseId?: string | undefined; enterpriseName?: string }

export function SyncButton(props: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  return <><Button leftSection={<IconRefresh size={16} aria-hidden />} onClick={open}>Sync now</Button><Modal opened={opened} onClose={close} title="Sync now">{opened && <SyncForm {...props} close={close} />}</Modal></>;
}

function SyncForm({ tenant, enterpriseId, enterpriseName, close }: Props & { close: () => void }) {
  const [mode, setMode] = useState<'incremental' | 'full'>('incremental');
  const [chosen, setChosen] = useState<string[]>([]);
  const collections = useCollections(), overview = useOverview(tenant), sync = useSync(tenant);
  const where = enterpriseId ? (enterpriseName ?? 'the chosen enterprise') : `all ${plural(overview.data?.enterprises.connected ?? 0, 'connected enterprise')}`;
  const what = chosen.length === 0 ? 'every collection that their tokens may read' : plural(chosen.length, 'collection');
  const start = () => sync.mutate({ mode, ...(enterpriseId ? { enterpriseIds: [enterpriseId] } : {}), ...(chosen.length > 0 ? { collections: chosen } : {}) }, {
    onSuccess: ({ runIds }) => { done('Sync started', runIds.length === 0 ? 'Everything asked for was already running.' : `${plural(runIds.length, 'run')} queued.`); close(); },
  });
  return (
    <Stack>
      <Radio.Group label="How" value={mode} onChange={(value) => setMode(value === 'full' ? 'full' : 'incremental')}>
        <Stack gap={8} mt={6}>
          <Radio value="incremental" label="Only what changed" description="From where the last sync ended; a few requests per collection" />
          <Radio value="full" label="Everything again" description="Walks back to the creation of the property and finds deletions; spends much of the request budget" />
        </Stack>
      </Radio.Group>
      <MultiSelect label="Collections" placeholder={chosen.length === 0 ? 'All of them' : undefined} searchable clearable hidePickedOptions maxDropdownHeight={220} value={chosen} onChange={setChosen} data={(collections.data?.items ?? []).map(({ name }) => ({ value: name, label: collectionName(name) }))} />
      <p style={{ margin: 0 }}>This will pull <strong>{what}</strong> of <strong>{where}</strong>. What is already running is not started twice.</p>
      {sync.error && <ProblemView error={sync.error} />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button loading={sync.isPending} onClick={start}>Start</Button></Group>
    </Stack>
  );
}
