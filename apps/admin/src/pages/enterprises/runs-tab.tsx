// The runs of one enterprise.
import { IconActivity } from '@tabler/icons-react';
import { Empty, ListScreens } from '../../parts/page';
import { useRuns } from '../../queries/runs';
import { RunsTable } from '../runs/runs-table';

export function RunsTab({ tenant, enterpriseId }: { tenant: string; enterpriseId: string }) {
  const list = useRuns(tenant, { enterpriseId });
  return <ListScreens list={list} filtered={false} firstUse={<Empty icon={IconActivity} title="No runs yet">Its first sync starts by itself once it is connected.</Empty>}><RunsTable tenant={tenant} runs={list.items} list={list} label="Runs of this enterprise" without="enterprise" /></ListScreens>;
}
