// Every migration, in order.
import { CreateRoles0000000000001 } from './0001-create-roles.js';
import { CreatePlatform0000000000002 } from './0002-create-platform.js';
import { CreateTenancy0000000000003 } from './0003-create-tenancy.js';
import { CreateSync0000000000004 } from './0004-create-sync.js';
import { AddParents0000000000005 } from './0005-add-parents.js';
import { MendSync0000000000006 } from './0006-mend-sync.js';
import { LetLeasesMoveInPlace0000000000007 } from './0007-let-leases-move-in-place.js';
import { OrderEnterpriseRecords0000000000008 } from './0008-order-enterprise-records.js';
import { AddFanIn0000000000009 } from './0009-add-fan-in.js';
import { AddImports0000000000010 } from './0010-add-imports.js';
import { OrderReadyRuns0000000000011 } from './0011-order-ready-runs.js';
import { RotateKeys0000000000012 } from './0012-rotate-keys.js';
import { AddAccessLinks0000000000013 } from './0013-add-access-links.js';
import { AddIdentities0000000000014 } from './0014-add-identities.js';
import { AuditReach0000000000015 } from './0015-audit-reach.js';
import { AskForDeleted0000000000018 } from './0018-ask-for-deleted.js';
import { AuthenticateEnvironments0000000000019 } from './0019-authenticate-environments.js';
import { RevokeLinksAcrossTenants0000000000020 } from './0020-revoke-links-across-tenants.js';
import { TellWhatATokenRead0000000000022 } from './0022-tell-what-a-token-read.js';
import { RememberCheckpoints0000000000023 } from './0023-remember-checkpoints.js';
import { BeginWindowsAgainOnce0000000000025 } from './0025-begin-windows-again-once.js';
import { FindOperationsOfRuns0000000000026 } from './0026-find-operations-of-runs.js';
import { OrderRecordsByCreation0000000000029 } from './0029-order-records-by-creation.js';
import { AskAgain0000000000030 } from './0030-ask-again.js';
import { TieLinksToKeys0000000000031 } from './0031-tie-links-to-keys.js';
import { KeyTheAuditChains0000000000032 } from './0032-key-the-audit-chains.js';

export const migrations = [CreateRoles0000000000001, CreatePlatform0000000000002, CreateTenancy0000000000003, CreateSync0000000000004, AddParents0000000000005, MendSync0000000000006, LetLeasesMoveInPlace0000000000007, OrderEnterpriseRecords0000000000008, AddFanIn0000000000009, AddImports0000000000010, OrderReadyRuns0000000000011, RotateKeys0000000000012, AddAccessLinks0000000000013, AddIdentities0000000000014, AuditReach0000000000015, AskForDeleted0000000000018, AuthenticateEnvironments0000000000019, RevokeLinksAcrossTenants0000000000020, TellWhatATokenRead0000000000022, RememberCheckpoints0000000000023, BeginWindowsAgainOnce0000000000025, FindOperationsOfRuns0000000000026, OrderRecordsByCreation0000000000029, AskAgain0000000000030, TieLinksToKeys0000000000031, KeyTheAuditChains0000000000032];
