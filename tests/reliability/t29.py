#!/usr/bin/env python3
"""T29, the order in which load is shed: a link and a listener get several times what the sensor can read, half of it in large files and
large flows that nobody reads, with small attacks among it. Prints what was shed and lost and how many attacks were found; the same once
more with `overload: {order: []}` for comparison. Needs root, tcpreplay and two minutes. SECONDS=10 is the length of the load."""
import json, os, random, shutil, signal, socket, struct, subprocess, sys, tempfile, time, zlib

TOCSIN = os.path.realpath(os.environ.get('TOCSIN', 'build/tocsin'))
SECONDS, PLANTED = int(os.environ.get('SECONDS', 10)), int(os.environ.get('PLANTED', 200))
ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
NS = f'tocsin-rel-{os.getpid()}'
RULE = '''title: Planted %s
id: 5a0c2b1e-6d3f-4c55-9f0a-1f2e3d4c5b6%s
status: test
logsource: {product: %s}
detection: {words: {%s|startswith: '%s'}, condition: words}
level: medium
tocsin: {episode: {key: [%s], close: 1m}, route: [ts]}
'''


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total & 65535) + (total >> 16)
    return ~((total & 65535) + (total >> 16)) & 65535


def packet(src, dst, proto, body):
    head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(body), 0, 0, 64, proto, 0, src, dst)
    return b'\2\0\0\0\0\2\2\0\0\0\0\1\x08\0' + head[:10] + struct.pack('!H', checksum(head)) + head[12:] + body


def tcp(src, sport, dst, dport, seq, ack, flags, data=b''):
    head = struct.pack('!HHIIBBHHH', sport, dport, seq & 0xffffffff, ack & 0xffffffff, 5 << 4, flags, 65535, 0, 0)
    whole = head + data
    pseudo = src + dst + struct.pack('!BBH', 0, 6, len(whole))
    odd = whole + b'\0' * (len(whole) & 1)
    return packet(src, dst, 6, whole[:16] + struct.pack('!H', checksum(pseudo + odd)) + whole[18:])


def connection(client, sport, server, dport, ask, answer):
    """The packets of a connection in which one asks and the other answers."""
    a, b = 1000, 5000
    yield tcp(client, sport, server, dport, a, 0, 2)
    yield tcp(server, dport, client, sport, b, a + 1, 18)
    a, b = a + 1, b + 1
    yield tcp(client, sport, server, dport, a, b, 16)
    yield tcp(client, sport, server, dport, a, b, 24, ask)
    a += len(ask)
    for at in range(0, len(answer), 1400):
        part = answer[at:at + 1400]
        yield tcp(server, dport, client, sport, b, a, 24, part)
        b += len(part)
        if at // 1400 % 4 == 3:
            yield tcp(client, sport, server, dport, a, b, 16)
    yield tcp(client, sport, server, dport, a, b, 17)
    yield tcp(server, dport, client, sport, b, a + 1, 17)
    yield tcp(client, sport, server, dport, a + 1, b + 1, 16)


