/* bittorrent - peers (BEP 3), DHT (BEP 5), local peers (BEP 14), UDP trackers (BEP 15), uTP (BEP 29). */
#include "tocsin/decoder.h"

enum field { K_BITTORRENT, F_KIND, F_INFO_HASH, F_CLIENT };

static const struct toc_field_decl fields[] = {
	[K_BITTORRENT] = { "bittorrent", TOC_KIND, false, TOC_OPEN, NULL, "BitTorrent was seen in a flow" },
	[F_KIND] = { "kind", TOC_STRING, false, TOC_OPEN, NULL, "peer, dht, lsd, tracker or utp" },
	[F_INFO_HASH] = { "info_hash", TOC_STRING, false, TOC_OPEN, NULL, "what is shared, in hex" },
	[F_CLIENT] = { "client", TOC_STRING, false, TOC_DEVICE, NULL, "program, by the peer's identifier: -TR3000-" },
};

enum { HANDSHAKE = 68, HASH_AT = 28, PEER_AT = 48, HASH = 20, CLIENT = 8, TRACKER_CONNECT = 16 };
static const char mark[] = "\x13"
			   "BitTorrent protocol";
static const uint64_t tracker_magic = UINT64_C(0x41727101980);

struct state {
	bool told, syn[2], tracker;
	uint16_t utp; /* connection that a SYN began */
	uint32_t transaction;
};

static void put_hash(struct toc_draft *d, struct toc_span hash)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * HASH];
	for (size_t i = 0; i < HASH; i++) {
		text[2 * i] = digits[hash.p[i] >> 4];
		text[2 * i + 1] = digits[hash.p[i] & 15];
	}
	toc_put_str(d, F_INFO_HASH, toc_span_of(text, sizeof(text)));
}

/* Azureus style, which nearly all use: a dash, two letters, four signs, a dash. */
static bool is_client(struct toc_span id)
{
	if (id.n < CLIENT || id.p[0] != '-' || id.p[7] != '-')
		return false;
	for (size_t i = 1; i < 7; i++)
		if (id.p[i] < '!' || id.p[i] > '~')
			return false;
	return true;
}

static void tell(struct state *s, struct toc_sink *sink, const char *kind, struct toc_span hash, struct toc_span client)
{
	toc_sink_confirm(sink, NULL);
	if (s->told)
		return;
	s->told = true;
	struct toc_draft *d = toc_sink_begin(sink, K_BITTORRENT);
	toc_put_cstr(d, F_KIND, kind);
	if (hash.n == HASH)
		put_hash(d, hash);
	if (is_client(client))
		toc_put_str(d, F_CLIENT, toc_span_first(client, CLIENT));
	toc_sink_commit(sink, d);
}

static void tell_handshake(struct state *s, struct toc_sink *sink, struct toc_span bytes, const char *kind)
{
	struct toc_span none = toc_span_of("", 0);
	bool hash = bytes.n >= PEER_AT;
	tell(s, sink, kind, hash ? toc_span_first(toc_span_from(bytes, HASH_AT), HASH) : none,
	     bytes.n >= HANDSHAKE ? toc_span_from(bytes, PEER_AT) : none);
}

/* Bencoded dictionaries of BEP 5: queries, answers, errors; each names its kind in "y". */
static bool is_dht(struct toc_span b)
{
	static const char *const starts[] = { "d1:ad2:id20:", "d1:rd2:id20:", "d2:ip4:",
					      "d2:ip6:",      "d2:ip18:",     "d1:eli20" };
	bool starts_so = false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		starts_so |= toc_span_starts(b, starts[i]);
	if (!starts_so || b.n < 16 || b.p[b.n - 1] != 'e')
		return false;
	struct toc_span end = toc_span_from(b, b.n - 7);
	return toc_span_starts(end, "1:y1:qe") || toc_span_starts(end, "1:y1:re") || toc_span_starts(end, "1:y1:ee") ||
	       toc_span_starts(b, "d1:ad2:id20:") || toc_span_starts(b, "d1:rd2:id20:");
}

/* The hash that a DHT query asks for. */
static struct toc_span dht_hash(struct toc_span b)
{
	static const char name[] = "9:info_hash20:";
	struct toc_span look = toc_span_first(b, 128);
	for (; look.n >= sizeof(name) - 1 + HASH; look = toc_span_from(look, 1))
		if (toc_span_starts(look, name))
			return toc_span_first(toc_span_from(look, sizeof(name) - 1), HASH);
	return toc_span_of("", 0);
}

struct utp {
	uint8_t type, extension;
	uint16_t connection, sequence;
	struct toc_span payload;
};

