// The list of reach as the API writes it in CSV, saved by the browser.
import { useMutation } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { failed } from '../../parts/notify';
import type { ReachFilter } from '../../queries/reach';

export const useCsv = (tenant: string, filter: ReachFilter) => useMutation({
  mutationFn: async () => {
    const csv = await answer<unknown>(api.GET('/v1/tenants/{tenant}/reach', { params: { path: { tenant }, query: filter }, headers: { Accept: 'text/csv' }, parseAs: 'text' }));
    const address = URL.createObjectURL(new Blob([String(csv)], { type: 'text/csv' }));
    const link = Object.assign(document.createElement('a'), { href: address, download: `reach-${tenant}.csv` });
    link.click();
    URL.revokeObjectURL(address);
  },
  onError: failed,
});
