# The server alone; the database is somewhere else (see docker-compose.yml). Needs BuildKit, as current Docker has it.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches keep what was compiled, so that a change of ours does not compile all dependencies again. They are no
# part of the image: the program has to be copied out of them in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --package guildhall \
    && install -D target/release/guildhall /out/guildhall

FROM debian:bookworm-slim
# ca-certificates: for databases and services that are reached over TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 guildhall \
    && useradd --system --uid 10001 --gid guildhall --home-dir /var/lib/guildhall --shell /usr/sbin/nologin guildhall \
    && install -d -o guildhall -g guildhall -m 0700 /var/lib/guildhall
COPY --from=build /out/guildhall /usr/local/bin/guildhall

ENV BIND_ADDR=0.0.0.0:8080 \
    DATA_DIR=/var/lib/guildhall \
    LOG_FORMAT=json
USER 10001:10001
# Not in the data folder: a .env is looked for in the working folder.
WORKDIR /
VOLUME /var/lib/guildhall
EXPOSE 8080
STOPSIGNAL SIGTERM
# Asks /readyz, so a container without its database is unhealthy, and healthy again when it comes back.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["guildhall", "health"]
ENTRYPOINT ["guildhall"]
CMD ["serve"]
