"""hostile_tls - senders that are no good over TLS: certificates that are expired, of nobody or huge, data before the handshake, renegotiation, heartbeats, half of a handshake."""
import os
import socket
import ssl
import struct
import subprocess

NAMES = 5000  # of a huge certificate: some 170 KB


def openssl(*words, given=None, seconds=20):
    try:
        return subprocess.run(["openssl", *words], input=given, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(words, 99, late.stdout or b"", late.stderr or b"")


def certificates(work):
    """A CA, the sensor's own, and clients': good, expired, self-signed, huge. false: openssl cannot."""
    def signed(name, days, *more):
        made = openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", "%s/%s.key" % (work, name), "-out", "%s/%s.csr" % (work, name)).returncode
        return made or openssl("x509", "-req", "-in", "%s/%s.csr" % (work, name), "-CA", work + "/ca.crt", "-CAkey", work + "/ca.key", "-CAcreateserial", "-days", str(days),
                               "-out", "%s/%s.crt" % (work, name), *more).returncode
    with open(work + "/names", "w") as f:
        f.write("subjectAltName=" + ",".join("DNS:a-name-of-many-%d.example" % i for i in range(NAMES)))
    bad = [openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", "%s/%s.key" % (work, name), "-out", "%s/%s.crt" % (work, name)).returncode
           for name in ("ca", "self")]
    bad += [signed("sensor", 2), signed("good", 2), signed("expired", -1), signed("huge", 2, "-extfile", work + "/names")]
    return not any(bad)


def connect(port, source):
    return socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))


def says(work, port, name, source, line):
    """A client with this certificate says a line; whether it was let in, as far as a client sees: TLS 1.3 tells it with the first read."""
    context = ssl._create_unverified_context()
    if name:
        context.load_cert_chain("%s/%s.crt" % (work, name), "%s/%s.key" % (work, name))
    try:
        with context.wrap_socket(connect(port, source)) as s:
            s.sendall(line)
            s.settimeout(2)
            try:
                return bool(s.recv(100))  # an end, or what went wrong
            except TimeoutError:
                return True  # nothing is answered, and the connection stands
    except OSError:
        return False


def early(work, port, line, spare):
    """A session that another server gave is brought to the sensor, with data before the handshake; what s_client says of it. spare: a free port for that server."""
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % spare, "-cert", work + "/sensor.crt", "-key", work + "/sensor.key", "-tls1_3", "-early_data", "-quiet"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(work + "/early", "wb") as f:
        f.write(line)
    client = ["s_client", "-tls1_3", "-connect"]
    for _ in range(20):
        openssl(*client, "127.0.0.1:%d" % spare, "-sess_out", work + "/session", "-ign_eof", seconds=1)
        if os.path.exists(work + "/session"):
            break
    server.kill()
    server.wait()
    said = openssl(*client, "127.0.0.1:%d" % port, "-sess_in", work + "/session", "-early_data", work + "/early", "-ign_eof", seconds=3)
    return (said.stdout + said.stderr).decode(errors="replace")


def renegotiates(port):
    """Whether a client that asks for another handshake gets it."""
    client = subprocess.Popen(["openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:%d" % port], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        client.stdin.write(b"R\n")
        client.stdin.flush()
        said = client.communicate(timeout=3)[0]
    except subprocess.TimeoutExpired:
        client.kill()
        said = client.communicate()[0]
    return b"RENEGOTIATING" in said and b"no renegotiation" not in said and b"error" not in said


def hello():
    """A whole ClientHello of this library."""
    out = ssl.MemoryBIO()
    try:
        ssl._create_unverified_context().wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def heartbeat(port, source):
    """One that says it is longer than it is, in the midst of a handshake; what came back behind the server's own words: nothing but its end."""
    with connect(port, source) as s:
        s.sendall(hello() + b"\x18\3\3" + struct.pack(">HBH", 3, 1, 0x4000))
        got = b""
        try:
            while part := s.recv(65536):
                got += part
        except OSError:
            pass
    return b"\x18\3" in got[:1] or len(got) > 16384


def half_open(port, n, first=b"", sources=50):
    """So many connections, a third each with nothing, the beginning of a hello, a whole one; the sockets."""
    whole, links = hello(), []
    for i in range(n):
        s = socket.socket()
        s.bind(("127.0.4.%d" % (i % sources + 1), 0))
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", port))
        links.append(s)
        if i % 100 == 99 or i == n - 1:
            for k in range(i // 100 * 100, i + 1):
                links[k].setblocking(True)
                links[k].settimeout(10)
                try:
                    links[k].sendall((first, whole[:50], whole)[k % 3])
                except OSError:
                    pass  # it was sent away
    return links
