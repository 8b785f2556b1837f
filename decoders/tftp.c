/* tftp - requests, and the file that follows from another port (RFC 1350; options: RFC 2347 to 2349). */
#include "tocsin/decoder.h"

enum field { K_TFTP, F_COMMAND, F_FILENAME, F_MODE, F_BLKSIZE, F_TSIZE, F_ERROR_CODE, F_ERROR_MSG };

static const struct toc_field_decl fields[] = {
	[K_TFTP] = { "tftp", TOC_KIND, false, TOC_OPEN, NULL, "one request, or why a transfer ended" },
	[F_COMMAND] = { "command", TOC_STRING, false, TOC_OPEN, NULL, "READ, WRITE, or ERROR in place of the file" },
	[F_FILENAME] = { "filename", TOC_STRING, false, TOC_OPEN, NULL, "the file asked for" },
	[F_MODE] = { "mode", TOC_STRING, false, TOC_OPEN, NULL, "netascii, octet or mail" },
	[F_BLKSIZE] = { "blksize", TOC_UINT, false, TOC_OPEN, "B", "size of blocks that the client offers" },
	[F_TSIZE] = { "tsize", TOC_UINT, false, TOC_OPEN, "B", "size of the file, as the client tells" },
	[F_ERROR_CODE] = { "error_code", TOC_UINT, false, TOC_OPEN, NULL, "1 = not found, 2 = not allowed …" },
	[F_ERROR_MSG] = { "error_msg", TOC_STRING, false, TOC_OPEN, NULL, "its text" },
};

enum { RRQ = 1, WRQ = 2, DATA = 3, ACK = 4, ERROR = 5, OACK = 6 };
enum { BLOCK = 512, BLOCK_MOST = 65464, OPTIONS_MOST = 16, NAME_MOST = 255 };

struct state {
	uint16_t block; /* the last one that came */
	uint16_t size;	/* of a block; 0 = not known: the first one tells */
	bool open;
	uint8_t dir;
};

/* Text up to a NUL, which must be there. */
static bool take_text(struct toc_cursor *c, struct toc_span *out)
{
	struct toc_span rest = toc_rest(c);
	size_t n = toc_span_find(rest, 0);
	if (n == rest.n)
		return false;
	*out = toc_take(c, n);
	toc_skip(c, 1);
	return true;
}

static bool printable(struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

static bool is_mode(struct toc_span s)
{
	static const char *const modes[] = { "netascii", "octet", "mail" };
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (toc_span_ieq(s, toc_span_str(modes[i])))
			return true;
	return false;
}

static uint64_t number_of(struct toc_span s)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s.n && i < 19 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	return v;
}

struct request {
	uint8_t op;
	struct toc_span name, mode;
	struct toc_cursor options;
};

static bool read_request(struct request *r, struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	uint16_t op = toc_be16(&c);
	if ((op != RRQ && op != WRQ) || !take_text(&c, &r->name) || !take_text(&c, &r->mode))
		return false;
	r->op = (uint8_t)op;
	r->options = c;
	return r->name.n <= NAME_MOST && printable(r->name) && is_mode(r->mode);
}

/* Option and value, both text. Returns the block size, 0 where none is told. */
static uint16_t read_options(struct toc_cursor c, struct toc_draft *d)
{
	struct toc_span name, value;
	uint64_t size = 0;
	for (unsigned i = 0; i < OPTIONS_MOST && take_text(&c, &name) && take_text(&c, &value); i++) {
		if (toc_span_ieq(name, toc_span_str("blksize"))) {
			size = number_of(value);
			if (d)
				toc_put_uint(d, F_BLKSIZE, size);
		} else if (d && toc_span_ieq(name, toc_span_str("tsize"))) {
			toc_put_uint(d, F_TSIZE, number_of(value));
		}
	}
	return size >= 8 && size <= BLOCK_MOST ? (uint16_t)size : 0;
}

/* The server answers from a port of its own to the one that asked (RFC 1350, section 4). */
static void take_request(struct toc_sink *sink, const struct request *r, enum toc_dir dir)
{
	struct toc_draft *d = toc_sink_begin(sink, K_TFTP);
	const struct toc_flow_info *f = sink->flow;
	toc_put_cstr(d, F_COMMAND, r->op == RRQ ? "READ" : "WRITE");
	toc_put_str(d, F_FILENAME, r->name);
	toc_put_str(d, F_MODE, r->mode);
	read_options(r->options, d);
	toc_sink_commit(sink, d);
	toc_sink_expect(sink, dir == TOC_ORIG ? &f->orig : &f->resp, dir == TOC_ORIG ? f->orig_port : f->resp_port,
			"tftp");
}

static void take_error(struct toc_sink *sink, struct toc_cursor *c)
{
	struct toc_draft *d = toc_sink_begin(sink, K_TFTP);
	struct toc_span text;
	toc_put_cstr(d, F_COMMAND, "ERROR");
	toc_put_uint(d, F_ERROR_CODE, toc_be16(c));
	if (take_text(c, &text) && text.n)
		toc_put_str(d, F_ERROR_MSG, text);
	toc_sink_commit(sink, d);
}

/* Blocks are numbered from 1 and numbers wrap; one that is short is the last. */
static void take_block(struct state *s, struct toc_cursor *c, enum toc_dir dir, struct toc_sink *sink)
{
	uint16_t number = toc_be16(c);
	struct toc_span bytes = toc_rest(c);
	if (c->bad)
		return;
	if (!s->open) {
		if (number != 1)
			return; /* the beginning was not seen, or the file is complete and this one is a repetition */
		if (!s->size || s->size < bytes.n)
			s->size = bytes.n > BLOCK && bytes.n <= BLOCK_MOST ? (uint16_t)bytes.n : BLOCK;
		s->open = true;
		s->block = 0;
		s->dir = (uint8_t)dir;
		toc_body_open(sink, dir, "TFTP", toc_span_of("", 0), UINT64_MAX);
	}
	uint16_t ahead = (uint16_t)(number - s->block);
	if (dir != (enum toc_dir)s->dir || ahead == 0 || ahead > 0x8000)
		return; /* repeated */
	if (ahead > 1)
		toc_body_gap(sink, dir, (uint64_t)(ahead - 1u) * s->size);
	s->block = number;
	toc_body_data(sink, dir, bytes);
	if (bytes.n < s->size) {
		toc_body_close(sink, dir, NULL);
		s->open = false;
	}
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct state *s = state;
	struct request r;
	if (read_request(&r, toc_rest(in))) {
		take_request(sink, &r, dir);
		toc_sink_confirm(sink, NULL);
		return TOC_MORE;
	}
	uint16_t op = toc_be16(in);
	if (in->bad || op < DATA || op > OACK || (op != OACK && toc_left(in) < 2)) {
		toc_sink_weird(sink, "tftp_malformed_message");
		return TOC_MORE;
	}
	if (op == DATA)
		take_block(s, in, dir, sink);
	else if (op == ERROR)
		take_error(sink, in);
	else if (op == OACK)
		s->size = read_options(*in, NULL);
	toc_sink_confirm(sink, NULL);
	return TOC_MORE;
}

/* A request says what it is. The answers come where they are expected. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct request r;
	(void)dir;
	(void)hint;
	return read_request(&r, first) ? TOC_YES : TOC_NO;
}

static const uint16_t udp_ports[] = { 69, 0 };

static const char *const leads_to[] = { "tftp", NULL };

const struct toc_decoder toc_decoder_tftp = {
	.name = "tftp",
	.leads_to = leads_to,
	.bodies = true,
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.state_size = sizeof(struct state),
	.probe = probe,
	.parse = parse,
};
