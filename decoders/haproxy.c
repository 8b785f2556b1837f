/* haproxy - the PROXY protocol's header, versions 1 and 2, and then whatever it stands in front of (HAProxy's
 * proxy-protocol.txt). */
#include "tocsin/decoder.h"

enum field { K_HAPROXY, F_VERSION, F_SRC, F_SRC_PORT, F_DST, F_DST_PORT };

static const struct toc_field_decl fields[] = {
	[K_HAPROXY] = { "haproxy", TOC_KIND, false, TOC_OPEN, NULL, "a proxy tells for whom it connects" },
	[F_VERSION] = { "version", TOC_UINT, false, TOC_OPEN, NULL, "1 = text, 2 = binary" },
	[F_SRC] = { "client_addr", TOC_IP, false, TOC_DEVICE, NULL, "who connected to the proxy" },
	[F_SRC_PORT] = { "client_port", TOC_UINT, false, TOC_OPEN, NULL, "from which port" },
	[F_DST] = { "proxy_addr", TOC_IP, false, TOC_DEVICE, NULL, "where it connected to" },
	[F_DST_PORT] = { "proxy_port", TOC_UINT, false, TOC_OPEN, NULL, "to which port" },
};

enum { LINE_MOST = 107, V2_HEADER = 16, V2_MOST = 1024 };
static const char v2_mark[] = "\r\n\r\n\0\r\nQUIT\n", v1_mark[] = "PROXY ";

struct ends {
	bool known;
	struct toc_addr src, dst;
	uint16_t sport, dport;
};

static struct toc_span next_word(struct toc_span *line)
{
	size_t n = toc_span_find(*line, ' ');
	struct toc_span word = toc_span_first(*line, n);
	*line = toc_span_from(*line, n + 1);
	return word;
}

static bool read_port(struct toc_span word, uint16_t *out)
{
	uint32_t v = 0;
	for (size_t i = 0; i < word.n; i++) {
		if (i == 5 || word.p[i] < '0' || word.p[i] > '9')
			return false;
		v = v * 10 + (uint32_t)(word.p[i] - '0');
	}
	*out = (uint16_t)v;
	return word.n && v <= UINT16_MAX;
}

static bool read_line(struct toc_span line, struct ends *e)
{
	line = toc_span_from(line, sizeof(v1_mark) - 1);
	struct toc_span family = next_word(&line);
	e->known = toc_span_is(family, "TCP4") || toc_span_is(family, "TCP6");
	if (!e->known)
		return toc_span_is(family, "UNKNOWN");
	struct toc_span src = next_word(&line), dst = next_word(&line), sport = next_word(&line);
	return toc_addr_parse(src, &e->src) && toc_addr_parse(dst, &e->dst) && read_port(sport, &e->sport) &&
	       read_port(line, &e->dport);
}

static void tell(struct toc_sink *sink, unsigned version, const struct ends *e)
{
	struct toc_draft *d = toc_sink_begin(sink, K_HAPROXY);
	toc_put_uint(d, F_VERSION, version);
	if (e->known) {
		toc_put_ip(d, F_SRC, &e->src);
		toc_put_uint(d, F_SRC_PORT, e->sport);
		toc_put_ip(d, F_DST, &e->dst);
		toc_put_uint(d, F_DST_PORT, e->dport);
	}
	toc_sink_commit(sink, d);
	toc_sink_confirm(sink, NULL);
	toc_sink_child(sink, NULL);
}

static enum toc_parse parse_v1(struct toc_cursor *in, struct toc_sink *sink)
{
	struct toc_span line = toc_span_first(toc_rest(in), LINE_MOST);
	struct ends e = { 0 };
	size_t end = toc_span_find(line, '\n');
	if (end == line.n)
		return line.n == LINE_MOST ? TOC_BAD : TOC_MORE;
	if (end < sizeof(v1_mark) || line.p[end - 1] != '\r' || !read_line(toc_span_first(line, end - 1), &e))
		return TOC_BAD;
	toc_skip(in, end + 1);
	tell(sink, 1, &e);
	return TOC_DONE;
}

static enum toc_parse parse_v2(struct toc_cursor *in, struct toc_sink *sink)
{
	enum { OVER_IP4 = 1, OVER_IP6 = 2, PROXIED = 1 };
	struct toc_cursor look = *in;
	struct ends e = { 0 };
	toc_skip(&look, sizeof(v2_mark) - 1);
	uint8_t command = toc_u8(&look), family = toc_u8(&look) >> 4;
	uint16_t n = toc_be16(&look);
	if (look.bad)
		return toc_more(sink, V2_HEADER);
	if (command >> 4 != 2 || (command & 15) > 1 || n > V2_MOST)
		return TOC_BAD;
	struct toc_cursor body = toc_sub(&look, n);
	if (look.bad)
		return toc_more(sink, (size_t)V2_HEADER + n);
	size_t width = family == OVER_IP6 ? 16 : 4;
	struct toc_span src = toc_take(&body, width), dst = toc_take(&body, width);
	e.sport = toc_be16(&body);
	e.dport = toc_be16(&body);
	e.known = !body.bad && (command & 15) == PROXIED && (family == OVER_IP4 || family == OVER_IP6);
	if (e.known) {
		e.src = width == 16 ? toc_addr_v6(src.p) : toc_addr_v4(src.p);
		e.dst = width == 16 ? toc_addr_v6(dst.p) : toc_addr_v4(dst.p);
	}
	*in = look;
	tell(sink, 2, &e);
	return TOC_DONE;
}

/* The bytes so far are the beginning of the mark, or begin with it. */
static bool may_be(struct toc_span bytes, const char *mark, size_t n)
{
	n = bytes.n < n ? bytes.n : n;
	return n && memcmp(bytes.p, mark, n) == 0;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct toc_span bytes = toc_rest(in);
	(void)state;
	if (dir != TOC_ORIG)
		return TOC_BAD;
	/* judged when the header is there, however it was cut: not by a part of the mark that came alone */
	if (bytes.n && bytes.n < V2_HEADER && bytes.p[0] == (uint8_t)v2_mark[0])
		return toc_more(sink, V2_HEADER);
	if (may_be(bytes, v2_mark, sizeof(v2_mark) - 1))
		return parse_v2(in, sink);
	return may_be(bytes, v1_mark, sizeof(v1_mark) - 1) ? parse_v1(in, sink) : TOC_BAD;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)hint;
	if (dir != TOC_ORIG)
		return TOC_NO;
	if (may_be(first, v2_mark, sizeof(v2_mark) - 1))
		return first.n >= sizeof(v2_mark) - 1 ? TOC_YES : TOC_MAYBE;
	if (may_be(first, v1_mark, sizeof(v1_mark) - 1))
		return first.n >= sizeof(v1_mark) - 1 ? TOC_YES : TOC_MAYBE;
	return TOC_NO;
}

static const char *const leads_to[] = { "*", NULL };

const struct toc_decoder toc_decoder_haproxy = {
	.name = "haproxy",
	.leads_to = leads_to,
	.carriers = TOC_OVER_TCP,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
	.parse = parse,
};
