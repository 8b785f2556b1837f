/* rfb - remote frame buffers, VNC: versions, security and its result, the desktop's name (RFC 6143, section 7). */
#include "decoders/line.h"
#include "decoders/login.h"

enum field {
	K_RFB,
	F_CLIENT_MAJOR,
	F_CLIENT_MINOR,
	F_SERVER_MAJOR,
	F_SERVER_MINOR,
	F_METHOD,
	F_AUTH,
	F_SHARE,
	F_DESKTOP,
	F_WIDTH,
	F_HEIGHT,
	K_AUTH,
	N_FIELDS = K_AUTH + LOGIN_SIZE
};

static const struct toc_field_decl fields[N_FIELDS] = {
	[K_RFB] = { "rfb", TOC_KIND, false, TOC_OPEN, NULL, "a VNC session's beginning" },
	[F_CLIENT_MAJOR] = { "client_major_version", TOC_STRING, false, TOC_OPEN, NULL, "three digits" },
	[F_CLIENT_MINOR] = { "client_minor_version", TOC_STRING, false, TOC_OPEN, NULL, "three digits" },
	[F_SERVER_MAJOR] = { "server_major_version", TOC_STRING, false, TOC_OPEN, NULL, "three digits" },
	[F_SERVER_MINOR] = { "server_minor_version", TOC_STRING, false, TOC_OPEN, NULL, "three digits" },
	[F_METHOD] = { "authentication_method", TOC_STRING, false, TOC_OPEN, NULL, "None, VNC, TLS …" },
	[F_AUTH] = { "auth", TOC_BOOL, false, TOC_OPEN, NULL, "let in" },
	[F_SHARE] = { "share_flag", TOC_BOOL, false, TOC_OPEN, NULL, "other viewers may stay" },
	[F_DESKTOP] = { "desktop_name", TOC_STRING, false, TOC_DEVICE, NULL, "name of the desktop" },
	[F_WIDTH] = { "width", TOC_UINT, false, TOC_OPEN, NULL, "of the screen" },
	[F_HEIGHT] = { "height", TOC_UINT, false, TOC_OPEN, NULL, "of the screen" },
	LOGIN_FIELDS(K_AUTH),
};

enum { S_NONE = 1, S_VNC = 2, S_ARD = 30 };

static const struct {
	uint8_t type;
	const char *name;
} methods[] = { { 0, "Invalid" },
		{ S_NONE, "None" },
		{ S_VNC, "VNC" },
		{ 16, "Tight" },
		{ 17, "Ultra" },
		{ 18, "TLS" },
		{ 19, "VeNCrypt" },
		{ 20, "GTK-VNC SASL" },
		{ 21, "MD5 hash authentication" },
		{ 22, "Colin Dean xvp" },
		{ S_ARD, "Apple Remote Desktop" } };

enum server { AT_VERSION, AT_TYPES, AT_CHALLENGE, AT_ARD, AT_RESULT, AT_INIT, AT_OPAQUE };
enum client { BY_VERSION, BY_CHOICE, BY_PROOF, BY_INIT, BY_OPAQUE };

struct rfb {
	uint8_t version[2][6]; /* digits of client's and server's */
	bool known[2], chosen, answered, in, shared_known, shared, named;
	uint8_t at, by, type;
	uint16_t minor, width, height; /* minor: what both speak (RFC 6143, section 7.1.1) */
	uint16_t ard;		       /* bytes of the key exchange's modulus */
	uint32_t name_left;
	struct line_name name;
};

static const char *method_of(uint8_t type)
{
	for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].type == type)
			return methods[i].name;
	return (type >= 3 && type <= 15) || type >= 128 ? "RealVNC" : NULL;
}

static void put_version(struct toc_draft *d, const struct rfb *v, enum toc_dir dir, unsigned major, unsigned minor)
{
	if (!v->known[dir])
		return;
	toc_put_str(d, major, toc_span_of(v->version[dir], 3));
	toc_put_str(d, minor, toc_span_of(v->version[dir] + 3, 3));
}

