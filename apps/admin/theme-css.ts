// The theme's variables as a stylesheet made at build time: Mantine would otherwise insert a <style>, which `style-src 'self'` refuses.
import { defaultCssVariablesResolver, mergeMantineTheme, DEFAULT_THEME } from '@mantine/core';
import type { Plugin } from 'vite';
import { theme, variables } from './src/theme';

const id = 'virtual:theme.css';
const block = (selector: string, values: Record<string, string>): string =>
  `${selector} {\n${Object.entries(values).map(([name, value]) => `  ${name}: ${value};`).join('\n')}\n}\n`;

export function themeCss(): Plugin {
  return {
    name: 'theme-css',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(source) {
      if (source !== `\0${id}`) return null;
      const made = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
      return block(':root', { ...made.variables, ...variables.both })
        + block(':root[data-mantine-color-scheme="light"]', { ...made.light, ...variables.light })
        + block(':root[data-mantine-color-scheme="dark"]', { ...made.dark, ...variables.dark });
    },
  };
}
