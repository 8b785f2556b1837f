#!/usr/bin/env bash
# The container: tests/machine/container.sh [SUITE]. Builds packaging/Containerfile upon a bare Debian (trixie) that debootstrap makes, runs the image with the
# capabilities that its head names behind a mirror of its own, and looks: whose the engine is, what it may, an alert from a frame and one from a line of syslog in
# Redis, a reload that is taken and one that is refused, a stop that drains. Root, podman, debootstrap, redis-server; some minutes, so on request.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/machine/machine.sh
suite=${1:-trixie}
for tool in podman debootstrap ip redis-cli redis-check-rdb python3; do
  command -v $tool >/dev/null || { echo "container: no $tool here: left out"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "container: wants root: left out"; exit 77; }

name=tocsin-container-$$ work=$(mktemp -d /tmp/tocsin-container.XXXXXX) server=10.1.2.3 pids=()
sensor=$name-sensor pupil=$name-pupil
clean() {
  local pid ns
  podman rm -f -t 2 "$name" >/dev/null 2>&1 || true
  podman volume rm "$name" >/dev/null 2>&1 || true
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for ns in $sensor $pupil; do ip netns del $ns 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean EXIT
fail() { echo "container: $*"; podman logs --tail 20 "$name" 2>&1 | sed 's/^/  | /'; exit 1; }
until_true() { # seconds, words, command …
  local end=$((SECONDS + $1)) words=$2; shift 2
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || fail "not within time: $words"; sleep 0.2; done
}

build() {
  machine_base "$suite"
  tar -C "$BASE" --one-file-system -c . | podman import -q - "localhost/debian:$suite-slim" >/dev/null
  mkdir "$work/tree"; git ls-files -z | tar -c --null -T - | tar -x -C "$work/tree"
  podman build -q --pull=never --network host --isolation chroot --build-arg DEBIAN="$suite" -f "$work/tree/packaging/Containerfile" -t "$image" "$work/tree" \
    >"$work/build.log" 2>&1 || { tail -20 "$work/build.log"; echo "container: does not build"; exit 1; }
  echo "built in $((SECONDS - began)) s"
}
began=$SECONDS image=${IMAGE:-localhost/tocsin}
[ -n "${IMAGE:-}" ] || build

# One cable: the pupil's end, and the sensor's, where a web server answers and Redis listens.
for ns in $sensor $pupil; do ip netns add $ns; ip -n $ns link set lo up; done
ip -n $sensor link add eth1 type veth peer name eth0 netns $pupil
ip -n $sensor addr add $server/24 dev eth1; ip -n $pupil addr add 10.1.2.77/24 dev eth0
ip -n $sensor link set eth1 up; ip -n $pupil link set eth0 up
cp "$(readlink -f "$(command -v redis-check-rdb)")" "$work/redis-server" # the same program; Debian's tools have it without the server's package
(cd "$work" && exec ip netns exec $sensor ./redis-server --port 6379 --bind 127.0.0.1 --save '' --daemonize no >"$work/redis.log" 2>&1) & pids+=($!)
ip netns exec $sensor python3 tests/machine/school.py serve >"$work/web.log" 2>&1 & pids+=($!)

mkdir -p "$work/etc/rules.d" "$work/etc/local.d" "$work/etc/conf.d"
cat >"$work/etc/tocsin.yml" <<YML
version: 1
sensor: {name: sensor-c, key_file: site.key}
interfaces: [{name: eth1}]
syslog: [{udp: "0.0.0.0:514", allow: [10.1.2.0/24]}]
site: {local: [10.0.0.0/8]}
rules: {paths: [rules.d]}
deliver: {redis: "redis://127.0.0.1:6379"}
state: /var/lib/tocsin
YML
cat >"$work/etc/rules.d/line.yml" <<'YML'
title: The word of the container test
id: 0b5a2a8e-6a8b-4c86-9b58-6b3f4a3a6f01
logsource: {product: tocsin, service: syslog}
detection: {words: ['bell of the container'], condition: words}
level: high
status: test
YML
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/etc/site.key"
# what the head of the Containerfile says, its words and no others, in the network of this test
words=$(sed -n '/podman run/,/tocsin$/p' packaging/Containerfile | sed 's/^# *//; s/\\$//' | tr '\n' ' ')
words=${words#podman run } words=${words% tocsin }
words=${words/--network host/--network ns:\/run\/netns\/$sensor} words=${words/\/etc\/tocsin:/$work\/etc:} words=${words/tocsin-state:/$name:}
# ulimits: podman's own may be above what this machine allows
podman ${RUNTIME:+--runtime "$RUNTIME"} run -d --name "$name" --ulimit nofile=16384 --ulimit nproc=8192 $words "$image" >/dev/null
inside() { podman exec "$name" "$@"; }
alerted() { ip netns exec $sensor redis-cli XRANGE '{tocsin}:alerts:ts' - + | grep -q "$1"; }
until_true 30 "it runs" inside tocsin status
echo "running after $((SECONDS - began)) s"

engine=$(pgrep -f "^/usr/bin/tocsin run" --ns "$(podman inspect -f '{{.State.Pid}}' "$name")" --nslist pid | tail -1)
owner=$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$engine/status") may=$(sed -n 's/^CapEff:\t//p' "/proc/$engine/status")
filter=$(sed -n 's/^Seccomp:\t//p' "/proc/$engine/status") new=$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$engine/status")
echo "the engine: user $owner, capabilities $may, seccomp $filter, no_new_privs $new"
[ "$owner" != 0 ] && [ "$may" = 0000000000000000 ] && [ "$filter" = 2 ] && [ "$new" = 1 ] || fail "the engine is not fenced"
inside tocsin status | grep -q '"landlock":[1-9].*"seccomp":true' || fail "status does not show the fences"

ip netns exec $pupil python3 -c "
import socket, urllib.error, urllib.request
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'<13>Nov 27 08:00:00 lab-3 demo: the bell of the container', ('$server', 514))
try: urllib.request.urlopen('http://$server/page?id=1+union+select+password+from+users', timeout=5)
except urllib.error.HTTPError: pass"
until_true 30 "an alert of the frame" alerted 'Suspected attack in the address of a page'
until_true 30 "an alert of the line" alerted 'The word of the container test'
echo "two alerts in Redis"

sed 's/bell of the container/bell of the school/' "$work/etc/rules.d/line.yml" >"$work/next" && cp "$work/next" "$work/etc/rules.d/line.yml"
inside tocsin reload || fail "a reload is not taken"
echo 'title: [' >"$work/etc/rules.d/line.yml"
podman kill -s HUP "$name" >/dev/null
said() { podman logs "$name" 2>&1 | grep -q "$1"; }
until_true 30 "what a bad reload refused is said" said 'line.yml:.*error'
inside tocsin status >/dev/null || fail "a bad reload ended it"
podman stop -t 20 "$name" >/dev/null
status=$(podman inspect -f '{{.State.ExitCode}}' "$name")
[ "$status" = 0 ] || fail "ended with status $status"
echo "container: $suite: built, fenced, alerting, reloaded, stopped: passed"