/* BEP 29: type and version, extensions with lengths, and for a SYN nothing behind them. */
static bool read_utp(struct utp *u, struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	uint8_t first = toc_u8(&c), extension = toc_u8(&c);
	u->type = first >> 4;
	u->extension = extension;
	u->connection = toc_be16(&c);
	toc_skip(&c, 12);
	u->sequence = toc_be16(&c);
	toc_skip(&c, 2);
	if (c.bad || (first & 15) != 1 || u->type > 4)
		return false;
	for (unsigned i = 0; extension; i++) {
		if (extension > 2 || i == 4)
			return false;
		extension = toc_u8(&c);
		uint8_t n = toc_u8(&c);
		toc_skip(&c, n);
		if (c.bad || n % 4)
			return false;
	}
	u->payload = toc_rest(&c);
	return u->type == 0 ? u->payload.n > 0 : u->payload.n == 0;
}

static bool is_tracker_connect(struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	return bytes.n == TRACKER_CONNECT && toc_be64(&c) == tracker_magic && toc_be32(&c) == 0;
}

static bool is_lsd(struct toc_span bytes)
{
	return toc_span_starts(bytes, "BT-SEARCH * HTTP/1.1\r\n");
}

/* A handshake, or a list of peers (BEP 11) where its beginning was not seen. */
static bool is_peer_data(struct toc_span payload)
{
	return toc_span_starts(payload, mark) || toc_span_starts(payload, "d5:added") ||
	       toc_span_starts(toc_span_from(payload, 6), "d5:added");
}

/* A SYN and its answer name one connection, or the payload is a handshake. */
static bool take_utp(struct state *s, const struct utp *u, enum toc_dir dir)
{
	enum { SYN = 4, STATE = 2 };
	if (u->type == SYN) {
		s->syn[dir] = true;
		s->utp = u->connection;
	}
	return is_peer_data(u->payload) || (u->type == STATE && s->syn[!dir] && u->connection == s->utp);
}

static enum toc_parse parse_datagram(struct state *s, struct toc_span bytes, enum toc_dir dir, struct toc_sink *sink)
{
	struct toc_span none = toc_span_of("", 0);
	struct toc_cursor c = toc_cursor_of(bytes);
	struct utp u;
	if (is_dht(bytes)) {
		tell(s, sink, "dht", dht_hash(bytes), none);
	} else if (is_lsd(bytes)) {
		tell(s, sink, "lsd", none, none);
	} else if (is_tracker_connect(bytes)) {
		toc_skip(&c, 12);
		s->tracker = true;
		s->transaction = toc_be32(&c);
	} else if (s->tracker && bytes.n == 16 && toc_be32(&c) == 0 && toc_be32(&c) == s->transaction) {
		tell(s, sink, "tracker", none, none);
	} else if (read_utp(&u, bytes)) {
		if (take_utp(s, &u, dir))
			tell_handshake(s, sink, u.payload, "utp");
	} else if (!s->told) {
		return TOC_BAD;
	}
	return s->told ? TOC_DONE : TOC_MORE;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	struct toc_span bytes = toc_rest(in);
	if (sink->flow->carrier == TOC_OVER_UDP)
		return parse_datagram(s, bytes, dir, sink);
	if (!toc_span_starts(bytes, mark))
		return bytes.n < sizeof(mark) - 1 && memcmp(bytes.p, mark, bytes.n) == 0
			       ? toc_more(sink, bytes.n + 1) /* what differs does so at once, however it is cut */
			       : TOC_BAD;
	toc_sink_confirm(sink, NULL);
	if (bytes.n < HANDSHAKE)
		return toc_more(sink, HANDSHAKE);
	tell_handshake(s, sink, bytes, "peer");
	return TOC_DONE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct utp u;
	(void)dir;
	if (toc_span_starts(first, mark) || is_dht(first) || is_lsd(first) || is_tracker_connect(first))
		return TOC_YES;
	bool utp = read_utp(&u, first);
	if (utp && (is_peer_data(u.payload) || (u.type == 4 && u.sequence == 1)))
		return TOC_YES;
	if (first.n < sizeof(mark) - 1 && first.n && memcmp(first.p, mark, first.n) == 0)
		return TOC_MAYBE;
	return hint && utp ? TOC_MAYBE : TOC_NO;
}

static const uint16_t ports[] = { 6881, 0 };

const struct toc_decoder toc_decoder_bittorrent = {
	.name = "bittorrent",
	.carriers = TOC_OVER_UDP | TOC_OVER_TCP,
	.tcp_ports = ports,
	.udp_ports = ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
