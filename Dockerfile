# One image for all services; the command chooses which one runs.
ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm install --no-audit --no-fund --ignore-scripts
COPY nest-cli.json tsconfig.json tsconfig.build.json .swcrc ./
COPY apps apps
COPY libs libs
RUN node node_modules/@nestjs/cli/bin/nest.js build order

# Optional packages are tools of the developer's machine (an embedded Postgres, compilers): no service needs one.
FROM ${NODE_IMAGE} AS modules
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
    npm install --no-audit --no-fund --ignore-scripts --omit=dev --omit=optional

FROM ${NODE_IMAGE} AS runtime
RUN install -d -o node -g node -m 0700 /data && install -d -o node -g node /app/.compile-cache
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY package.json ./
COPY infra/compose/migrate.sh infra/compose/migrate.sh
COPY --from=build /app/dist dist
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
USER node
# What V8 made of the code is kept: loading a service then takes a quarter less of CPU. Each command loads everything, then ends
# at the settings that it misses; one that misses none is ended.
RUN for app in order payment psp-simulator health-monitor restart-gate; do \
      timeout -s INT 10 node "dist/apps/$app/src/main.js" > /dev/null 2>&1 || true; \
    done
VOLUME /data
EXPOSE 3000 9000

# Crash points and switches that break rules on purpose: for drills only.
FROM runtime AS drill
ENV NODE_OPTIONS="--max-old-space-size=192 --disable-warning=TimeoutNegativeWarning --conditions=drill"

FROM runtime AS production
USER root
RUN rm -f dist/libs/drill/src/armed.*
USER node
ENV NODE_OPTIONS="--max-old-space-size=192 --disable-warning=TimeoutNegativeWarning"
