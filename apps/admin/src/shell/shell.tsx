// The frame of every page: skip link, navigation, tenant switch, time zone, theme, account.
import { ActionIcon, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { Link, Outlet, useLocation, useParams, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { ZoneContext } from '../parts/time';
import { useSession } from '../queries/session';
import { Account, TenantSwitch, ThemeSwitch, ZoneSwitch } from './controls';
import { Environments } from './environments';
import { Nav } from './nav';
import { openSearch, Search } from './search-box';
import classes from './shell.module.css';

export function Shell() {
  const session = useSession();
  const { tenant } = useParams({ strict: false });
  const { zone = 'utc' } = useSearch({ strict: false });
  const { pathname } = useLocation();
  const [menu, { open, close }] = useDisclosure(false);
  const here = session.tenants.find(({ slug, id }) => slug === tenant || id === tenant);
  // Platform pages keep the tenant that was looked at last within reach.
  const shown = tenant ? here?.slug : (session.tenants.find(({ slug }) => slug === localStorage.getItem('keyrack.tenant')) ?? session.tenants[0])?.slug;
  const nav = <Nav tenant={shown} platform={Boolean(session.user.platformRole)} />;
  useEffect(() => { close(); document.getElementById('main')?.scrollTo(0, 0); }, [pathname, close]);

  return (
    <ZoneContext value={zone}>
      <a href="#main" className={classes.skip} onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to the content</a>
      <div className={classes.shell}>
        <header className={classes.bar}>
          <ActionIcon variant="subtle" color="gray" className={classes.burger} aria-label="Open navigation" onClick={open}><IconMenu2 size={20} aria-hidden /></ActionIcon>
          <Link to="/" className={classes.brand} aria-label="Keyrack, home"><img src="/favicon.svg" alt="" width={24} height={24} /><span>Keyrack</span></Link>
          <TenantSwitch tenants={session.tenants} current={here} />
          {here && <Environments tenant={here.slug} />}
          <button type="button" className={classes.search} onClick={() => openSearch()} aria-label="Find an enterprise, token, run or action"><IconSearch size={15} aria-hidden /><span>Find…</span><kbd>{/Mac/.test(navigator.userAgent) ? '⌘' : 'Ctrl'} K</kbd></button>
          <ZoneSwitch zone={zone} />
          <ThemeSwitch />
          <Account session={session} />
        </header>
        <div className={classes.side}>{nav}</div>
        <main id="main" className={classes.main} tabIndex={-1}><div className={classes.content}><Outlet /></div></main>
      </div>
      <Drawer opened={menu} onClose={close} title="Navigation" size={260}>{nav}</Drawer>
      <Search tenant={here?.slug} session={session} />
    </ZoneContext>
  );
}
