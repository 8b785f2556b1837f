#!/usr/bin/env bash
# encrypted.sh OUT.pcap - real programs that encrypt, on the loopback of a network namespace of their own: OpenSSL (TLS 1.0 to 1.3,
# resumption, a client's certificate, a retry, a stapled OCSP answer, DTLS), OpenSSH (a key that fits, one that does not), ngtcp2
# (HTTP/3), nghttpd and nghttpx with curl (HTTP/2 by prior knowledge and by upgrade), python3-websockets. tests/golden/encrypted.test reads what
# it recorded. Needs root and: openssl openssh-client openssh-server curl nghttp2-server nghttp2-proxy ngtcp2-client ngtcp2-server
# python3-websockets tcpdump.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-enc.XXXXXX); ns=te$$
cleanup() {
  for p in $(ip netns pids $ns 2>/dev/null); do kill "$p" 2>/dev/null || true; done
  ip netns del $ns 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
in_ns() { ip netns exec $ns "$@"; }
ip netns add $ns
in_ns ip link set lo up
in_ns ip link set lo mtu 1500
in_ns ip address add 192.0.2.1/32 dev lo
cd "$work"

# a small authority, a server's and a client's certificate, an OCSP answer for the server's
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/O=Example School/CN=Example CA" -keyout ca.key -out ca.pem 2>/dev/null
issue() { # name, subject, extensions
  openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "$4" -days 20 -extfile <(echo "$3") -out "$1.pem" 2>/dev/null
}
issue server "/O=Example School/CN=learn.example.net" "subjectAltName=DNS:learn.example.net,DNS:*.example.org" 0x1001
issue client "/CN=tablet-17" "extendedKeyUsage=clientAuth" 0x1002
printf 'V\t301231235959Z\t\t1001\tunknown\t/O=Example School/CN=learn.example.net\n' >index.txt
openssl ocsp -issuer ca.pem -cert server.pem -reqout ocsp.req -no_nonce 2>/dev/null
openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin ocsp.req -respout ocsp.der -ndays 3 >/dev/null 2>&1

in_ns tcpdump -i lo -U -w "$work/all.pcap" -q 2>/dev/null &
sleep 1

await() { # ports, of TCP or UDP: until somebody listens there
  local p n
  for p in "$@"; do
    for n in $(seq 100); do in_ns ss -Hltun | grep -q ":$p " && continue 2; sleep 0.1; done
    echo "nobody listens on $p"; return 1
  done
}
serve() { in_ns openssl s_server -accept "192.0.2.1:$1" -cert server.pem -key server.key -cert_chain ca.pem -quiet "${@:2}" >/dev/null 2>&1 & }
dial() { # port, options
  (echo hello; sleep 0.5) | in_ns timeout 5 openssl s_client -connect "192.0.2.1:$1" -servername learn.example.net -quiet "${@:2}" >/dev/null 2>&1 || true
}
serve 8443 -alpn h2,http/1.1
serve 8444 -groups P-384
serve 8445 -Verify 1 -CAfile ca.pem
serve 8446 -status_file ocsp.der
serve 8447 -cipher ALL:@SECLEVEL=0
serve 8448 -dtls1_2 -listen
await 8443 8444 8445 8446 8447 8448
dial 8443 -tls1_3 -alpn h2,http/1.1
dial 8443 -tls1_2 -sess_out session12
dial 8443 -tls1_2 -sess_in session12
dial 8444 -tls1_3 -groups X25519:P-384
dial 8445 -tls1_2 -cert client.pem -key client.key
dial 8446 -tls1_2 -status
dial 8447 -tls1 -cipher ALL:@SECLEVEL=0
dial 8443 -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 # refused: the key is RSA
dial 8448 -dtls1_2 -mtu 600

# ssh: a key that the server knows, one that it does not
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ed25519 -N '' -f good
ssh-keygen -q -t ed25519 -N '' -f bad
cp good.pub authorized; chmod 755 "$work"; mkdir -p /run/sshd
cat >sshd.conf <<EOF
Port 2222
ListenAddress 192.0.2.1
HostKey $work/host
AuthorizedKeysFile $work/authorized
StrictModes no
PidFile none
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
EOF
in_ns "$(command -v sshd)" -D -f "$work/sshd.conf" >/dev/null 2>&1 &
await 2222
for key in good bad; do
  in_ns ssh -F /dev/null -p 2222 -i $key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -l "$(id -un)" 192.0.2.1 true </dev/null >/dev/null 2>&1 || true
done

# HTTP/2 in clear text, HTTP/3, WebSocket
mkdir www; for i in $(seq 40); do echo "<p>Lesson $i</p>"; done >www/lesson.html
in_ns nghttpd --no-tls -d www --address=192.0.2.1 8080 >/dev/null 2>&1 &
in_ns nghttpx --conf=/dev/null --workers=1 -f'192.0.2.1,8082;no-tls' -b'192.0.2.1,8080;;proto=h2' >/dev/null 2>&1 &
in_ns gtlsserver -q -d www 192.0.2.1 4433 server.key server.pem >/dev/null 2>&1 &
cat >ws.py <<'EOF'
import asyncio, sys, websockets
async def echo(socket, *path):
    await socket.send(await socket.recv())
async def main():
    async with websockets.serve(echo, "192.0.2.1", 8081, subprotocols=["chat"]):
        async with websockets.connect("ws://192.0.2.1:8081/room", subprotocols=["chat"]) as socket:
            await socket.send("hello")
            await socket.recv()
asyncio.run(main())
EOF
await 8080 8082 4433
in_ns curl -s --http2-prior-knowledge -o /dev/null -A lesson-reader -d question=42 http://192.0.2.1:8080/lesson.html
in_ns curl -s --http2 -o /dev/null -A lesson-reader http://192.0.2.1:8082/lesson.html
in_ns timeout 5 gtlsclient -q --exit-on-all-streams-close 192.0.2.1 4433 https://learn.example.net/lesson.html >/dev/null 2>&1 || true
in_ns timeout 5 python3 ws.py
sleep 1
cp "$work/all.pcap" "$out"
