// Changes one schedule: every so often, or a cron expression in a time zone.
import { Button, Group, Modal, NumberInput, Select, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { fieldError, toProblem } from '../../api/problem';
import type { Schedule } from '../../api/types';
import { collectionName, isoToMs } from '../../parts/format';
import { May } from '../../parts/may';
import { done } from '../../parts/notify';
import { ProblemView } from '../../parts/problem-view';
import { useSetSchedule } from '../../queries/schedules';

interface Props { tenant: string; schedule: Schedule; timeZone?: string }

export const EditSchedule = (props: Props) => <May do="schedules:write"><Edit {...props} /></May>;

function Edit(props: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const name = `${collectionName(props.schedule.collection)}${props.schedule.enterpriseName ? ` of ${props.schedule.enterpriseName}` : ''}`;
  return (
    <>
      <Button className="above" size="compact-xs" variant="default" onClick={open} aria-label={`Edit the schedule of ${name}`}>Edit</Button>
      <Modal opened={opened} onClose={close} title={`Schedule of ${name}`}>{opened && <Form {...props} close={close} />}</Modal>
    </>
  );
}

type Unit = 'M' | 'H' | 'D';
const units = [{ value: 'M', label: 'minutes' }, { value: 'H', label: 'hours' }, { value: 'D', label: 'days' }];
function split(every: string | null | undefined): { number: number; unit: Unit } {
  const minutes = Math.max(1, Math.round((every ? (isoToMs(every) ?? 900_000) : 900_000) / 60_000));
  if (minutes % 1_440 === 0) return { number: minutes / 1_440, unit: 'D' };
  return minutes % 60 === 0 ? { number: minutes / 60, unit: 'H' } : { number: minutes, unit: 'M' };
}
const iso = (number: number, unit: Unit): string => (unit === 'D' ? `P${number}D` : `PT${number}${unit}`);
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

function Form({ tenant, schedule, timeZone, close }: Props & { close: () => void }) {
  const first = split(schedule.every);
  const [kind, setKind] = useState<'every' | 'cron'>(schedule.cron ? 'cron' : 'every');
  const [number, setNumber] = useState<number | string>(first.number);
  const [unit, setUnit] = useState<Unit>(first.unit);
  const [cron, setCron] = useState(schedule.cron ?? '0 4 * * *');
  const [zone, setZone] = useState(schedule.timeZone ?? timeZone ?? 'UTC');
  const [enabled, setEnabled] = useState(schedule.enabled);
  const save = useSetSchedule(tenant);
  const problem = save.error ? toProblem(save.error) : null;
  const badNumber = !Number.isInteger(Number(number)) || Number(number) < 1;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const when = kind === 'every' ? { every: iso(Number(number), unit) } : { cron: cron.trim(), timeZone: zone };
    save.mutate({ enterpriseId: schedule.enterpriseId, collection: schedule.collection, enabled, ...when }, { onSuccess: () => { done('Schedule saved'); close(); } });
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <Switch label="Runs by itself" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
      <SegmentedControl aria-label="Kind of schedule" fullWidth value={kind} onChange={(value) => setKind(value === 'cron' ? 'cron' : 'every')} data={[{ value: 'every', label: 'Every so often' }, { value: 'cron', label: 'At set times' }]} />
      {kind === 'every'
        ? <Group grow align="flex-start"><NumberInput label="Every" min={1} clampBehavior="none" value={number} onChange={setNumber} error={badNumber ? 'a whole number, 1 or more' : fieldError(problem, 'every')} /><Select label="Unit" allowDeselect={false} value={unit} data={units} onChange={(value) => setUnit(value === 'D' || value === 'H' ? value : 'M')} /></Group>
        : <>
          <TextInput label="Cron expression" description="Minute, hour, day of month, month, day of week" value={cron} onChange={(event) => setCron(event.currentTarget.value)} error={fieldError(problem, 'cron')} spellCheck={false} />
          <Select label="Time zone" searchable allowDeselect={false} limit={60} value={zone} data={zones.includes(zone) ? zones : [zone, ...zones]} onChange={(value) => setZone(value ?? 'UTC')} error={fieldError(problem, 'timeZone')} />
        </>}
      {save.error && <ProblemView error={save.error} omitFields />}
      <Group justify="flex-end"><Button variant="default" onClick={close}>Cancel</Button><Button type="submit" loading={save.isPending} disabled={kind === 'every' ? badNumber : cron.trim() === ''}>Save</Button></Group>
    </form>
  );
}
