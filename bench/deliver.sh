#!/usr/bin/env bash
# Delivery against a redis-server of its own: bench/deliver.sh [BUILD]; figures in bench/README.md. RUN="chrt -f 40" runs both sides before all others,
# which a machine shared with others needs; it is for seconds only. RECORDS: how many are drained (10 s at 20,000 a second and more).
#   drain, fresh   into streams that only grow: the server takes a fresh page of memory for each 4 KiB
#   drain, used    the same after all of that was trimmed away: the server's memory was used before, no page is fresh
#   drain, trimmed with KEEP=N: streams are trimmed to N entries meanwhile, by a reader as the keeper is
set -eu
. tests/e2e/lib.sh
bench=${1:-build}/bench/bench_deliver run=${RUN:-} records=${RECORDS:-250000}
work=$(mktemp -d /var/tmp/tocsin-bench.XXXXXX); trap 'stop_redis; rm -rf "$work"' EXIT
ask() { redis-cli -s "$REDIS_SOCK" "$@"; }
hasten() { case $run in chrt*) chrt -f -p 41 "$1" ;; esac; }
serve() {
  # freed memory is kept by the server: what is measured is its work, not the kernel's
  MALLOC_CONF=dirty_decay_ms:-1,muzzy_decay_ms:-1,lg_extent_max_active_fit:40 start_redis "$work" --stream-node-max-bytes 16384
  hasten "$REDIS_PID"
}
trim() { ask XTRIM '{tocsin}:alerts:ts' MAXLEN "$@" && ask XTRIM '{tocsin}:alerts:da' MAXLEN "$@"; }
keep() { while trim '~' "$KEEP"; do sleep 0.2; done >/dev/null 2>&1; }
cpu() { ask INFO cpu | tr -d '\r' | awk -F: '/used_cpu_sys:/{s=$2} /used_cpu_user:/{u=$2} END{print s, u}'; }
faults() { awk '{print $10}' "/proc/$REDIS_PID/stat"; }
drain() { # what it is called
  rm -f "$work/filled/cursor"; ask DEL '{tocsin}:pos:bench' >/dev/null; ask CONFIG RESETSTAT >/dev/null
  local before fresh; before=$(cpu) fresh=$(faults)
  echo -n "$1: "; $run "$bench" drain "unix://$REDIS_SOCK" "$work/filled" "$records"
  cpu | awk -v n="$records" -v b="$before" -v f="$fresh" -v now="$(faults)" '{split(b, was, " ");
    printf "  redis-server: %.1f us CPU an alert (kernel %.1f, own %.1f), %.2f fresh pages", ($1+$2-was[1]-was[2])*1e6/n, ($1-was[1])*1e6/n, ($2-was[2])*1e6/n, (now-f)/n}'
  ask INFO commandstats | tr -d '\r' | awk -F'[=,]' '/xadd/{printf ", an XADD %.1f us", $6}'
  ask INFO memory | tr -d '\r' | awk -F: '/used_memory_rss:/{printf ", %.0f MiB\n", $2/1048576}'
}
$run "$bench" machine
"$bench" away "unix://$work/nobody.sock" "$work/away" 100000; rm -rf "$work/away"
serve
$run "$bench" steady "unix://$REDIS_SOCK" "$work/steady" 10000
trim 0 >/dev/null
"$bench" fill "unix://$REDIS_SOCK" "$work/filled" "$records"
if [ -n "${KEEP:-}" ]; then
  keep & keeper=$!
  hasten "$keeper"
  drain trimmed
  kill "$keeper"; wait "$keeper" 2>/dev/null || true
else
  drain fresh
  trim 0 >/dev/null
  drain used
fi
$run "$bench" machine
