/** The configuration is unusable; `message` names each variable and the fix. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
