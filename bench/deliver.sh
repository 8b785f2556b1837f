#!/usr/bin/env bash
# Delivery against a redis-server of its own: bench/deliver.sh [BUILD]; figures in bench/README.md. KEEP=N: streams are trimmed to N
# entries meanwhile, as in operation, so that the server uses its memory again instead of asking the kernel for more.
set -eu
. tests/e2e/lib.sh
bench=${1:-build}/bench/bench_deliver
work=$(mktemp -d /var/tmp/tocsin-bench.XXXXXX); trap 'stop_redis; rm -rf "$work"' EXIT
records=${RECORDS:-200000}
trim() { while redis-cli -s "$REDIS_SOCK" XTRIM '{tocsin}:alerts:ts' MAXLEN '~' "$KEEP" && redis-cli -s "$REDIS_SOCK" XTRIM '{tocsin}:alerts:da' MAXLEN '~' "$KEEP"; do sleep 0.2; done >/dev/null 2>&1; }
"$bench" away "unix://$work/nobody.sock" "$work/away" 100000; rm -rf "$work/away"
start_redis "$work"
"$bench" steady "unix://$REDIS_SOCK" "$work/steady" 10000
redis-cli -s "$REDIS_SOCK" FLUSHALL >/dev/null; redis-cli -s "$REDIS_SOCK" CONFIG RESETSTAT >/dev/null
[ -z "${KEEP:-}" ] || trim &
before=$(redis-cli -s "$REDIS_SOCK" INFO cpu | tr -d "\r" | awk -F: '/used_cpu_(sys|user):/{s+=$2} END{print s}')
"$bench" filled "unix://$REDIS_SOCK" "$work/filled" "$records"
redis-cli -s "$REDIS_SOCK" INFO cpu | tr -d "\r" | awk -F: -v n="$records" -v b="$before" '/used_cpu_(sys|user):/{s+=$2} END{printf "redis-server: %.1f us CPU an alert\n", (s-b)*1e6/n}'
