// Finds one enterprise among thousands by asking the API as one types.
import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useEnterprise, useEnterprises } from '../queries/enterprises';

export function EnterprisePicker({ tenant, value, onChange, label = 'Enterprise' }: { tenant: string; value: string | undefined; onChange: (id: string | undefined) => void; label?: string }) {
  const [typed, setTyped] = useState('');
  const [settled] = useDebouncedValue(typed, 200);
  const found = useEnterprises(tenant, settled === '' ? {} : { q: settled });
  return value === undefined
    ? <Picker label={label} data={found.items.slice(0, 50).map(({ id, name }) => ({ value: id, label: name }))} value={null} typed={typed} setTyped={setTyped} onChange={onChange} />
    : <Chosen tenant={tenant} label={label} value={value} onChange={onChange} />;
}

interface PickerProps { label: string; data: { value: string; label: string }[]; value: string | null; typed?: string; setTyped?: (text: string) => void; onChange: (id: string | undefined) => void }
const Picker = ({ label, data, value, typed, setTyped, onChange }: PickerProps) => (
  <Select label={label} placeholder="Every enterprise" maxLength={200} clearable searchable data={data} value={value} {...(setTyped ? { searchValue: typed, onSearchChange: setTyped, filter: ({ options }) => options } : {})} onChange={(id) => onChange(id ?? undefined)} nothingFoundMessage="Nothing found" />
);

function Chosen({ tenant, label, value, onChange }: { tenant: string; label: string; value: string; onChange: (id: string | undefined) => void }) {
  const enterprise = useEnterprise(tenant, value);
  return <Picker label={label} data={[{ value, label: enterprise.data?.name ?? value }]} value={value} onChange={onChange} />;
}