static void tell(const struct rfb *v, struct toc_sink *s)
{
	const char *method = v->chosen ? method_of(v->type) : NULL;
	if (!v->known[0] && !v->known[1])
		return;
	struct toc_draft *d = toc_sink_begin(s, K_RFB);
	put_version(d, v, TOC_ORIG, F_CLIENT_MAJOR, F_CLIENT_MINOR);
	put_version(d, v, TOC_RESP, F_SERVER_MAJOR, F_SERVER_MINOR);
	if (method)
		toc_put_cstr(d, F_METHOD, method);
	if (v->answered)
		toc_put_bool(d, F_AUTH, v->in);
	if (v->shared_known)
		toc_put_bool(d, F_SHARE, v->shared);
	if (v->named) {
		toc_put_str(d, F_DESKTOP, line_kept(&v->name));
		toc_put_uint(d, F_WIDTH, v->width);
		toc_put_uint(d, F_HEIGHT, v->height);
	}
	toc_sink_commit(s, d);
}

/* "RFB 003.008\n". */
static bool is_version(struct toc_span s)
{
	return s.n == 12 && toc_span_starts(s, "RFB ") && line_digits(toc_span_from(s, 4)) == 3 && s.p[7] == '.' &&
	       line_digits(toc_span_from(s, 8)) == 3 && s.p[11] == '\n';
}

static enum toc_parse take_version(struct rfb *v, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	if (toc_left(in) < 12)
		return toc_more(s, 12);
	struct toc_span line = toc_take(in, 12);
	if (!is_version(line))
		return TOC_BAD;
	memcpy(v->version[dir], line.p + 4, 3);
	memcpy(v->version[dir] + 3, line.p + 8, 3);
	uint16_t minor = (uint16_t)((line.p[8] - '0') * 100 + (line.p[9] - '0') * 10 + (line.p[10] - '0'));
	bool later = toc_span_starts(toc_span_from(line, 4), "004") || toc_span_starts(toc_span_from(line, 4), "005");
	minor = later ? 8 : minor >= 7 ? minor : 3; /* RealVNC's own; others count as 3.3 */
	v->minor = !v->minor || minor < v->minor ? minor : v->minor;
	v->known[dir] = true;
	if (dir == TOC_ORIG) {
		v->by = v->minor >= 7 ? BY_CHOICE : BY_PROOF;
		return TOC_MORE;
	}
	v->at = AT_TYPES;
	toc_sink_confirm(s, NULL);
	return TOC_MORE;
}

/* The type is agreed: what comes next of each side. */
static void choose(struct rfb *v, uint8_t type)
{
	bool result = v->minor >= 8 || type != S_NONE; /* before 3.8 None has no result */
	v->type = type;
	v->chosen = true;
	if (type == S_NONE)
		v->by = BY_INIT;
	else
		v->by = type == S_VNC || type == S_ARD ? BY_PROOF : BY_OPAQUE;
	if (type == S_NONE)
		v->at = result ? AT_RESULT : AT_INIT;
	else
		v->at = type == S_VNC ? AT_CHALLENGE : type == S_ARD ? AT_ARD : AT_OPAQUE;
}

static enum toc_parse take_types(struct rfb *v, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	if (v->minor < 7) { /* the server decides */
		uint32_t type = toc_be32(&c);
		if (c.bad)
			return toc_more(s, 4);
		*in = c;
		if (type == 0 || type > 255)
			return TOC_DONE;
		choose(v, (uint8_t)type);
		return TOC_MORE;
	}
	if (v->chosen)
		return TOC_BAD;
	uint8_t n = toc_u8(&c);
	toc_skip(&c, n);
	if (n == 0)
		return TOC_DONE; /* refused, and why */
	if (c.bad)
		return toc_more(s, (size_t)n + 1);
	*in = c;
	v->at = AT_OPAQUE; /* until the client chooses */
	return TOC_MORE;
}

static enum toc_parse take_result(struct rfb *v, struct toc_cursor *in, struct toc_sink *s)
{
	const char *method = method_of(v->type);
	if (toc_left(in) < 4)
		return toc_more(s, 4);
	v->in = toc_be32(in) == 0;
	v->answered = true;
	login_told(s, K_AUTH, toc_span_first(toc_rest(in), 0), v->in, "rfb", toc_span_str(method ? method : ""));
	v->at = AT_INIT;
	v->by = BY_INIT;
	return v->in ? TOC_MORE : TOC_DONE;
}

