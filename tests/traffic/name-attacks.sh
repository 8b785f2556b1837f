#!/usr/bin/env bash
# name-attacks.sh FOLDER - two attacks by names that no package of Debian carries out, between two network namespaces, by name_attacks.py:
# poisoning.pcap (answers by LLMNR, NetBIOS and mDNS to whoever asks everybody) and dnscat.pcap (a shell in the names and texts of DNS).
# tests/golden/attack-programs.test reads what it recorded. Needs root, python3, tcpdump and ethtool.
set -eu
out=$(realpath "$1"); script=$(dirname "$(realpath "$0")")/name_attacks.py
here=tn$$ server=10.20.0.20 client=10.20.3.66
cleanup() {
  for n in a b; do for p in $(ip netns pids "$here$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done; done
  wait
  for n in a b; do ip netns del "$here$n" 2>/dev/null || true; done
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$here$n" "$@"; }
await() { for _ in $(seq 600); do "$@" && return; sleep 0.1; done; echo "in vain: $*"; return 1; }
listens() { in_ns b ss -Hlun | grep -q ":$1 "; }
for n in a b; do
  ip netns add "$here$n"
  in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  in_ns $n ip link set lo up
done
ip link add eth0 netns "${here}a" address 02:00:00:00:00:0a type veth peer name eth0 address 02:00:00:00:00:0b netns "${here}b"
in_ns a ip address add $client/16 broadcast 10.20.255.255 dev eth0; in_ns b ip address add $server/16 broadcast 10.20.255.255 dev eth0
for n in a b; do in_ns $n ip link set eth0 up; in_ns $n ethtool -K eth0 tx off >/dev/null 2>&1 || true; in_ns $n ip route add default dev eth0; done

play() { # name, what the server does, its last port, what the client does, with whose address
  ip netns exec "${here}b" tcpdump -i eth0 -U -w "$out/$1.pcap" -q udp 2>/dev/null & tap=$!
  ip netns exec "${here}b" python3 "$script" "$2" $server & answers=$! # not by in_ns: the program's own number
  await listens "$3"; await test -s "$out/$1.pcap"
  in_ns a python3 "$script" "$4" "$5"
  size=-1
  await settled "$out/$1.pcap"
  kill $tap $answers; wait $tap $answers 2>/dev/null || true
}
settled() { local before=$size; sleep 1; size=$(stat -c %s "$1"); [ "$size" = "$before" ]; }
play poisoning answer 5353 ask $client
play dnscat shell 53 type $server
