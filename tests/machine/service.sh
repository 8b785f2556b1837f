#!/usr/bin/env bash
# The packages and the unit under a real systemd: tests/machine/service.sh SUITE PACKAGES (a folder with the three packages for that Debian; those that
# tests/machine/newcomer.sh keeps, or packaging/deb.sh makes). Installed, started, reloaded, killed, hung, upgraded with a configuration that does not
# hold and with one that does, purged. Root, debootstrap, Debian's packages; some minutes, so on request.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/machine/machine.sh
suite=${1:?SUITE PACKAGES} packages=$(realpath "${2:?SUITE PACKAGES}")
for tool in debootstrap unshare nsenter setpriv; do
  command -v $tool >/dev/null || { echo "service: no $tool here: left out"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "service: wants root: left out"; exit 77; }
work=$(mktemp -d /tmp/tocsin-service.XXXXXX)
trap 'machine_stop; rm -rf "$work"' EXIT
fail() { echo "service: $1"; machine_do journalctl -u tocsin --no-pager -o cat 2>/dev/null | tail -20; exit 1; }
ok() { echo "service: $*"; }
slow='' # what took too long is told at once and fails the test at its end: what comes behind it is tested all the same
too_slow() { echo "service: TOO SLOW: $1"; slow="$slow; $1"; }
property() { machine_do systemctl show -P "$1" tocsin; }
now() { date +%s%N; }
since() { echo $((($(now) - $1) / 1000000)); } # ms
until_true() { # words, seconds, condition
  local end=$((SECONDS + $2))
  until eval "$3"; do [ $SECONDS -lt $end ] || fail "$1"; sleep 0.1; done
}
install_all() { # words that the machine's shell expands
  machine_online bash -c "apt-get install -y -q --no-install-recommends $1" >"$work/apt" 2>&1 </dev/null || { cat "$work/apt"; fail "apt does not install $1"; }
}
children() { machine_do cat "/proc/$1/task/$1/children" | tr -d ' '; }
lines() { # how many refused logins
  machine_do bash -c 'for i in $(seq '"$1"'); do logger --socket-errors=on -u /run/tocsin/log.sock -t sshd -p auth.info --id=100 "Failed password for root from 203.0.113.77 port 4000$i ssh2"; done'
}
events() { machine_do tocsin status 2>/dev/null | grep -o '"events":[0-9]*' | head -1 | cut -d: -f2; }
alerts() { machine_do redis-cli XLEN '{tocsin}:alerts:ts' 2>/dev/null; }

