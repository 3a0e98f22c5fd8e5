// Mews' own public demo environment. Its tokens are published in Mews' documentation for everybody to use: they open two shared
// demonstration properties without real data, and are the only tokens in this source tree.
export const mewsDemo = {
  platformAddress: 'https://api.mews-demo.com',
  clientToken: 'E0D439EE522F44368DC78E1BFB03710C-D24FB11DBE31D4621C4817E028D9E1D',
  accessTokens: [
    { label: 'Mews demo property, gross pricing (UK)', accessToken: 'C66EF7B239D24632943D115EDE9CB810-EA00F8FD8294692C940F6B5A8F9453D' },
    { label: 'Mews demo property, net pricing (US)', accessToken: '4D6C7ABE0E6A4681B0AFB16900AE5D86-DF50CBC89E1D4FF5859DDF021649ED5' },
  ],
} as const;
