#!/usr/bin/env bash
# text-programs.sh OUT.pcap - real programs of the text and database protocols, a client and a server in two network namespaces
# joined by one cable whose frames are captured: vsftpd, aiosmtpd and swaks, dovecot (POP3, IMAP), redis, mosquitto, ngircd,
# microsocks, logger, with curl as the client of most. The word MARKER stands in every password, mail, payload and value: it must
# appear in no event. Needs root and the Debian packages: vsftpd python3-aiosmtpd swaks dovecot-imapd dovecot-pop3d redis-server
# mosquitto mosquitto-clients ngircd microsocks curl bsdutils tcpdump.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-text.XXXXXX); id=tx$$
server=10.20.0.61 client=10.20.3.61
cleanup() {
  for n in srv cli; do
    for p in $(ip netns pids "$id-$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done
  done
  sleep 1
  for n in srv cli; do ip netns del "$id-$n" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$id-$n" "$@"; }
ip netns add "$id-srv"; ip netns add "$id-cli"
ip link add eth0 netns "$id-srv" address 02:00:5e:00:00:61 type veth peer name eth0 netns "$id-cli" address 02:00:5e:00:03:61
for n in srv cli; do
  in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  in_ns $n ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1 || true
  in_ns $n ip link set lo up; in_ns $n ip link set eth0 up
done
in_ns srv ip address add $server/16 dev eth0
in_ns cli ip address add $client/16 dev eth0

# the servers
mkdir -p "$work/ftp" "$work/mail/anna" "$work/run" "$work/empty"; chmod 755 "$work" "$work/ftp"; chmod 777 "$work/mail" "$work/mail/anna"
echo "a lesson, to be read" >"$work/ftp/lesson.txt"
cat >"$work/vsftpd.conf" <<EOF
listen=YES
listen_address=$server
background=NO
anonymous_enable=YES
local_enable=NO
anon_root=$work/ftp
secure_chroot_dir=$work/empty
seccomp_sandbox=NO
EOF
cat >"$work/dovecot.conf" <<EOF
base_dir = $work/run
log_path = $work/dovecot.log
protocols = imap pop3
listen = $server
ssl = no
disable_plaintext_auth = no
mail_location = mbox:$work/mail/%u:INBOX=$work/mail/%u/inbox
mail_privileged_group =
first_valid_uid = 1
passdb {
  driver = static
  args = password=MARKER
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$work/mail/%u
}
EOF
printf 'From a@b Thu Jan  1 00:00:00 2026\nSubject: MARKER\nFrom: MARKER <m@MARKER>\n\nMARKER in a mail\n\n' >"$work/mail/anna/inbox"
chown -R mail:mail "$work/mail"
printf 'listener 1883 %s\nallow_anonymous true\n' $server >"$work/mosquitto.conf"
printf '[Global]\nName = irc.example.org\nInfo = test\nListen = %s\nPorts = 6667\nServerUID = irc\nServerGID = irc\nPidFile =\n[Options]\nPAM = no\nIdent = no\nDNS = no\nSyslogFacility = local1\n' $server >"$work/ngircd.conf"
in_ns srv vsftpd "$work/vsftpd.conf" >"$work/vsftpd.log" 2>&1 &
in_ns srv /usr/bin/python3 -m aiosmtpd -n -c aiosmtpd.handlers.Sink -l $server:25 >"$work/smtp.log" 2>&1 &
in_ns srv dovecot -F -c "$work/dovecot.conf" >"$work/dovecot.out" 2>&1 &
in_ns srv redis-server --bind $server --requirepass MARKER --save '' --dir "$work" >"$work/redis.log" 2>&1 &
in_ns srv mosquitto -c "$work/mosquitto.conf" >"$work/mosquitto.log" 2>&1 &
in_ns srv ngircd -n -f "$work/ngircd.conf" >"$work/ngircd.log" 2>&1 &
in_ns srv microsocks -i $server -p 1080 -u anna -P MARKER >"$work/socks.log" 2>&1 &
in_ns srv /usr/bin/python3 -m http.server --bind $server --directory "$work/ftp" 8000 >"$work/http.log" 2>&1 &
sleep 5
in_ns cli tcpdump -i eth0 -U -w "$work/all.pcap" -q tcp or udp 2>/dev/null &
sleep 2

# the clients
get() { in_ns cli curl -s -m 20 -o /dev/null "$@" || echo "curl $*: $?" >&2; }
get ftp://$server/lesson.txt
get -P - --disable-eprt ftp://$server/lesson.txt
get -u anna:MARKER ftp://$server/lesson.txt || true
echo MARKER >"$work/MARKER.doc"
in_ns cli swaks --server $server --helo cb-061.example.org --from anna@example.org --to "MARKER@school.example,MARKER2@other.example" \
  --header "Subject: MARKER" --body "MARKER" --attach-type application/msword --attach "@$work/MARKER.doc" >/dev/null
get -u anna:MARKER pop3://$server/1
get -u anna:MARKER -l pop3://$server/
get -u anna:MARKER "imap://$server/INBOX;MAILINDEX=1"
in_ns cli redis-cli -h $server ping >/dev/null || true
in_ns cli redis-cli -h $server --no-auth-warning -a MARKER set lesson MARKER >/dev/null
in_ns cli mosquitto_sub -h $server -t 'school/#' -C 1 -i viewer >/dev/null &
sleep 2
in_ns cli mosquitto_pub -h $server -t school/bell -m MARKER -q 1 -i bell
get --socks5 anna:MARKER@$server:1080 http://$server:8000/lesson.txt
in_ns cli bash -c "exec 3<>/dev/tcp/$server/6667; printf 'NICK anna\r\nUSER anna 0 * :Anna\r\n' >&3; sleep 2; printf 'JOIN #class\r\nPRIVMSG #class :MARKER\r\nQUIT\r\n' >&3; timeout 3 cat <&3 >/dev/null" || true
in_ns cli logger -n $server -P 514 -d --rfc3164 -p auth.warning MARKER
sleep 3
in_ns cli bash -c true
for p in $(ip netns pids "$id-cli"); do kill "$p" 2>/dev/null || true; done
sleep 1
cp "$work/all.pcap" "$out"
