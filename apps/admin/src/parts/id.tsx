// Identifiers: monospaced, short where space is short, whole on the clipboard.
import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { shortId } from './format';

export function Copy({ value, label }: { value: string; label: string }) {
  const { copied, copy } = useClipboard({ timeout: 1_500 });
  return (
    <Tooltip label={copied ? 'Copied' : label}>
      <ActionIcon variant="subtle" color="gray" size="sm" className="above" aria-label={label} onClick={() => copy(value)}>
        {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

export function Id({ value, what, short = false }: { value: string; what: string; short?: boolean }) {
  return <span className="id"><code title={value}>{short ? shortId(value) : value}</code><Copy value={value} label={`Copy ${what}`} /></span>;
}

/** The last characters of a token, the only part of it that is ever shown. */
export const Hint = ({ hint }: { hint: string }) => <code className="nowrap">{hint.startsWith('…') ? hint : `…${hint.replace(/^[.•*]+/, '')}`}</code>;
