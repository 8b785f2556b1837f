#!/usr/bin/env bash
# Delivery against a redis-server of its own: bench/deliver.sh [BUILD]; figures in bench/README.md.
set -eu
. tests/e2e/lib.sh
bench=${1:-build}/bench/bench_deliver
work=$(mktemp -d /var/tmp/tocsin-bench.XXXXXX); trap 'stop_redis; rm -rf "$work"' EXIT
"$bench" away "unix://$work/nobody.sock" "$work/away" 100000; rm -rf "$work/away"
start_redis "$work"
"$bench" steady "unix://$REDIS_SOCK" "$work/steady" 10000
redis-cli -s "$REDIS_SOCK" FLUSHALL >/dev/null
"$bench" filled "unix://$REDIS_SOCK" "$work/filled" "${RECORDS:-200000}"
redis-cli -s "$REDIS_SOCK" INFO cpu | tr -d "\r" | awk -F: -v n="${RECORDS:-200000}" '/used_cpu_(sys|user):/{s+=$2} END{printf "redis-server: %.1f us CPU an alert, all parts together\n", s*1e6/n}'
