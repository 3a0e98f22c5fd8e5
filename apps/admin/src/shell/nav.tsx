// The way around: pages of the tenant, then those of the platform.
import { IconActivity, IconApps, IconBook2, IconBuildings, IconCalendarClock, IconGridDots, IconKey, IconLayoutDashboard, IconPlugConnected, IconServer2, IconShieldSearch, IconTable, IconUserCog, IconUsers, IconUsersGroup, IconWebhook } from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { Icon } from '@tabler/icons-react';
import type { Permission } from '../api/types';
import { useMay } from '../parts/may';
import classes from './shell.module.css';

function Item({ icon: Mark, children, exact = false, ...link }: { icon: Icon; children: string; exact?: boolean } & Pick<LinkProps, 'to' | 'params'>) {
  return <li><Link {...link} className={classes.navLink} activeOptions={{ exact, includeSearch: false }}><Mark size={17} stroke={1.7} aria-hidden /><span>{children}</span></Link></li>;
}

/** One of these shows something under Access. */
const access: Permission[] = ['members:read', 'api-keys:read', 'audit:read'];

export function Nav({ tenant, platform }: { tenant: string | undefined; platform: boolean }) {
  const may = useMay(tenant);
  return (
    <nav aria-label="Pages" className={classes.nav}>
      {tenant && <>
        <ul>
          <Item icon={IconLayoutDashboard} to="/t/$tenant" params={{ tenant }} exact>Overview</Item>
          {may('access-tokens:write') && <Item icon={IconPlugConnected} to="/t/$tenant/connect" params={{ tenant }}>Connect</Item>}
          <Item icon={IconBuildings} to="/t/$tenant/enterprises" params={{ tenant }}>Enterprises</Item>
          <Item icon={IconKey} to="/t/$tenant/access-tokens" params={{ tenant }}>Access tokens</Item>
          <Item icon={IconGridDots} to="/t/$tenant/reach" params={{ tenant }}>Reach</Item>
        </ul>
        <h2>Syncs</h2>
        <ul>
          <Item icon={IconActivity} to="/t/$tenant/runs" params={{ tenant }}>Runs</Item>
          <Item icon={IconCalendarClock} to="/t/$tenant/schedules" params={{ tenant }}>Schedules</Item>
        </ul>
        {access.some(may) && <>
          <h2>Access</h2>
          <ul>
            {may('members:read') && <Item icon={IconUsers} to="/t/$tenant/members" params={{ tenant }}>Members</Item>}
            {may('api-keys:read') && <Item icon={IconWebhook} to="/t/$tenant/api-keys" params={{ tenant }}>API keys</Item>}
            {may('audit:read') && <Item icon={IconBook2} to="/t/$tenant/audit" params={{ tenant }}>Audit</Item>}
          </ul>
        </>}
      </>}
      {platform && <>
        <h2>Platform</h2>
        <ul>
          <Item icon={IconUsersGroup} to="/all/tenants">Tenants</Item>
          {may('users:read') && <Item icon={IconUserCog} to="/all/users">Users</Item>}
          <Item icon={IconServer2} to="/all/environments">Environments</Item>
          <Item icon={IconApps} to="/all/applications">Applications</Item>
          <Item icon={IconShieldSearch} to="/all/reach">Reach of all tenants</Item>
          {may('audit:read-all') && <Item icon={IconBook2} to="/all/audit">Platform audit</Item>}
        </ul>
      </>}
      <ul className={classes.navEnd}><li><a className={classes.navLink} href="/docs"><IconTable size={17} stroke={1.7} aria-hidden /><span>API reference</span></a></li></ul>
    </nav>
  );
}
