#!/usr/bin/env bash
# ipsec.sh OUT.pcap - strongSwan between two network namespaces, with its own ESP (kernel-libipsec: the kernel needs no XFRM): IKEv2 with
# a shared secret, a page through the tunnel, new keys, the end; the wrong secret; IKEv1 (main mode). Behind it stunnel: a text
# protocol carried in TLS. tests/golden/ipsec.test reads what it recorded. Needs root, /dev/net/tun and: strongswan-charon
# strongswan-swanctl libcharon-extra-plugins stunnel4 openssl python3 tcpdump ethtool.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-ipsec.XXXXXX); here=ti$$
cleanup() {
  [ -e "$out" ] || tail -n 25 "$work"/*.log "$work"/*.out 2>/dev/null || true
  for n in a b; do
    for p in $(ip netns pids "$here$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done
    ip netns del "$here$n" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$here$n" "$@"; }
cd "$work"
for n in a b; do
  ip netns add "$here$n"
  in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  in_ns $n ip link set lo up
done
ip link add eth0 netns "${here}a" address 02:00:00:00:00:0a type veth peer name eth0 address 02:00:00:00:00:0b netns "${here}b"
in_ns a ip address add 192.0.2.10/24 dev eth0; in_ns b ip address add 192.0.2.1/24 dev eth0
in_ns a ip address add 10.40.0.1/32 dev lo; in_ns b ip address add 10.41.0.1/32 dev lo
for n in a b; do in_ns $n ip link set eth0 up; in_ns $n ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1 || true; done

# a dials, b answers; "wrong" has another secret
connection() { # name, local id, remote id, local address, remote address, local net, remote net, version
  cat <<EOF
  $1 {
    version = $8
    local_addrs = $4
    remote_addrs = $5
    proposals = aes128-sha256-x25519
    local { auth = psk
      id = $2 }
    remote { auth = psk
      id = $3 }
    children { net { local_ts = $6
        remote_ts = $7
        esp_proposals = aes128-sha256-x25519 } }
  }
EOF
}
{
  echo "connections {"
  connection two client.example gate.example 192.0.2.10 192.0.2.1 10.40.0.1/32 10.41.0.1/32 2
  connection wrong stranger.example gate.example 192.0.2.10 192.0.2.1 10.40.0.1/32 10.41.0.1/32 2
  connection one client.example gate.example 192.0.2.10 192.0.2.1 10.40.0.1/32 10.41.0.1/32 1
  echo "}"
  echo "secrets { ike-a { id = client.example
    secret = first-word }
  ike-b { id = stranger.example
    secret = other-word } }"
} >a.swanctl
{
  echo "connections {"
  connection two gate.example %any 192.0.2.1 192.0.2.10 10.41.0.1/32 10.40.0.1/32 2
  connection one gate.example %any 192.0.2.1 192.0.2.10 10.41.0.1/32 10.40.0.1/32 1
  echo "}"
  echo "secrets { ike-a { secret = first-word } }"
} >b.swanctl
for n in a b; do
  cat >$n.conf <<EOF
charon {
  load = random nonce aes sha1 sha2 hmac curve25519 kdf pem pkcs1 x509 pubkey kernel-libipsec kernel-netlink socket-default vici
  plugins { vici { socket = unix://$work/$n.vici } }
  filelog { log { path = $work/$n.log
      flush_line = yes
      default = 1 } }
}
EOF
  # the pid file has one place: each has a /run of its own
  STRONGSWAN_CONF=$work/$n.conf in_ns $n unshare -m sh -c 'mount -t tmpfs none /run && exec /usr/lib/ipsec/charon' >>"$n.out" 2>&1 &
done
in_ns b tcpdump -i eth0 -U -w all.pcap -q 2>/dev/null &
for n in a b; do
  for _ in $(seq 100); do [ -S $n.vici ] && break; sleep 0.1; done
  SWANCTL_DIR=$work in_ns $n swanctl --load-all --uri "unix://$work/$n.vici" --file "$work/$n.swanctl" >>"$n.out" 2>&1
done
swan() { in_ns a timeout 20 swanctl "$@" --uri "unix://$work/a.vici" >>a.out 2>&1; }
fetch() { in_ns a python3 -c "import urllib.request; urllib.request.urlopen('http://$1/page.txt', timeout=9).read()"; }
mkdir web; echo "nothing to see" >web/page.txt
for at in 10.41.0.1:8001 127.0.0.1:8000; do in_ns b python3 -m http.server -d web -b ${at%:*} ${at#*:} >>b.out 2>&1 & done
sleep 1
swan --initiate --child net --ike two
fetch 10.41.0.1:8001
swan --rekey --child net --ike two; sleep 1
fetch 10.41.0.1:8001
swan --terminate --ike two
swan --initiate --child net --ike wrong && { echo "the wrong secret was taken"; exit 1; }
swan --initiate --child net --ike one
fetch 10.41.0.1:8001
swan --terminate --ike one

# stunnel: what both ends take for plain text
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=gate.example" -keyout key.pem -out cert.pem 2>/dev/null
printf 'foreground = yes\npid =\n[in]\naccept = 192.0.2.1:9443\nconnect = 127.0.0.1:8000\ncert = %s/cert.pem\nkey = %s/key.pem\n' "$work" "$work" >b.stunnel
printf 'foreground = yes\npid =\n[out]\nclient = yes\naccept = 127.0.0.1:8000\nconnect = 192.0.2.1:9443\nsni = gate.example\n' >a.stunnel
for n in b a; do in_ns $n stunnel "$work/$n.stunnel" >>$n.out 2>&1 & done
for _ in $(seq 100); do in_ns a ss -Hltn | grep -q :8000 && in_ns b ss -Hltn | grep -q :9443 && break; sleep 0.1; done
fetch 127.0.0.1:8000
sleep 1
cp all.pcap "$out"