machine_base "$suite"
machine_boot sensor
mkdir "$work/new"
for deb in "$packages"/*.deb; do # the same again, as a later revision
  dpkg-deb -R "$deb" "$work/tree"
  sed -i -E 's/(-1)(~deb)/-2\2/g' "$work/tree/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone --build "$work/tree" "$work/new" >/dev/null
  rm -rf "$work/tree"
done
tar -c -C "$packages" . | machine_do bash -c 'mkdir -p one && tar -x -C one'
tar -c -C "$work/new" . | machine_do bash -c 'mkdir -p two && tar -x -C two'
machine_online apt-get update -q >/dev/null 2>&1
install_all 'redis-server ./one/*.deb'
[ "$(property ActiveState)" = inactive ] || fail "the installation starts a sensor that has nothing to read"
machine_do bash -c 'cat >/etc/tocsin/local.d/ssh.yml; echo "deliver: {redis: \"redis://127.0.0.1:6379\"}" >/etc/tocsin/conf.d/redis.yml' <<'Y'
title: A refused login
name: refused
logsource: {product: linux, service: sshd}
detection: {selection: {outcome: failure}, condition: selection}
level: informational
---
title: Five refused logins
id: 0f6b7a52-5a0e-4a63-9a57-6a3f2f8d5e11
correlation: {type: event_count, rules: [refused], group-by: [src_ip], timespan: 1h, condition: {gte: 5}}
level: high
tocsin: {route: [ts]}
Y

began=$(now); machine_do systemctl enable -q --now tocsin || fail "it does not start"
machine_do systemctl status --no-pager tocsin | sed -n 1,12p
ok "started in $(since "$began") ms; Type=$(property Type), $(property StatusText)"
[ "$suite" = bookworm ] || [ "$(property Type)" = notify-reload ] || fail "Type=$(property Type)"
score=$(machine_do systemd-analyze security --no-pager tocsin.service | grep -oE 'exposure level for tocsin.service: [0-9.]+' | grep -oE '[0-9.]+$')
awk "BEGIN{exit !($score <= 2.0)}" || fail "exposure $score, at most 2.0"
[ "$(machine_do ps -o user= -p "$(property MainPID)")" = tocsin ] || fail "it is not the user tocsin"
ok "systemd-analyze security $score; log rate $(property LogRateLimitBurst) in $(property LogRateLimitIntervalUSec); user tocsin"

lines 3; until_true "three lines do not come" 20 '[ "$(events)" = 3 ]'
machine_do systemctl reload tocsin || fail "a reload is refused"
until_true "the reload is not told" 20 'property StatusText | grep -q "read again"'
machine_do bash -c 'echo "title: nothing" >/etc/tocsin/local.d/wrong.yml'
machine_do systemctl reload tocsin && [ "$suite" = bookworm ] && fail "a reload with a mistake succeeds"
until_true "the refused reload is not told" 20 'property StatusText | grep -q "refused"'
machine_do rm /etc/tocsin/local.d/wrong.yml
[ "$(property NRestarts)" = 0 ] && [ "$(property ActiveState)" = active ] || fail "a reload ended it"
ok "reloaded; with a mistake: $(property StatusText)"

sleep 61 # what correlations remember is written once a minute
engine=$(children "$(property MainPID)"); began=$(now)
machine_do kill -KILL "$engine"
until_true "it is not started again" 30 '[ "$(property NRestarts)" = 1 ] && [ "$(property SubState)" = running ]'
took=$(since "$began"); [ "$took" -lt 5000 ] || too_slow "a killed engine started again after $took ms, at most 5000"
lines 2; until_true "the windows of before are lost" 30 '[ "$(alerts)" = 1 ]'
ok "engine killed: started again after $took ms, and three lines before and two behind it are an alert of five"

engine=$(children "$(property MainPID)"); began=$(now)
machine_do kill -STOP "$engine"
until_true "no watchdog" 60 '[ "$(property NRestarts)" = 2 ] && [ "$(property SubState)" = running ]'
took=$(since "$began"); [ "$took" -lt 20000 ] || too_slow "a hung engine was started again after $took ms: 15 s of the watchdog and 5 s are allowed"
machine_do journalctl -u tocsin --no-pager -o cat | grep -qi 'watchdog' || fail "the journal does not tell of the watchdog"
ok "engine hung: started again after $took ms (the watchdog's 15 s among them)"

pid=$(property MainPID)
machine_do bash -c 'echo "nonsense: 1" >/etc/tocsin/conf.d/wrong.yml'
install_all './two/*.deb'
grep -q 'left running' "$work/apt" || fail "nobody tells that the configuration does not hold: $(cat "$work/apt")"
[ "$(property MainPID)" = "$pid" ] && [ -n "$(events)" ] || fail "an upgrade ended a sensor whose configuration does not hold with the new version"
machine_do rm /etc/tocsin/conf.d/wrong.yml
install_all '--reinstall ./two/*.deb'
[ "$(property MainPID)" != "$pid" ] && [ "$(property ActiveState)" = active ] || fail "an upgrade does not start the new version"
machine_do test -e /etc/tocsin/local.d/ssh.yml || fail "an upgrade takes the operator's files"
ok "upgraded: left running where the configuration does not hold, else started anew"

machine_online apt-get purge -y -q tocsin tocsin-rules tocsin-doc >"$work/apt" 2>&1 || fail "no purge: $(cat "$work/apt")"
left=$(machine_do bash -c 'ls -d /etc/tocsin /var/lib/tocsin /usr/bin/tocsin /usr/share/tocsin /usr/lib/systemd/system/tocsin* /etc/systemd/system/*/tocsin* 2>/dev/null' || true)
[ -z "$left" ] && ! machine_do systemctl is-active -q tocsin || fail "a purge leaves $left"
[ -z "$slow" ] || fail "purged; all of it works, but on a machine of load $(cut -d' ' -f1 /proc/loadavg)${slow}"
ok "purged; passed on $suite, systemd $(machine_do systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')"