def write_bulk(path, flows=24, size=2_000_000):
    """Half of the flows are packed files over HTTP, half are bytes that no decoder knows."""
    rnd, server, streams = random.Random(29), bytes([192, 0, 2, 80]), []
    noise, text = rnd.randbytes(size), zlib.compressobj(1, zlib.DEFLATED, 31)
    packed = b''.join(text.compress(b'%d %d 200 OK the same words again and again, as logs and pages have them\n' % (i, i * 7))
                      for i in range(size // 7)) + text.flush()
    head = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n' % len(packed)
    for i in range(flows):
        client = bytes([10, 1, 0, 1 + i])
        if i % 2:
            streams.append(connection(client, 2000 + i, server, 4433, rnd.randbytes(64), noise))
        else:
            streams.append(connection(client, 2000 + i, server, 80, b'GET /f HTTP/1.1\r\nHost: bulk.example\r\n\r\n', head + packed))
    with open(path, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        while streams:
            for s in list(streams):
                frame = next(s, None)
                if frame is None:
                    streams.remove(s)
                else:
                    out.write(struct.pack('<IIII', 0, 0, len(frame), len(frame)) + frame)


def read_bulk(path):
    with open(path, 'rb') as f:
        f.read(24)
        while head := f.read(16):
            yield f.read(struct.unpack('<4I', head)[2])


def attack(i, client=None):
    """One request that the rule knows, on a connection of its own; client: the number of its address, where that is not the attack's."""
    n = i if client is None else client
    return connection(bytes([10, 2, n >> 8 & 255, n & 255]), 3000 + i, bytes([192, 0, 2, 81]), 80,
                      b'GET /planted-%d HTTP/1.1\r\nHost: p%d.example\r\n\r\n' % (i, i), b'HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n')


def send_attack(i):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind(('tap0', 0))
    for frame in attack(i):
        sock.send(frame)
    sock.close()


SENDER = '''
import socket, sys, time
sys.path.insert(0, sys.argv[1])
from t29 import attack
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("tap0", 0))
lines = socket.create_connection(("127.0.0.1", 5514))
first, n, seconds = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
begin = time.monotonic()
for i in range(first, first + n):
    time.sleep(max(0, begin + seconds * (i - first) / n - time.monotonic()))
    for frame in attack(i):
        s.send(frame)
    lines.sendall(b"<38>Mar  2 08:00:00 host%d planted-%d: it was said\\n" % (i, i))
lines.close()
'''
FLOOD = '''
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
until, n = time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < until:
    for i in range(100):
        s.sendto(b"<38>Mar  2 08:00:00 loud app[%d]: noise number %d of a sender that does not stop" % (n, n), ("127.0.0.1", 5515))
        n += 1
print(n)
'''


class Sensor:
    def __init__(self, work, name, overload, ring_mb=32, rules=()):
        self.folder = f'{work}/{name}'
        os.makedirs(self.folder, exist_ok=True)
        with open(f'{self.folder}/rules.yml', 'w') as f:
            f.write(RULE % ('request', 'a', 'zeek, service: http', 'uri', '/planted-', 'uri') + '---\n' +
                    RULE % ('line', 'b', 'tocsin, service: syslog', 'app', 'planted-', 'app'))
        with open(f'{self.folder}/tocsin.yml', 'w') as f:
            f.write(f'interfaces: [{{name: tap1, ring_mb: {ring_mb}}}]\nsyslog: [{{tcp: "127.0.0.1:5514"}}, {{udp: "127.0.0.1:5515"}}]\n'
                    f'rules: {{shipped: false, paths: [{", ".join(["rules.yml", *rules])}]}}\nstate: {self.folder}/state\nevidence: false\ndeliver: {{names: true}}\n{overload}')
        self.alerts = open(f'{self.folder}/alerts', 'w+')
        self.words = open(f'{self.folder}/words', 'w+')
        self.process = subprocess.Popen(['ip', 'netns', 'exec', NS, TOCSIN, 'run', '-c', f'{self.folder}/tocsin.yml'],
                                        stdout=self.alerts, stderr=self.words, env=os.environ | {'ASAN_OPTIONS': 'detect_leaks=0'})  # a leak check forks
        self.until(lambda: 'running' in open(f'{self.folder}/words').read(), 'it does not start')

    def until(self, test, what, seconds=60):
        end = time.monotonic() + seconds
        while not test():
            if time.monotonic() > end:
                sys.exit(f'T29: {what}\n' + open(f'{self.folder}/words').read())
            time.sleep(0.1)

    def status(self):
        said = subprocess.run([TOCSIN, 'status', '-c', f'{self.folder}/tocsin.yml'], capture_output=True, text=True).stdout
        return json.loads(said) if said.startswith('{') else None

    def stage(self, name):
        s = self.status()
        return next((x for x in s['funnel'] if x['stage'] == name), {'in': 0, 'out': 0, 'lost': {}, 'harm': {}}) if s else None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def found(self, key):
        keys = (json.loads(line)['unmapped']['tocsin']['key'] for line in open(f'{self.folder}/alerts'))
        return len({k[key] for k in keys if key in k})


def pass_sockets():
    """Inside the namespace: a UDP socket and a TCP connection to the sensor's listeners and a raw one to tap0, passed on by standard input."""
    udp, tcp, raw = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.create_connection(('127.0.0.1', 5514)), socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    udp.connect(('127.0.0.1', 5515))
    raw.bind(('tap0', 0))
    socket.send_fds(socket.socket(fileno=os.dup(0)), [b'x'], [s.fileno() for s in (udp, tcp, raw)])


def sockets_within():
    """Those three, made inside and used from outside."""
    here, there = socket.socketpair()
    code = 'import sys; sys.path.insert(0, %r); import t29; t29.pass_sockets()' % os.path.dirname(os.path.realpath(__file__))
    if in_ns(sys.executable, '-c', code, stdin=there).wait():
        sys.exit('no sockets inside of the namespace')
    return [socket.socket(fileno=fd) for fd in socket.recv_fds(here, 1, 3)[1]]


def in_ns(*args, **more):
    return subprocess.Popen(['ip', 'netns', 'exec', NS, *args], **more)


def load(work, sensor):
    """Offers all of it for SECONDS; what was offered, and the most that was shed at once."""
    here = os.path.dirname(os.path.realpath(__file__))
    bulk = in_ns('nice', '-n', '-10', 'tcpreplay', '-q', '-K', '--topspeed', '--loop=1000000', '-i', 'tap0', f'{work}/bulk.pcap', stdout=subprocess.DEVNULL,
                 stderr=open(f'{work}/tcpreplay', 'w'))
    sensor.until(lambda: tx() > 1000, 'tcpreplay does not send: ' + open(f'{work}/tcpreplay').read())
    before, began = tx(), time.monotonic()
    flood = in_ns('python3', '-c', FLOOD, str(SECONDS), stdout=subprocess.PIPE, text=True)
    planted = in_ns('python3', '-c', SENDER, here, '0', str(PLANTED), str(SECONDS - 1))
    most = ''
    while time.monotonic() < began + SECONDS:
        s = sensor.status()
        most = max(most, s['shedding'] if s else '', key=len)
        time.sleep(0.25)
    frames = tx() - before
    bulk.kill(), bulk.wait()
    lines = int(flood.communicate()[0])
    if planted.wait(120):
        sys.exit('T29: the sender of attacks failed')
    return frames, lines, most, time.monotonic()


def tx():
    said = subprocess.run(['ip', '-n', NS, '-j', '-s', 'link', 'show', 'tap0'], capture_output=True, text=True, check=True).stdout
    return json.loads(said)[0]['stats64']['tx']['packets']


def run(work, name, overload):
    sensor = Sensor(work, name, overload)
    frames, lines, most, over = load(work, sensor)
    sensor.until(lambda: (s := sensor.status()) is not None and s['shedding'] == '', 'it goes on shedding', 30)
    calm = time.monotonic() - over
    lost_before = sum(sensor.stage('kernel')['lost'].values())
    in_ns('python3', '-c', SENDER, os.path.dirname(os.path.realpath(__file__)), str(PLANTED), '50', '2').wait(60)
    time.sleep(1)
    lost_after = sum(sensor.stage('kernel')['lost'].values()) - lost_before
    funnel, flow = sensor.status()['funnel'], sensor.stage('flow')
    kernel, decode, receive = (next(s for s in funnel if s['stage'] == n) for n in ('kernel', 'decode', 'receive'))
    wrong = [s['stage'] for s in funnel if s['lost'] and s['in'] != s['out'] + sum(s['lost'].values())]
    wrong += ['kernel to decode'] if kernel['out'] != decode['in'] else []
    status = sensor.stop()
    shed = {k: v for k, v in flow['harm'].items() if k.startswith('shed_')}
    lost = sum(kernel['lost'].values())
    print(f'{name}: offered {frames / SECONDS:,.0f} frames/s and {lines / SECONDS:,.0f} lines/s for {SECONDS} s; read {decode["in"]:,}; '
          f'the kernel lost {lost:,} ({100 * lost / max(kernel["in"], 1):.1f} %); UDP lines lost {100 * sum(receive["lost"].values()) / receive["in"]:.1f} %')
    print(f'{name}: offered / read {kernel["in"] / max(decode["in"], 1):.2f}; shed at most: {most or "nothing"}; {shed}')
    requests, said = sensor.found('uri'), sensor.found('app')
    print(f'{name}: attacks found {requests} of {PLANTED + 50} in requests, {said} of {PLANTED + 50} in lines; calm after {calm:.1f} s, '
          f'then lost {lost_after}; stages whose sums do not agree: {len(wrong)} {wrong or ""}; exit status {status}')
    return dict(requests=requests, lines=said, calm=calm, after=lost_after, wrong=wrong, status=status, shed=shed)


def ip(*args):
    subprocess.run(['ip', '-n', NS, *args], check=True)


def links_up():
    ip('link', 'add', 'tap0', 'type', 'veth', 'peer', 'name', 'tap1')
    for i in ('tap0', 'tap1'):
        subprocess.run(['ip', 'netns', 'exec', NS, 'sysctl', '-qw', f'net.ipv6.conf.{i}.disable_ipv6=1'], check=True)
    for i in ('lo', 'tap0', 'tap1'):
        ip('link', 'set', i, 'up')


def network(name, program=''):
    """A pair of interfaces, tap0 to tap1, in a namespace of its own; the folder to work in. Ends as skipped where it cannot be made."""
    if os.geteuid() or (program and not shutil.which(program)) or subprocess.run(['ip', 'netns', 'add', NS], capture_output=True).returncode:
        print(f'{name}: needs root, network namespaces{program and " and "}{program}: skipped')
        sys.exit(77)
    links_up()
    work = tempfile.mkdtemp(prefix=f'tocsin-{name}.')
    os.chmod(work, 0o755)
    return work


def clean(work):
    for pid in subprocess.run(['ip', 'netns', 'pids', NS], capture_output=True, text=True).stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    subprocess.run(['ip', 'netns', 'del', NS])
    shutil.rmtree(work, ignore_errors=True)


def main():
    work = network('t29', 'tcpreplay')
    try:
        write_bulk(f'{work}/bulk.pcap')
        run(work, 'no-order', 'overload: {order: []}\n')
        got = run(work, 'shedding', '')
        whole = PLANTED + 50
        ok = (got['requests'] >= 0.9 * whole and got['lines'] == whole and got['calm'] <= 10 and not got['after'] and not got['wrong'] and
              got['status'] == 0 and got['shed'])
        print(f'T29: {"passed" if ok else "FAILED"}')
        sys.exit(0 if ok else 1)
    finally:
        clean(work)


if __name__ == '__main__':
    main()
