# An image that runs `npm run paper`, `npm test` and `allroads` without a network, as an unprivileged user. How to build and
# use it: src/cluster/README.md. BASE is any Debian with a Node that package.json allows.
ARG BASE=docker.io/library/node:22-bookworm-slim
FROM ${BASE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates g++ python3 python3-venv \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --create-home allroads \
  && mkdir /runs /allroads \
  && chown allroads: /runs /allroads
USER allroads
WORKDIR /allroads
COPY --chown=allroads:allroads . .
RUN npm run setup && rm -rf ~/.npm ~/.cache
ENV ALLROADS_RUNS=/runs
CMD ["npm", "run", "paper"]
