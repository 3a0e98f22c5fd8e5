// A list as the API writes it in CSV, saved by the browser.
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { csvOf } from '../api/client';
import { failed } from './notify';

interface Props {
  /** Below the API's origin, `/v1/...`. */
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Of the file, without its ending. */
  name: string;
}

export function CsvButton({ path, query = {}, name }: Props) {
  const csv = useMutation({
    mutationFn: async () => {
      const address = URL.createObjectURL(new Blob([await csvOf(path, query)], { type: 'text/csv' }));
      const link = Object.assign(document.createElement('a'), { href: address, download: `${name}.csv` });
      link.click();
      URL.revokeObjectURL(address);
    },
    onError: failed,
  });
  return <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={csv.isPending} onClick={() => csv.mutate()}>Export CSV</Button>;
}