/* ServerInit (RFC 6143, section 7.3.2): size, pixel format, name. */
static enum toc_parse take_init(struct rfb *v, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	uint16_t width = toc_be16(&c), height = toc_be16(&c);
	toc_skip(&c, 16);
	uint32_t n = toc_be32(&c);
	uint32_t kept = n < LINE_NAME ? n : LINE_NAME;
	struct toc_span name = toc_take(&c, kept);
	if (c.bad)
		return toc_more(s, toc_left(in) + 1);
	line_keep(&v->name, name);
	v->width = width;
	v->height = height;
	v->named = true;
	*in = c;
	return TOC_DONE;
}

static enum toc_parse read_server(struct rfb *v, struct toc_cursor *in, struct toc_sink *s)
{
	struct toc_cursor c = *in;
	switch ((enum server)v->at) {
	case AT_VERSION:
		return take_version(v, in, TOC_RESP, s);
	case AT_TYPES:
		return v->known[TOC_ORIG] ? take_types(v, in, s) : toc_more(s, toc_left(in) + 1);
	case AT_CHALLENGE:
		if (toc_left(in) < 16)
			return toc_more(s, 16);
		toc_skip(in, 16);
		v->at = AT_RESULT;
		return TOC_MORE;
	case AT_ARD: /* generator, size, modulus, public key */
		toc_skip(&c, 2);
		v->ard = toc_be16(&c);
		toc_skip(&c, 2 * (size_t)v->ard);
		if (c.bad)
			return toc_more(s, toc_left(in) + 1);
		*in = c;
		v->at = AT_RESULT;
		return TOC_MORE;
	case AT_RESULT:
		return take_result(v, in, s);
	case AT_INIT:
		return take_init(v, in, s);
	case AT_OPAQUE:
		return v->chosen ? TOC_DONE : toc_more(s, toc_left(in) + 1);
	}
	return TOC_BAD;
}

static enum toc_parse read_client(struct rfb *v, struct toc_cursor *in, struct toc_sink *s)
{
	switch ((enum client)v->by) {
	case BY_VERSION:
		return take_version(v, in, TOC_ORIG, s);
	case BY_CHOICE:
		choose(v, toc_u8(in));
		return TOC_MORE;
	case BY_PROOF: /* what proves a password is passed over: 16 bytes, or encrypted name and password and a key */
		toc_skip(in, toc_left(in));
		return TOC_MORE;
	case BY_INIT:
		v->shared = toc_u8(in) != 0;
		v->shared_known = true;
		v->by = BY_OPAQUE;
		return TOC_MORE;
	case BY_OPAQUE:
		toc_skip(in, toc_left(in));
		return v->chosen && v->at == AT_OPAQUE ? TOC_DONE : TOC_MORE;
	}
	return TOC_BAD;
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	struct rfb *v = state;
	while (toc_left(in)) {
		size_t before = toc_left(in);
		enum toc_parse p = dir == TOC_ORIG ? read_client(v, in, s) : read_server(v, in, s);
		if (p != TOC_MORE || toc_left(in) == before)
			return p;
	}
	return TOC_MORE;
}

static void finish(void *state, enum toc_end why, struct toc_sink *s)
{
	(void)why;
	tell(state, s);
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)dir;
	(void)hint;
	if (first.n < 12)
		return line_begins(first, "RFB 00") == TOC_NO ? TOC_NO : TOC_MAYBE;
	return is_version(toc_span_first(first, 12)) ? TOC_YES : TOC_NO;
}

static const uint16_t ports[] = { 5900, 5901, 5800, 0 };

const struct toc_decoder toc_decoder_rfb = { .name = "rfb",
					     .carriers = TOC_OVER_TCP,
					     .tcp_ports = ports,
					     .fields = fields,
					     .nfields = N_FIELDS,
					     .state_size = sizeof(struct rfb),
					     .probe = probe,
					     .parse = parse,
					     .finish = finish };
