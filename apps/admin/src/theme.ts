// The look: one accent, cool greys whose sixth step still reads on white (4.5:1), system fonts.
import { createTheme } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 7 },
  colors: {
    iris: ['#eef0fc', '#dde1f8', '#b9c1f0', '#97a4ec', '#8a9af2', '#6578de', '#4d61d2', '#3d4fc4', '#3241a6', '#283487'],
    gray: ['#f7f8fa', '#eff1f4', '#e3e6eb', '#d3d8df', '#b8bfca', '#8a94a3', '#5b6675', '#454f5d', '#303843', '#1b212a'],
    dark: ['#d5dae1', '#b9c1cc', '#98a2b0', '#6d7785', '#3a424e', '#2b323c', '#20262e', '#171c23', '#11151b', '#0c0f14'],
    green: ['#e8f6ee', '#cdebd9', '#9fd8b7', '#6cc392', '#48b377', '#2f9f62', '#1f8a51', '#157343', '#0f5b35', '#094427'],
    red: ['#fdeeee', '#fad9d9', '#f3b0b0', '#ec8686', '#e76767', '#db4747', '#cc3333', '#b32626', '#911d1d', '#701515'],
    amber: ['#fdf4e3', '#fae6c0', '#f4cd85', '#edb450', '#e5a02f', '#c98213', '#a8680a', '#8a5406', '#6d4204', '#503003'],
  },
  black: '#1b212a',
  fontFamily: "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: { fontWeight: '600', sizes: {
    h1: { fontSize: '1.375rem', lineHeight: '1.3' }, h2: { fontSize: '1rem', lineHeight: '1.4' }, h3: { fontSize: '0.875rem', lineHeight: '1.45' },
  } },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // Mantine locks the page's scroll with an inserted <style>, which the content security policy refuses; app.css does it instead.
    Modal: { defaultProps: { lockScroll: false, centered: true, overlayProps: { backgroundOpacity: 0.45 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { lockScroll: false, closeButtonProps: { 'aria-label': 'Close' } } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, events: { hover: true, focus: true, touch: true } } },
    // The placeholder is a child that role=menu does not allow; the first item takes the focus instead.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
  },
});

/** Variables that Mantine's own do not cover, or not with enough contrast. */
export const variables = {
  both: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-6)', '--mantine-color-placeholder': '#687383', '--mantine-color-error': 'var(--mantine-color-red-7)',
    '--mantine-color-default-border': 'var(--mantine-color-gray-3)', '--mantine-color-anchor': 'var(--mantine-color-iris-7)', '--mantine-color-disabled-color': 'var(--mantine-color-gray-6)',
    '--page': 'var(--mantine-color-gray-0)', '--surface': '#ffffff', '--surface-2': 'var(--mantine-color-gray-0)', '--line': 'var(--mantine-color-gray-2)', '--hover': 'var(--mantine-color-gray-1)',
    '--accent-soft': 'var(--mantine-color-iris-0)', '--accent-text': 'var(--mantine-color-iris-8)',
    '--ok': 'var(--mantine-color-green-7)', '--bad': 'var(--mantine-color-red-7)', '--warn': 'var(--mantine-color-amber-7)', '--busy': 'var(--mantine-color-iris-7)', '--idle': 'var(--mantine-color-gray-6)',
    '--bad-soft': 'var(--mantine-color-red-0)', '--warn-soft': 'var(--mantine-color-amber-0)', '--ok-soft': 'var(--mantine-color-green-0)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-2)', '--mantine-color-placeholder': '#8791a0', '--mantine-color-error': 'var(--mantine-color-red-3)',
    '--mantine-color-default-border': 'var(--mantine-color-dark-4)', '--mantine-color-anchor': 'var(--mantine-color-iris-3)', '--mantine-color-disabled-color': 'var(--mantine-color-dark-2)',
    '--page': 'var(--mantine-color-dark-8)', '--surface': 'var(--mantine-color-dark-7)', '--surface-2': 'var(--mantine-color-dark-6)', '--line': 'var(--mantine-color-dark-5)', '--hover': 'var(--mantine-color-dark-6)',
    '--accent-soft': '#232a4d', '--accent-text': 'var(--mantine-color-iris-2)',
    '--ok': 'var(--mantine-color-green-3)', '--bad': 'var(--mantine-color-red-3)', '--warn': 'var(--mantine-color-amber-3)', '--busy': 'var(--mantine-color-iris-3)', '--idle': 'var(--mantine-color-dark-2)',
    '--bad-soft': '#3a1d20', '--warn-soft': '#33280f', '--ok-soft': '#142b1f',
  },
} satisfies Record<'both' | 'light' | 'dark', Record<string, string>>;
