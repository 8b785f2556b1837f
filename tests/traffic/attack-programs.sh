#!/usr/bin/env bash
# attack-programs.sh FOLDER - what real programs of attacks say between two network namespaces, a capture for each: guessing.pcap (hydra
# against vsftpd, OpenSSH and an HTTP log-in) and ransom.pcap (smbclient overwrites and renames on a share of Samba, and leaves notes).
# tests/golden/attack-programs.test reads what it recorded; of guessing.pcap eight whole connections to OpenSSH were left out for size.
# Needs root and: hydra vsftpd openssh-server samba smbclient python3 tcpdump ethtool. SSHD names another sshd.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-att.XXXXXX); here=ta$$
server=10.20.0.20 client=10.20.3.66
cleanup() {
  [ -n "${done:-}" ] || tail -n 25 "$work"/*.log 2>/dev/null || true
  for n in a b; do for p in $(ip netns pids "$here$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done; done
  sleep 1
  for n in a b; do ip netns del "$here$n" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$here$n" "$@"; }
start() { local n=$1; shift; ip netns exec "$here$n" "$@" & last=$!; } # the program's own number, so that it can be ended
await() { for _ in $(seq 100); do in_ns "$1" ss -Hltun | grep -q ":$2 " && return; sleep 0.1; done; echo "nobody listens on $2"; return 1; }
record() { start b tcpdump -i eth0 -U -w "$out/$1.pcap" -q 2>/dev/null; tap=$last; sleep 1; }
stop() { sleep 1; kill "$@" 2>/dev/null || true; wait "$@" 2>/dev/null || true; }
cd "$work"; chmod 755 .
for n in a b; do
  ip netns add "$here$n"
  in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  in_ns $n ip link set lo up
done
ip link add eth0 netns "${here}a" address 02:00:00:00:00:0a type veth peer name eth0 address 02:00:00:00:00:0b netns "${here}b"
in_ns a ip address add $client/16 broadcast 10.20.255.255 dev eth0; in_ns b ip address add $server/16 broadcast 10.20.255.255 dev eth0
for n in a b; do in_ns $n ip link set eth0 up; in_ns $n ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1 || true; done
in_ns a ip route add default dev eth0; in_ns b ip route add default dev eth0

# hydra: forty wrong words for one name
for i in $(seq 40); do echo "wrong-word-$i"; done >words
mkdir -p empty; chmod 555 empty
printf '%s\n' listen=YES listen_ipv6=NO local_enable=YES anonymous_enable=NO "secure_chroot_dir=$work/empty" max_login_fails=3 delay_failed_login=0 background=NO >vsftpd.conf
start b vsftpd "$work/vsftpd.conf" >vsftpd.log 2>&1
ssh-keygen -q -t ed25519 -N '' -f host; mkdir -p /run/sshd
(grep -v ^sshd: /etc/passwd; echo "sshd:x:65533:65534::/nonexistent:/usr/sbin/nologin") >passwd
start b bash -c 'mount --bind passwd /etc/passwd && exec "$@"' - "${SSHD:-$(command -v sshd)}" -f /dev/null -D -p 22 -o HostKey="$work/host" -o UsePAM=no -o PidFile=none -o MaxStartups=100 -o MaxAuthTries=3 >sshd.log 2>&1
cat >login.py <<'PY'
import http.server, sys
class Login(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401); self.send_header("WWW-Authenticate", 'Basic realm="school"'); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer((sys.argv[1], 80), Login).serve_forever()
PY
start b python3 login.py $server >http.log 2>&1
await b 21; await b 22; await b 80
record guessing
in_ns a hydra -q -l anna -P words -t 8 ftp://$server >hydra.log 2>&1 || true
in_ns a hydra -q -l anna -P words -t 4 ssh://$server >>hydra.log 2>&1 || true
in_ns a hydra -q -l anna -P words -t 8 "http-get://$server/login" >>hydra.log 2>&1 || true
stop "$tap"

# Samba: a share with folders; every file is overwritten, gets another ending, and each folder a note
mkdir -p smb share
for d in plans grades photos music; do
  mkdir -p share/$d
  for i in $(seq 9); do echo "text $d $i" >"share/$d/file$i.$(set -- docx xlsx jpg; shift $((i % 3)); echo "$1")"; done
done
chmod -R a+rwX smb share
cat >smb.conf <<EOF
[global]
  workgroup = SCHOOL
  netbios name = FILES
  map to guest = Bad User
  guest account = root
  smb ports = 445
  disable spoolss = yes
  load printers = no
  private dir = $work/smb
  lock directory = $work/smb
  state directory = $work/smb
  cache directory = $work/smb
  pid directory = $work/smb
  ncalrpc dir = $work/smb/ncalrpc
  log file = $work/smb.log
[teachers]
  path = $work/share
  read only = no
  guest ok = yes
EOF
start b smbd -s "$work/smb.conf" -F >/dev/null 2>&1
await b 445
head -c 300 /dev/urandom >sealed; echo "pay" >note
for d in plans grades photos music; do
  echo "put note $d\\HOW_TO_DECRYPT.txt"
  for f in share/$d/*; do n=$(basename "$f"); echo "put sealed $d\\$n"; echo "rename $d\\$n $d\\$n.locked"; done
done >deeds
record ransom
in_ns a smbclient -N -U guest% //$server/teachers <deeds >smbclient.log 2>&1 || true
stop "$tap"

done=1
