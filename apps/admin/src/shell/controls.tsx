// The switches in the bar: tenant, time zone, theme, account.
import { ActionIcon, Menu, Select, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBuildingSkyscraper, IconCheck, IconClock, IconDeviceDesktop, IconLock, IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { Session } from '../api/types';
import { failed } from '../parts/notify';
import type { Zone } from '../parts/time';
import { useSignOut } from '../queries/session';
import { PasswordDialog } from './password-dialog';
import classes from './shell.module.css';

type Tenants = Session['tenants'];
const mark = (on: boolean) => (on ? <IconCheck size={15} aria-hidden /> : <span style={{ width: 15 }} />);

export function TenantSwitch({ tenants, current }: { tenants: Tenants; current: Tenants[number] | undefined }) {
  const navigate = useNavigate();
  const go = (slug: string | null) => { if (slug !== null) void navigate({ to: '/t/$tenant', params: { tenant: slug } }); };
  return <Select className={classes.tenant} aria-label="Tenant" placeholder="All tenants" searchable allowDeselect={false} selectFirstOptionOnChange limit={100} maxDropdownHeight={360} comboboxProps={{ width: 280, position: 'bottom-start' }} nothingFoundMessage="No tenant has this name"
    leftSection={<IconBuildingSkyscraper size={16} aria-hidden />} value={current?.slug ?? null} data={tenants.map(({ slug, name }) => ({ value: slug, label: name }))} onChange={go} />;
}

const zoneNames: Record<Zone, string> = { utc: 'UTC', property: 'Property time', browser: 'Browser time' };
const browser = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ZoneSwitch({ zone }: { zone: Zone }) {
  const navigate = useNavigate();
  const choose = (to: Zone) => void navigate({ to: '.', search: (now) => ({ ...now, zone: to === 'utc' ? undefined : to }), replace: true });
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target><UnstyledButton className={classes.control} aria-label={`Times in ${zoneNames[zone]}. Switch time zone`}><IconClock size={16} aria-hidden /><span className={classes.zoneText}>{zoneNames[zone]}</span></UnstyledButton></Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Show times in</Menu.Label>
        <Menu.Item leftSection={mark(zone === 'utc')} onClick={() => choose('utc')}>UTC</Menu.Item>
        <Menu.Item leftSection={mark(zone === 'property')} onClick={() => choose('property')}>The property’s own zone</Menu.Item>
        <Menu.Item leftSection={mark(zone === 'browser')} onClick={() => choose('browser')}>Browser ({browser})</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const themes = { light: { icon: IconSun, text: 'Light' }, dark: { icon: IconMoon, text: 'Dark' }, auto: { icon: IconDeviceDesktop, text: 'Like the system' } } as const;

export function ThemeSwitch() {
  // keepTransitions: Mantine would switch them off with an inserted <style>.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const Mark = themes[colorScheme].icon;
  return (
    <Menu position="bottom-end">
      <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label={`Theme: ${themes[colorScheme].text}. Switch theme`}><Mark size={17} aria-hidden /></ActionIcon></Menu.Target>
      <Menu.Dropdown>
        {(['light', 'dark', 'auto'] as const).map((scheme) => <Menu.Item key={scheme} leftSection={mark(scheme === colorScheme)} onClick={() => setColorScheme(scheme)}>{themes[scheme].text}</Menu.Item>)}
      </Menu.Dropdown>
    </Menu>
  );
}

export function Account({ session: { user } }: { session: Session }) {
  const signOut = useSignOut();
  const navigate = useNavigate();
  const leave = () => signOut.mutate(undefined, { onSuccess: () => void navigate({ to: '/sign-in', search: {} }), onError: failed });
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <PasswordDialog opened={opened} close={close} email={user.email} />
      <Menu position="bottom-end" width={240}>
        <Menu.Target><ActionIcon variant="subtle" color="gray" aria-label="Account"><IconUserCircle size={19} aria-hidden /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <div className={classes.empty}><strong>{user.name}</strong><br />{user.email}{user.platformRole && <><br />Platform {user.platformRole}</>}</div>
          <Menu.Divider />
          <Menu.Item leftSection={<IconLock size={15} aria-hidden />} onClick={open}>Change password…</Menu.Item>
          <Menu.Item leftSection={<IconLogout size={15} aria-hidden />} onClick={leave}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
