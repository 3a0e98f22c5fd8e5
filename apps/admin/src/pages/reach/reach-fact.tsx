// One fact of reach: opened and used, opened only, or lost.
import { IconCircle, IconCircleCheckFilled, IconCircleOff } from '@tabler/icons-react';
import type { ReachRow } from '../../api/types';
import { Status } from '../../parts/status';

export function ReachFact({ row }: { row: Pick<ReachRow, 'connected' | 'lostAt' | 'via'> }) {
  if (row.lostAt !== null) return <Status tone="bad" icon={IconCircleOff}>Lost</Status>;
  const via = row.via === 'portfolio' ? 'through a portfolio' : 'directly';
  return row.connected ? <Status tone="ok" icon={IconCircleCheckFilled}>Opens {via}, serves it</Status> : <Status tone="idle" icon={IconCircle}>Opens {via}</Status>;
}
