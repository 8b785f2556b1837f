#!/usr/bin/env python3
"""text_seeds.py TARGET FOLDER: a session of the target's protocol, as steps (direction, length, bytes), for fuzzing to begin with."""
import sys

C, S = 0, 1  # client, server
CRLF = b"\r\n"
SEEDS = {
    "http": [(C, b"POST /a?b=1 HTTP/1.1\r\nHost: x:8080\r\nAuthorization: Basic YW5uYTpi\r\nContent-Disposition: attachment; filename=\"f g\"\r\nContent-Length: 3\r\n\r\nabc"),
             (S, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n<html\r\n0\r\nVia: 1.1 p\r\n\r\n"),
             (C, b"GET http://x/c HTTP/1.1\r\nHost: x\r\nRange: bytes=2-\r\n\r\nHEAD / HTTP/1.1\r\n\r\nCONNECT h:443 HTTP/1.1\r\n\r\n"),
             (S, b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 2-4/9\r\nContent-Length: 3\r\n\r\ncde"), (S, b"HTTP/1.0 304 N\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx")],
    "smtp": [(S, b"220 mx ESMTP\r\n"), (C, b"EHLO x\r\n"), (S, b"250-mx\r\n250 ok\r\n"), (C, b"AUTH LOGIN\r\n"), (S, b"334 VXNlcm5hbWU6\r\n"),
             (C, b"Ym9i\r\n"), (S, b"235 ok\r\n"), (C, b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n"), (S, b"250 ok\r\n250 ok\r\n354 go\r\n"),
             (C, b"Subject: x\r\n\r\ny\r\n.\r\nMAIL FROM:<>\r\nBDAT 3 LAST\r\nabcSTARTTLS\r\n"), (S, b"250 ok\r\n250 ok\r\n250 ok\r\n220 go\r\n")],
    "ftp": [(S, b"220-a\r\n220 FTP\r\n"), (C, b"USER a\r\nPASS b\r\n"), (S, b"331 p\r\n230 in\r\n"), (C, b"CWD x/../y\r\nPWD\r\nSIZE f\r\nPASV\r\n"),
            (S, b"250 ok\r\n257 \"/y\"\r\n213 9\r\n227 (1,2,3,4,5,6)\r\n"), (C, b"EPRT |1|1.2.3.4|5|\r\nRETR f\r\nEPSV\r\nAUTH TLS\r\n"),
            (S, b"200 ok\r\n150 x (9 bytes)\r\n226 ok\r\n229 (|||77|)\r\n234 go\r\n")],
    "irc": [(C, b"CAP LS\r\nNICK a\r\nUSER a 0 * :A\r\nJOIN #x,#y k\r\n"), (S, b":s 001 a :hi\r\n"), (C, b"PRIVMSG b :\x01DCC SEND \"f g\" 16909060 5 6\x01\r\nSTARTTLS\r\n"),
            (S, b":s 670 a :go\r\n")],
    "sip": [(C, b"INVITE sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z\r\nf: <sip:a@c>;tag=1\r\nt: <sip:b@c>\r\ni: 1\r\nCSeq: 1 INVITE\r\nl: 2\r\n\r\nvv"),
            (S, b"SIP/2.0 100 T\r\ni: 1\r\nCSeq: 1 INVITE\r\n\r\nSIP/2.0 200 OK\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nTo: <sip:b@c>;tag=2\r\n\r\n")],
    "socks": [(C, b"\5\2\0\2"), (S, b"\5\2"), (C, b"\1\1a\1b"), (S, b"\1\0"), (C, b"\5\1\0\3\3a.b\0\x50"), (S, b"\5\0\0\1\1\2\3\4\0\x50GET")],
    "rfb": [(S, b"RFB 003.008\n"), (C, b"RFB 003.008\n"), (S, b"\2\1\2"), (C, b"\2"), (S, b"c" * 16), (C, b"r" * 16), (S, b"\0\0\0\0"), (C, b"\1"),
            (S, b"\0\1\0\1" + b"p" * 16 + b"\0\0\0\4desk")],
    "mysql": [(S, b"\x2b\0\0\0\n8.0\0" + b"\1\0\0\0abcdefgh\0\xff\xf7" + b"\0" * 25), (C, b"\x25\0\0\1\x05\x82\0\0" + b"\0" * 28 + b"anna\0"),
              (S, b"\7\0\0\2\0\0\0\2\0\0\0"), (C, b"\x09\0\0\0\3select 1"), (S, b"\x0a\0\0\1\xff\x15\x04#28000x")],
    "pop3": [(S, b"+OK POP3\r\n"), (C, b"CAPA\r\nUSER a\r\nPASS b\r\nRETR 1\r\nDELE 1\r\nSTLS\r\n"),
             (S, b"+OK\r\nUSER\r\n.\r\n+OK\r\n+OK in\r\n+OK\r\nx\r\n..\r\n.\r\n+OK\r\n+OK\r\n")],
    "imap": [(S, b"* OK IMAP4\r\n"), (C, b"1 LOGIN {1}\r\na {1}\r\nb\r\n2 UID FETCH 1 x\r\n3 AUTHENTICATE PLAIN\r\n"),
             (S, b"1 OK\r\n* 1 FETCH (x {3}\r\nabc)\r\n2 OK\r\n+\r\n"), (C, b"AGEAYg==\r\n"), (S, b"3 OK\r\n"), (C, b"4 STARTTLS\r\n"), (S, b"4 OK\r\n")],
    "telnet": [(S, b"\xff\xfd\x18\xff\xfa\x18\1\xff\xf0login: "), (C, b"an\x7fna\r\n"), (S, b"Password: "), (C, b"x\r\n"), (S, b"\r\nLogin incorrect\r\nlogin: ")],
    "xmpp": [(C, b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>"), (S, b"<stream:features/><proceed xmlns='x'/>")],
    "redis": [(C, b"*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\nPING\r\n"), (S, b"+OK\r\n*2\r\n*1\r\n:1\r\n$1\r\nx\r\n-ERR x\r\n")],
    "postgresql": [(C, b"\0\0\0\x08\x04\xd2\x16\x2f"), (S, b"N"), (C, b"\0\0\0\x12\0\3\0\0user\0anna\0\0"), (S, b"R\0\0\0\x08\0\0\0\0Z\0\0\0\5I"),
                   (C, b"Q\0\0\0\x0dselect 1\0P\0\0\0\x08\0x\0\0S\0\0\0\4"), (S, b"C\0\0\0\x0dSELECT 1\0E\0\0\0\x0cC28P01\0\0Z\0\0\0\5I")],
    "mqtt": [(C, b"\x10\x17\0\4MQTT\4\x82\0\x3c\0\3dev\0\1a\0\1b"), (S, b"\x20\2\0\0"), (C, b"\x82\x06\0\1\0\1t\1"), (S, b"\x90\3\0\1\1"),
             (C, b"\x32\x06\0\1t\0\7x"), (S, b"\x40\2\0\7")],
    "rtsp": [(C, b"DESCRIBE rtsp://a:b@c/d RTSP/1.0\r\nCSeq: 1\r\n\r\n"), (S, b"$\0\0\2xxRTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 1\r\n\r\nx")],
    "stratum": [(C, b'{"id":1,"method":"mining.subscribe","params":["a/1"]}\n{"method":"login","params":{"login":"w","agent":"x"}}\n'),
                (S, b'{"method":"mining.notify","params":[]}\n')],
    "syslog": [(C, b"<13>Oct 11 22:14:15 h a: b\n11 <14>1 - x y<1>z\n")],
    "handshakes": [(C, b"1022\0a\0b\0c\0"), (C, b"\0a\0b\0t/1\0"), (S, b"200 NNTP\r\n"), (C, b"l\0\x0b\0\0\0")],
}

if __name__ == "__main__":
    name, folder = sys.argv[1].removeprefix("fuzz_"), sys.argv[2]
    steps = SEEDS.get(name, [])
    pack = lambda d, b: bytes([d]) + len(b).to_bytes(2, "big") + b
    if steps:
        open(folder + "/session", "wb").write(b"".join(pack(d, b) for d, b in steps))
    for i, (d, b) in enumerate(steps):
        open("%s/step%d" % (folder, i), "wb").write(pack(d, b))
