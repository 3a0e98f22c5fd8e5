// Whether a token opens one property or several.
import { IconBuilding, IconBuildings } from '@tabler/icons-react';
import type { TokenKind } from '../../api/types';
import { Status } from '../../parts/status';

export const TokenKindMark = ({ kind }: { kind: TokenKind }) => (kind === 'portfolio' ? <Status tone="idle" icon={IconBuildings}>Portfolio</Status> : <Status tone="idle" icon={IconBuilding}>Enterprise</Status>);
