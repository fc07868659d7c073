# Builds Berth's programs from the same package lists as ./dev and the flashed image. README.md says how to build it without Docker.
FROM debian:13
COPY rootfs/packages /tmp/packages
RUN sed 's/#.*//; /^[[:space:]]*$/d' /tmp/packages/build.list /tmp/packages/run.list | sort -u > /tmp/packages.txt \
 && apt-get update && DEBIAN_FRONTEND=noninteractive xargs -a /tmp/packages.txt apt-get install -y --no-install-recommends \
 && rm -rf /var/lib/apt/lists/*
# For a network with a certificate authority of its own: --build-arg NODE_EXTRA_CA_CERTS=/ca.crt --volume FILE:/ca.crt:ro
ARG NODE_EXTRA_CA_CERTS
COPY . /src
WORKDIR /src
# CivetWeb's source comes from the same mirror (rootfs/recipes/civetweb).
RUN if [ -f /etc/apt/sources.list ]; then sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > /etc/apt/sources.list.d/source.list; fi \
 && for f in /etc/apt/sources.list.d/*.sources; do [ -e "$f" ] && sed -i 's/^Types: deb$/Types: deb deb-src/' "$f"; done; mkdir -p /cache \
 && npm ci --prefix web && npm run --prefix web build \
 && cmake --preset release && cmake --build --preset release --target berthd berth berth-engine berth-sandbox
