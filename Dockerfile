FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# What is never loaded: types, source maps, documents, tests, and the builds for browsers and for `require`.
RUN cd node_modules \
 && find . -type d \( -name test -o -name tests -o -name docs -o -name examples -o -name benchmark -o -name benchmarks \) \
      -prune -exec rm -rf {} + \
 && find . -type f \( -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.map' -o -iname '*.md' \) \
      ! -iname 'licen[cs]e*' -delete \
 && find zod -name '*.cjs' -delete \
 && rm -rf zod/src zod/v3 ajv/lib axios/dist csv-parse/lib csv-parse/dist/esm csv-parse/dist/iife csv-parse/dist/umd \
      libphonenumber-js/bundle libphonenumber-js/es6 libphonenumber-js/es6-modern libphonenumber-js/source \
      libphonenumber-js/max libphonenumber-js/mobile \
      libphonenumber-js/metadata.max.* libphonenumber-js/metadata.mobile.* libphonenumber-js/metadata.full.*

FROM node:24-bookworm-slim
# SQLITE_TMPDIR: large transactions spill to a temporary file, and /data is the only place that can be written.
ENV NODE_ENV=production \
    DATABASE_URL=file:/data/mcf-connector.db \
    SQLITE_TMPDIR=/data
RUN mkdir /data && chown node:node /data
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=10", "--max-old-space-size=512", "--v8-pool-size=2", "--expose-gc", "src/start.js"]
