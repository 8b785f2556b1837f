#!/usr/bin/env bash
# tunnel-programs.sh OUT.pcap - real programs that carry other traffic, and one that says who somebody is, between two network
# namespaces: OpenVPN (UDP, TCP on 443), iodine (IP in DNS), OpenSSH as a SOCKS proxy (-D) for curl, FreeRADIUS with radclient (a login,
# a refusal, accounting). tests/golden/tunnels.test reads what it recorded. Needs root, /dev/net/tun and: openvpn iodine openssh-client
# openssh-server curl python3 openssl freeradius freeradius-utils tcpdump ethtool.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-tun.XXXXXX); here=tt$$
cleanup() {
  [ -e "$out" ] || tail -n 25 "$work"/*.log 2>/dev/null || true
  for n in a b; do
    for p in $(ip netns pids "$here$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done
    ip netns del "$here$n" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$here$n" "$@"; }
await() { # namespace, port: until somebody listens there
  for _ in $(seq 100); do in_ns "$1" ss -Hltun | grep -q ":$2 " && return; sleep 0.1; done
  echo "nobody listens on $2"; return 1
}
reach() { # namespace, address: until it refuses a connection, so it is there
  for _ in $(seq 50); do in_ns "$1" timeout 2 bash -c "exec 3<>/dev/tcp/$2/9" 2>&1 | grep -q refused && return; sleep 0.2; done
  echo "$2 does not answer"; return 1
}
cd "$work"; chmod 755 .
for n in a b; do
  ip netns add "$here$n"
  in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  in_ns $n ip link set lo up
done
ip link add eth0 netns "${here}a" address 02:00:00:00:00:0a type veth peer name eth0 address 02:00:00:00:00:0b netns "${here}b"
in_ns a ip address add 192.0.2.10/24 dev eth0; in_ns b ip address add 192.0.2.1/24 dev eth0
for n in a b; do in_ns $n ip link set eth0 up; in_ns $n ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1 || true; done
in_ns b tcpdump -i eth0 -U -w all.pcap -q 2>/dev/null &
sleep 1

# OpenVPN: both ends authenticate by certificates of one authority; over UDP, then over TCP where HTTPS would be
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Example CA" -keyout ca.key -out ca.pem 2>/dev/null
issue() { # name, use
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile <(echo "extendedKeyUsage=$2") -out "$1.pem" 2>/dev/null
}
issue vpn.example.net serverAuth; issue pupil clientAuth
vpn() { # protocol, port, network
  local server_proto=udp client_proto=udp
  [ "$1" = tcp ] && server_proto=tcp-server client_proto=tcp-client
  in_ns b openvpn --dev tun --proto $server_proto --port "$2" --server "$3.0" 255.255.255.0 --topology subnet --dh none --ca ca.pem \
    --cert vpn.example.net.pem --key vpn.example.net.key --verb 3 >"server$2.log" 2>&1 & local server=$!
  await b "$2"
  in_ns a openvpn --dev tun --proto $client_proto --remote 192.0.2.1 "$2" --nobind --client --ca ca.pem --cert pupil.pem --key pupil.key \
    --verb 3 >"client$2.log" 2>&1 & local client=$!
  reach a "$3.1"
  kill "$client" "$server"; wait "$client" "$server" 2>/dev/null || true
}
vpn udp 1194 10.8.0
vpn tcp 443 10.8.1

# iodine: IP in the names of DNS questions
in_ns b iodined -f -c -P first-word 10.9.0.1/24 t.example.net >iodined.log 2>&1 & server=$!
await b 53
in_ns a iodine -f -r -P first-word 192.0.2.1 t.example.net >iodine.log 2>&1 & client=$!
reach a 10.9.0.1
kill $client $server; wait $client $server 2>/dev/null || true

# OpenSSH: somebody's -D, open to the neighbours, who go through it to a web server
ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f pupil.ssh
mkdir -p /run/sshd; cp pupil.ssh.pub authorized; chmod 600 authorized
in_ns b "$(command -v sshd)" -f /dev/null -D -p 22 -o HostKey="$work/host" -o AuthorizedKeysFile="$work/authorized" -o StrictModes=no -o UsePAM=no \
  -o PidFile=none -o PermitRootLogin=yes >sshd.log 2>&1 &
mkdir www; echo "a page" >www/page.txt
in_ns b python3 -m http.server --directory www 8000 >http.log 2>&1 &
await b 22; await b 8000
in_ns a ssh -N -D 192.0.2.10:1080 -g -p 22 -i pupil.ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@192.0.2.1 >ssh.log 2>&1 &
await a 1080
in_ns b curl -sf --socks5-hostname 192.0.2.10:1080 http://192.0.2.1:8000/page.txt >page
in_ns b curl -sf --socks4 192.0.2.10:1080 http://192.0.2.1:8000/page.txt >page
cmp -s page www/page.txt

# FreeRADIUS: one login that fits, one that does not, and a session's beginning and end
mkdir -p raddb; lib=$(ls -d /usr/lib/freeradius "${RADIUS_LIB:-/nowhere}" 2>/dev/null | tail -1)
cat >raddb/radiusd.conf <<CONF
prefix = $work
libdir = $lib
raddbdir = $work/raddb
run_dir = $work
pidfile = $work/radius.pid
security { allow_vulnerable_openssl = yes }
client school { ipaddr = 192.0.2.0/24
  secret = second-word
}
modules {
  pap {
  }
  files {
    filename = $work/raddb/users
  }
  always ok {
    rcode = ok
  }
}
server default {
  listen { type = auth
    ipaddr = 192.0.2.1
    port = 1812
  }
  listen { type = acct
    ipaddr = 192.0.2.1
    port = 1813
  }
  authorize {
    files
    pap
  }
  authenticate {
    Auth-Type PAP {
      pap
    }
  }
  accounting {
    ok
  }
}
CONF
echo 'anna Cleartext-Password := "third-word"' >raddb/users
in_ns b freeradius -X -d raddb -n radiusd ${RADIUS_DICTIONARY:+-D "$RADIUS_DICTIONARY"} >radius.log 2>&1 &
await b 1812; await b 1813
ask() { in_ns a radclient ${RADIUS_DICTIONARY:+-D "$RADIUS_DICTIONARY"} -r 1 -t 2 "192.0.2.1:$1" "$2" second-word >/dev/null 2>&1 || true; }
who='User-Name=anna,NAS-Identifier=ap-7,Calling-Station-Id=02-00-00-00-00-17'
echo "$who,User-Password=third-word" | ask 1812 auth
echo "$who,User-Password=wrong-word" | ask 1812 auth
for s in Start Stop; do echo "$who,Acct-Status-Type=$s,Acct-Session-Id=17,Framed-IP-Address=10.20.1.5" | ask 1813 acct; done
sleep 1
cp all.pcap "$out"
