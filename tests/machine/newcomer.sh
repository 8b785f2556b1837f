#!/usr/bin/env bash
# The newcomer's hour: tests/machine/newcomer.sh [SUITE]. From a bare Debian (bookworm) to an alert in Redis from a live interface, by the commands of
# README.md, section "From a bare Debian to an alert", and by nothing else. Prints how long each took, and fails after an hour.
# Root, debootstrap, Debian's packages; 5 to 30 minutes, so on request. MACHINES: where bare Debians are kept. KEEP=1: the packages that it built stay
# in MACHINES/packages-SUITE.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/machine/machine.sh
suite=${1:-bookworm}
for tool in debootstrap unshare nsenter setpriv ip ethtool; do
  command -v $tool >/dev/null || { echo "newcomer: no $tool here: left out"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "newcomer: wants root: left out"; exit 77; }

# What README asks for, a block a file: README_DIR/1, 2, …; the first line of each says on which machine.
blocks=$(mktemp -d /tmp/tocsin-newcomer.XXXXXX)
awk -v out="$blocks" '/^## /{here = ($0 == "## From a bare Debian to an alert")} here && /^```sh/ {n++; on = 1; next} /^```/ {on = 0} on {print > (out "/" n)}' README.md
[ -e "$blocks/3" ] || { echo "newcomer: README has not the three blocks (sensor, another machine, sensor)"; exit 1; }
server=$(grep -o 'http://[0-9.]*' "$blocks/2" | head -1 | sed 's|http://||')
hub=newcomer-hub-$$ web=newcomer-web-$$ pupil=newcomer-pupil-$$ school=()

clean() {
  local pid ns
  for pid in "${school[@]}"; do kill "$pid" 2>/dev/null || true; done
  machine_stop
  for ns in $hub $web $pupil; do ip netns del $ns 2>/dev/null || true; done
  rm -rf "$blocks"
}
trap clean EXIT

# A hub: what the web server and the pupils say to each other comes out of the third port too, which is eth1 of the machine.
behind_the_mirror() {
  local ns
  for ns in $hub $web $pupil; do ip netns add $ns; ip -n $ns link set lo up; done
  ip -n $hub link add br0 type bridge ageing_time 0
  ip -n $hub link set br0 up
  for ns in $web:$server $pupil:${server%.*}.77; do
    ip -n $hub link add "port${ns##*.}" type veth peer name eth0 netns "${ns%:*}"
    ip -n "${ns%:*}" addr add "${ns#*:}/24" dev eth0
    ip netns exec "${ns%:*}" ethtool -K eth0 tx off gso off tso off gro off >/dev/null
    ip -n "${ns%:*}" link set eth0 up
    ip -n $hub link set "port${ns##*.}" master br0 up
  done
  ip -n $hub link add mirror type veth peer name eth1 netns "$MACHINE"
  ip -n $hub link set mirror master br0 up
  ip netns exec $web python3 tests/machine/school.py serve & school+=($!)
  ip netns exec $pupil python3 tests/machine/school.py browse "$server" & school+=($!)
}

say() { printf '%7s  %s\n' "$1" "$2"; }
timed() { # words, command …
  local words=$1 began=$SECONDS status=0; shift
  "$@" >"$blocks/out" 2>&1 </dev/null || status=$?
  say "$((SECONDS - began)) s" "$words"
  [ $status = 0 ] || { echo "newcomer: status $status of: $words"; tail -40 "$blocks/out"; exit 1; }
}

# apt and what calls it need the network of this machine; all else has only eth1.
on_sensor() { # a line of README
  case $1 in apt-get*|./quickstart*) machine_online bash -c "cd /root/tocsin && $1" ;; *) machine_do bash -c "cd /root/tocsin && $1" ;; esac
}
alerted() { machine_do bash -c "$(tail -n +2 "$blocks/3")" >"$blocks/alerts" 2>&1 && grep -q 'Suspected attack in the address of a page' "$blocks/alerts"; }

fresh=''; [ -e "$MACHINES/$suite.whole" ] || fresh=1
timed "debootstrap $suite${fresh:- (was there)}" machine_base "$suite"
timed "the machine boots" machine_boot sensor
began=$SECONDS
behind_the_mirror
git ls-files -z | tar -c --null -T - | machine_do bash -c 'mkdir -p tocsin && tar -x -C tocsin'
head -1 "$blocks/1" | grep -q 'on the sensor' && head -1 "$blocks/2" | grep -q 'another machine' || { echo "newcomer: README's blocks do not say on which machine"; exit 1; }
while IFS= read -r line; do
  timed "$line" on_sensor "$line"
  case $line in *"tocsin init"*) sed 's/^/         | /' "$blocks/out" ;; esac
done < <(tail -n +2 "$blocks/1" | sed 's/ *# .*//' | grep -v '^$')
timed "$(tail -1 "$blocks/2")" ip netns exec $pupil bash -c "$(tail -n +2 "$blocks/2")"
asked=$SECONDS
until alerted; do
  [ $((SECONDS - asked)) -lt 60 ] || { echo "newcomer: no alert in Redis after a minute:"; cat "$blocks/alerts"; machine_do journalctl -u tocsin --no-pager | tail -20; exit 1; }
  sleep 0.5
done
say "$((SECONDS - asked)) s" "the alert is in Redis: $(grep -o '"title":"[^"]*"' "$blocks/alerts" | head -1)"
total=$((SECONDS - began))
[ -z "${KEEP:-}" ] || { rm -rf "$MACHINES/packages-$suite"; cp -r "$MACHINE_ROOT/root/tocsin/packages" "$MACHINES/packages-$suite"; }
echo "newcomer: $suite, $((total / 60)) min $((total % 60)) s from a bare machine to an alert in Redis (at most 60 min)"
[ $total -le 3600 ]
