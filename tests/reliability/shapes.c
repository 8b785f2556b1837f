/*
 * shapes - streams whose parts repeat, in the forms that cost other sensors a quadratic time: headers, folded lines,
 * transactions that are never answered, records, files left open. `shapes` measures each at 1, 2, 4 and 8 times its
 * size in CPU time; `shapes NAME TIMES` plays one, for callgrind (--toggle-collect=play).
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow/flow.h"

struct text {
	const char *p;
	size_t n;
};
#define TEXT(s)                                                                                                        \
	{                                                                                                              \
		s, sizeof(s) - 1                                                                                       \
	}

/*
 * server, begin, answer (the server's again), then n times repeat, then end; each repetition has its number as 32 bits
 * at `at` where that is not 0.
 */
struct shape {
	const char *name;
	uint16_t port;
	struct text begin, repeat, end;
	unsigned n, at;
	bool little, by_server; /* the number's byte order; who repeats */
	struct text server, answer;
};

#define HTTP2	  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
#define SMB2_HEAD "\376SMB\x40\0\0\0\0\0\0\0\5\0\1\0\0\0\0\0\0\0\0\0"
#define ZEROS16	  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct shape shapes[] = {
	{ .name = "http_folded",
	  .port = 80,
	  TEXT("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n"),
	  TEXT(" folded\r\n"),
	  TEXT("\r\n"),
	  .n = 2000 },
	{ .name = "http_blank_folds",
	  .port = 80,
	  TEXT("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n"),
	  TEXT(" \r\n"),
	  TEXT("a: b\r\n\r\n"),
	  .n = 2500 },
	{ .name = "http_hidden_fields",
	  .port = 80,
	  TEXT("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n"),
	  TEXT(" Transfer-Encoding: a\r\n"),
	  TEXT("\r\n"),
	  .n = 500 },
	{ .name = "http_hidden_lengths",
	  .port = 80,
	  TEXT("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n"),
	  TEXT(" Content-Length: 1\r\n"),
	  TEXT("\r\n"),
	  .n = 500 },
	{ .name = "http_lone_cr",
	  .port = 80,
	  TEXT("GET / HTTP/1.1\r\nHost: a\r\n"),
	  TEXT("a\r"),
	  TEXT("\r\n\r\n"),
	  .n = 4000 },
	{ .name = "http_headers",
	  .port = 80,
	  TEXT("GET / HTTP/1.1\r\nHost: a\r\n"),
	  TEXT("Cookie: a=b\r\n"),
	  TEXT("\r\n"),
	  .n = 2000 },
	{ .name = "http_pipelined",
	  .port = 80,
	  TEXT(""),
	  TEXT("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"),
	  TEXT(""),
	  .n = 1000 },
	{ .name = "http_chunks",
	  .port = 80,
	  TEXT("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
	  TEXT("1\r\na\r\n"),
	  TEXT("0\r\n\r\n"),
	  .n = 4000 },
	{ .name = "http_escapes",
	  .port = 80,
	  TEXT("GET /"),
	  TEXT("%2525/../"),
	  TEXT(" HTTP/1.1\r\nHost: a\r\n\r\n"),
	  .n = 4000 },
	{ .name = "http_parts",
	  .port = 80,
	  TEXT("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
	       "99999999\r\n\r\n"),
	  TEXT("--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nx\r\n"),
	  TEXT("--b--\r\n"),
	  .n = 1000 },
	{ .name = "http_continue",
	  .port = 80,
	  TEXT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	  TEXT("HTTP/1.1 100 Continue\r\n\r\n"),
	  TEXT("HTTP/1.1 200 OK\r\n\r\n"),
	  .n = 2000,
	  .by_server = true },
	{ .name = "ssh_banner", .port = 22, TEXT("SSH-2.0-"), TEXT("long banner "), TEXT("\r\n"), .n = 4000 },
	{ .name = "ssh_lines",
	  .port = 22,
	  TEXT("a\r\n"),
	  TEXT("not a version\r\n"),
	  TEXT("SSH-2.0-x\r\n"),
	  .n = 4000,
	  .by_server = true },
	{ .name = "smtp_mails",
	  .port = 25,
	  .server = TEXT("220 a ESMTP\r\n"),
	  .begin = TEXT("EHLO a\r\n"),
	  TEXT("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRSET\r\n"),
	  TEXT("QUIT\r\n"),
	  .n = 1000 },
	{ .name = "smtp_recipients",
	  .port = 25,
	  .server = TEXT("220 a ESMTP\r\n"),
	  .begin = TEXT("EHLO a\r\nMAIL FROM:<a@b>\r\n"),
	  TEXT("RCPT TO:<c@d>\r\n"),
	  TEXT("DATA\r\n"),
	  .n = 2000 },
	{ .name = "smtp_entities",
	  .port = 25,
	  .server = TEXT("220 a ESMTP\r\n"),
	  .begin = TEXT("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nContent-Type: multipart/mixed; "
			"boundary=b\r\n\r\n"),
	  TEXT("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n"),
	  TEXT("--b--\r\n.\r\n"),
	  .n = 1000,
	  .answer = TEXT("250 a\r\n250 a\r\n250 a\r\n354 go\r\n") },
	{ .name = "smtp_headers",
	  .port = 25,
	  .server = TEXT("220 a ESMTP\r\n"),
	  .begin = TEXT("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"),
	  TEXT("Received: a\r\n\tfrom b\r\n"),
	  TEXT("\r\n.\r\n"),
	  .n = 2000,
	  .answer = TEXT("250 a\r\n250 a\r\n250 a\r\n354 go\r\n") },
	{ .name = "mqtt_publish",
	  .port = 1883,
	  TEXT("\x10\x0d\0\4MQTT\4\2\0\x3c\0\1a"),
	  TEXT("\x32\7\0\1t\0\1xx"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "mqtt_subscribe",
	  .port = 1883,
	  TEXT("\x10\x0d\0\4MQTT\4\2\0\x3c\0\1a"),
	  TEXT("\x82\6\0\1\0\1t\0"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "pgsql_queries",
	  .port = 5432,
	  TEXT("\0\0\0\x11\0\3\0\0user\0a\0\0\0"),
	  TEXT("Q\0\0\0\x0dselect 1\0"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "mysql_queries",
	  .port = 3306,
	  .server = TEXT(
		  "\x4a\0\0\0\x0a"
		  "8.0.0\0\1\0\0\0abcdefgh\0\xff\xff\x21\2\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0abcdefghijkl\0mysql_native_"
		  "password\0"),
	  .begin = TEXT("\x22\0\0\1\5\xa2\x2b\0\0\0\0\1\x21" ZEROS16 "\0\0\0\0\0\0\0a\0\0"),
	  TEXT("\x09\0\0\0\3select 1"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "http2_streams",
	  .port = 80,
	  TEXT(HTTP2),
	  TEXT("\0\0\3\1\4\0\0\0\1\x82\x84\x86"),
	  TEXT(""),
	  .n = 2000,
	  .at = 5 },
	{ .name = "http2_settings",
	  .port = 80,
	  TEXT(HTTP2),
	  TEXT("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "http2_continued",
	  .port = 80,
	  TEXT(HTTP2 "\0\0\1\1\0\0\0\0\1\x82"),
	  TEXT("\0\0\1\x9\0\0\0\0\1\x84"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "http2_rst",
	  .port = 80,
	  TEXT(HTTP2),
	  TEXT("\0\0\3\1\4\0\0\0\1\x82\x84\x86\0\0\4\3\0\0\0\0\1\0\0\0\0"),
	  TEXT(""),
	  .n = 2000,
	  .at = 5 },
	{ .name = "smb2_opens",
	  .port = 445,
	  TEXT(""),
	  TEXT("\0\0\0\x7c" SMB2_HEAD "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0" ZEROS16
	       "\x39\0\0\2\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x89\0\x12\0\0\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0\x78\0\4"
	       "\0\0\0\0\0\0\0\0\0f\0g\0"),
	  TEXT(""),
	  .n = 1000,
	  .at = 28,
	  .little = true },
	{ .name = "dns_tcp",
	  .port = 53,
	  TEXT(""),
	  TEXT("\0\x1a\0\0\1\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "ftp_commands",
	  .port = 21,
	  .server = TEXT("220 FTP\r\n"),
	  .begin = TEXT("USER a\r\n"),
	  TEXT("RETR a\r\n"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "pop3_commands",
	  .port = 110,
	  .server = TEXT("+OK POP3\r\n"),
	  .begin = TEXT("USER a\r\n"),
	  TEXT("RETR 1\r\n"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "imap_commands",
	  .port = 143,
	  .server = TEXT("* OK IMAP4rev1\r\n"),
	  .begin = TEXT("a CAPABILITY\r\n"),
	  TEXT("a1 LOGIN a b\r\n"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "irc_lines",
	  .port = 6667,
	  TEXT("NICK a\r\nUSER a 0 * :a\r\n"),
	  TEXT("JOIN #a,#b,#c\r\n"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "redis_nested", .port = 6379, TEXT("*1\r\n$4\r\nPING\r\n"), TEXT("*1\r\n"), TEXT(""), .n = 4000 },
	{ .name = "redis_commands",
	  .port = 6379,
	  TEXT("*1\r\n$4\r\nPING\r\n"),
	  TEXT("*2\r\n$3\r\nGET\r\n$1\r\na\r\n"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "telnet_options",
	  .port = 23,
	  TEXT(""),
	  TEXT("\377\375\1\377\373\3"),
	  TEXT("login: a\r\n"),
	  .n = 4000 },
	{ .name = "tls_records",
	  .port = 443,
	  TEXT("\x16\3\1\0\5\1\0\xff\xff\3"),
	  TEXT("\x16\3\1\0\1\3"),
	  TEXT(""),
	  .n = 3000 },
	{ .name = "tls_alerts",
	  .port = 443,
	  TEXT("\x16\3\1\0\5\1\0\0\1\3"),
	  TEXT("\x15\3\1\0\2\1\0"),
	  TEXT(""),
	  .n = 3000 },
	{ .name = "xmpp_nested",
	  .port = 5222,
	  TEXT("<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='a'>"),
	  TEXT("<a b='c'>"),
	  TEXT(""),
	  .n = 3000 },
	{ .name = "sip_messages",
	  .port = 5060,
	  TEXT(""),
	  TEXT("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nCall-ID: a\r\nCSeq: 1 "
	       "OPTIONS\r\nContent-Length: 0\r\n\r\n"),
	  TEXT(""),
	  .n = 1000 },
	{ .name = "sip_vias",
	  .port = 5060,
	  TEXT("OPTIONS sip:a SIP/2.0\r\n"),
	  TEXT("Via: SIP/2.0/TCP a;branch=z9hG4bK1\r\n"),
	  TEXT("\r\n"),
	  .n = 1500 },
	{ .name = "rtsp_requests",
	  .port = 554,
	  TEXT(""),
	  TEXT("OPTIONS rtsp://a/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
	  TEXT(""),
	  .n = 1500 },
	{ .name = "ldap_searches",
	  .port = 389,
	  TEXT("\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0"),
	  TEXT("\x30\x1f\2\1\2\x63\x1a\4\0\x0a\1\2\x0a\1\0\2\1\0\2\1\0\1\1\0\x87\1\x61\x30\3\4\1\x61"),
	  TEXT(""),
	  .n = 1500 },
	{ .name = "ldap_nested",
	  .port = 389,
	  TEXT("\x30\x84\0\1\0\0\2\1\2\x63\x84\0\0\xff\0\4\0\x0a\1\2\x0a\1\0\2\1\0\2\1\0\1\1\0"),
	  TEXT("\xa0\x84\0\0\xf0\0"),
	  TEXT(""),
	  .n = 2000 },
	{ .name = "unknown", .port = 9999, TEXT("\1"), TEXT("{\"x\":"), TEXT(""), .n = 4000 },
};
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]), SEGMENT = 1400 };

struct talk {
	struct toc_flows *flows;
	uint64_t ordinal;
	uint32_t seq[2];
	uint16_t port;
	size_t segment;
};

static void count_event(struct toc_emit *self, struct toc_draft *d)
{
	(void)self, (void)d;
}

static void say(struct talk *t, unsigned dir, const void *bytes, size_t n, uint8_t flags)
{
	static const uint8_t ends[2][4] = { { 10, 0, 0, 1 }, { 192, 0, 2, 1 } };
	struct toc_packet p = { .at = TOC_DAY + (toc_time)t->ordinal * 10 * TOC_US,
				.l3 = TOC_L3_IP,
				.ip_proto = TOC_IPPROTO_TCP };
	p.ts = p.at;
	p.ordinal = ++t->ordinal;
	p.ip_len = (uint16_t)(40 + n);
	p.src = toc_addr_v4(ends[dir]);
	p.dst = toc_addr_v4(ends[!dir]);
	p.sport = dir ? t->port : 40000;
	p.dport = dir ? 40000 : t->port;
	p.tcp.seq = t->seq[dir];
	p.tcp.ack = t->seq[!dir];
	p.tcp.window = 65000;
	p.tcp.flags = flags;
	p.payload = toc_span_of(bytes, n);
	p.payload_len = (uint32_t)n;
	toc_flows_packet(t->flows, &p);
	t->seq[dir] += (uint32_t)n + (flags & TOC_SYN ? 1 : 0);
}

static void send_all(struct talk *t, unsigned dir, const char *p, size_t n)
{
	for (size_t at = 0; at < n; at += t->segment) {
		say(t, dir, p + at, n - at < t->segment ? n - at : t->segment, TOC_ACK);
		say(t, !dir, "", 0, TOC_ACK);
	}
}

/* The repeated part with its numbers, ready to be sent. */
static char *build(const struct shape *s, unsigned n, size_t *size)
{
	*size = s->begin.n + n * s->repeat.n + s->end.n;
	char *all = malloc(*size + 1), *at = all;
	if (!all)
		abort();
	at = mempcpy(at, s->begin.p, s->begin.n);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(at, s->repeat.p, s->repeat.n);
		for (unsigned k = 0; s->at && k < 4; k++)
			at[s->at + k] = (char)((2 * i + 1) >> 8 * (s->little ? k : 3 - k));
		at += s->repeat.n;
	}
	memcpy(at, s->end.p, s->end.n);
	return all;
}

__attribute__((noinline)) static void play(struct talk *t, const struct shape *s, const char *all, size_t size)
{
	say(t, 0, "", 0, TOC_SYN);
	say(t, 1, "", 0, TOC_SYN | TOC_ACK);
	send_all(t, 1, s->server.p, s->server.n);
	send_all(t, 0, all, s->begin.n);
	send_all(t, 1, s->answer.p, s->answer.n);
	send_all(t, s->by_server, all + s->begin.n, size - s->begin.n);
	toc_flows_finish(t->flows, 2 * TOC_DAY);
}

/* CPU seconds of one shape at so many times its size. */
static double cost(const struct shape *s, unsigned times, size_t segment)
{
	static const struct toc_hash_key key = { 1, 2 };
	static const struct toc_flow_config config = { .flows = 64, .parse = true };
	struct toc_emit emit = { count_event };
	struct toc_intern *names = toc_intern_new();
	struct talk t = { toc_flows_new(&config, toc_decoders, names, &key, &emit), 0, { 1, 1 }, s->port, segment };
	struct timespec before, after;
	size_t size;
	char *all = build(s, s->n * times, &size);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	play(&t, s, all, size);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	toc_flows_free(t.flows);
	toc_intern_free(names);
	free(all);
	return (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
}

static void measure(const struct shape *s, size_t segment)
{
	printf("%s", s->name);
	for (unsigned times = 1; times <= 8; times *= 2) {
		double least = 1e9;
		for (int k = 0; k < 3; k++) {
			double c = cost(s, times, segment);
			least = c < least ? c : least;
		}
		printf(" %.6f", least);
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	size_t segment = argc > 3 ? strtoul(argv[3], NULL, 10) : SEGMENT;
	bool all = argc < 3 || strcmp(argv[1], "all") == 0;
	for (unsigned i = 0; i < SHAPES; i++)
		if (all)
			measure(&shapes[i], segment);
		else if (strcmp(argv[1], shapes[i].name) == 0)
			cost(&shapes[i], (unsigned)strtoul(argv[2], NULL, 10), segment);
	return 0;
}
