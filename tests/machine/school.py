#!/usr/bin/env python3
"""school.py serve | browse SERVER: the web server, and the pupils who use it, behind the mirror of tests/machine."""
import http.server, sys, time, urllib.error, urllib.request


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404 if '?' in self.path else 200)
        self.end_headers()
        self.wfile.write(b'<html><body>' + b'a page of the school ' * 40 + b'</body></html>')

    def log_message(self, *words):
        pass


def browse(server):
    while True:
        try:
            urllib.request.urlopen(f'http://{server}/news', timeout=5).read()
        except urllib.error.URLError as e:
            print(e, file=sys.stderr)
        time.sleep(0.1)


if sys.argv[1] == 'serve':
    http.server.ThreadingHTTPServer(('', 80), Page).serve_forever()
else:
    browse(sys.argv[2])
