// The field for passwords and tokens. Mantine's leaves aria-invalid out and the eye unreachable by keyboard.
import { PasswordInput, type PasswordInputProps } from '@mantine/core';

export const SecretInput = (props: PasswordInputProps) => (
  <PasswordInput spellCheck={false} visibilityToggleFocusable visibilityToggleButtonProps={{ 'aria-label': 'Show what was typed' }} aria-invalid={props.error ? true : undefined} {...props} />
);

/** For tokens: nothing for the browser or a password manager to remember. */
export const TokenInput = (props: PasswordInputProps) => <SecretInput autoComplete="off" data-1p-ignore data-lpignore="true" {...props} />;
