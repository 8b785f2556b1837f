#!/usr/bin/env bash
# real-programs.sh OUT.pcap - real programs at the addresses of the sample day: dhclient and dnsmasq, dig, curl and nginx (plain,
# TLS 1.2 and 1.3), and nmap, each in a network namespace on one switch whose frames are captured. The link to nowhere else.
# make-day.py puts the capture into the day. Needs root and: dnsmasq isc-dhcp-client bind9-dnsutils curl nginx openssl nmap tcpdump.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-real.XXXXXX); id=tr$$
nodes="dhcp dns gw files cb14 cb15"
cleanup() {
  for n in $nodes sw; do
    for p in $(ip netns pids "$id-$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done
    ip netns del "$id-$n" 2>/dev/null || true
    rm -rf "/etc/netns/$id-$n"
  done
  rm -rf "$work"
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$id-$n" "$@"; }

ip netns add "$id-sw"
in_ns sw ip link add br0 type bridge stp_state 0
in_ns sw sysctl -qw net.ipv6.conf.all.disable_ipv6=1
in_ns sw ip link set br0 up
node() { # name, hardware address, addresses…
  local n=$1 mac=$2; shift 2
  ip netns add "$id-$n"
  ip link add eth0 netns "$id-$n" address "$mac" type veth peer name "$n" netns "$id-sw"
  in_ns sw ip link set "$n" master br0 up
  in_ns "$n" ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1 || true
  in_ns sw ethtool -K "$n" tx off gso off tso off gro off >/dev/null 2>&1 || true
  in_ns "$n" ip link set lo up
  in_ns "$n" ip link set eth0 up
  for a in "$@"; do in_ns "$n" ip address add "$a" dev eth0; done
}
in_ns sw tcpdump -i br0 -U -w "$work/all.pcap" -q 2>/dev/null &
sleep 1
node dhcp 02:00:5e:00:00:02 10.20.0.2/16
node dns 02:00:5e:00:00:53 10.20.0.53/16
node files 02:00:5e:00:00:20 10.20.0.20/16
node gw 02:00:5e:00:03:01 10.20.3.1/16 198.51.100.80/32 198.51.100.81/32
node cb14 02:00:5e:00:03:0e
node cb15 02:00:5e:00:03:0f 10.20.3.15/16
for n in dhcp dns files cb15; do in_ns $n ip route add default via 10.20.3.1; done
for n in cb14 cb15; do mkdir -p "/etc/netns/$id-$n"; echo "nameserver 10.20.0.53" >"/etc/netns/$id-$n/resolv.conf"; done

# the servers
in_ns dhcp dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=eth0 --bind-interfaces --dhcp-leasefile="$work/leases" \
  --dhcp-range=10.20.3.100,10.20.3.120,255.255.0.0,1h --dhcp-host=02:00:5e:00:03:0e,10.20.3.14 --dhcp-option=3,10.20.3.1 \
  --dhcp-option=6,10.20.0.53 --dhcp-authoritative --no-ping >"$work/dhcp.log" 2>&1 &
in_ns dns dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --listen-address=10.20.0.53 --bind-interfaces \
  --address=/www.example.org/198.51.100.80 --address=/learn.example.net/198.51.100.81 --mx-host=example.org,mail.example.org,10 \
  --txt-record=example.org,v=spf1 >"$work/dns.log" 2>&1 &
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/O=Example Learning/CN=learn.example.net" \
  -addext "subjectAltName=DNS:learn.example.net" -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
mkdir "$work/www"
for i in $(seq 200); do echo "<p>Lesson $i of the sample day, text that compresses well.</p>"; done >"$work/www/lesson.html"
head -c 20000 /dev/zero >"$work/www/plan.bin"
cat >"$work/nginx.conf" <<EOF
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.err; user root;
events { }
http {
  access_log off; types { text/html html; } default_type application/octet-stream; server_tokens off; gzip on; gzip_min_length 100;
  client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  server { listen 198.51.100.80:80; root $work/www; }
  server { listen 198.51.100.81:443 ssl; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
           ssl_protocols TLSv1.2 TLSv1.3; root $work/www; }
}
EOF
in_ns gw nginx -c "$work/nginx.conf" &
sleep 1

# the clients
printf 'send host-name "cb-014";\nrequest subnet-mask, routers, domain-name-servers;\n' >"$work/dhclient.conf"
printf '#!/bin/sh\n[ -n "$new_ip_address" ] && ip address replace "$new_ip_address/16" dev eth0 && ip route replace default via "$new_routers"\nexit 0\n' >"$work/script"
chmod +x "$work/script"
in_ns cb14 dhclient -1 -cf "$work/dhclient.conf" -lf "$work/client.leases" -pf "$work/dhclient.pid" -sf "$work/script" eth0 2>"$work/dhclient.log"
sleep 1
in_ns cb14 dig +tries=1 +time=2 www.example.org A learn.example.net A example.org MX example.org TXT >/dev/null
in_ns cb14 dig +tries=1 +time=2 +tcp www.example.org AAAA >/dev/null
in_ns cb14 curl -s --compressed -o /dev/null http://www.example.org/lesson.html http://www.example.org/plan.bin
in_ns cb14 curl -s -o /dev/null -o /dev/null http://www.example.org/nothing.html -I http://www.example.org/lesson.html
in_ns cb14 curl -s -o /dev/null -F "homework=@$work/www/lesson.html" http://www.example.org/upload
in_ns cb14 curl -sk --tls-max 1.2 -o /dev/null https://learn.example.net/lesson.html
in_ns cb14 curl -sk --tlsv1.3 -o /dev/null https://learn.example.net/lesson.html
in_ns cb15 nmap -n -Pn -sS --max-retries 0 -p 1-60,8000-8040 10.20.0.20 >/dev/null
in_ns cb14 dhclient -r -cf "$work/dhclient.conf" -lf "$work/client.leases" -pf "$work/dhclient.pid" -sf "$work/script" eth0 2>/dev/null || true
sleep 1
kill "$(ip netns pids "$id-sw" | head -1)"; sleep 1
cp "$work/all.pcap" "$out"
echo "$out: $(tcpdump -r "$out" 2>/dev/null | wc -l) frames"
