/* ftp_text - addresses of data channels and paths in FTP's commands and replies (RFC 959, RFC 2428). */
#include "decoders/ftp.h"

/* One number 0 … 255 off the front, with its comma where one is wanted. */
static bool octet(struct toc_span *s, bool comma, uint8_t *v)
{
	uint64_t n;
	size_t digits = line_digits(*s);
	if (digits == 0 || digits > 3 || !line_uint(toc_span_first(*s, digits), &n) || n > 255)
		return false;
	if (comma && (s->n <= digits || s->p[digits] != ','))
		return false;
	*s = toc_span_from(*s, digits + comma);
	*v = (uint8_t)n;
	return true;
}

bool ftp_read_port(struct toc_span text, struct ftp_host *out)
{
	for (size_t i = 0; i < text.n; i++) {
		struct toc_span s = toc_span_from(text, i);
		uint8_t v[6];
		unsigned n = 0;
		if (!line_is_digit(text.p[i]) || (i && line_is_digit(text.p[i - 1])))
			continue;
		while (n < 6 && octet(&s, n < 5, &v[n]))
			n++;
		if (n < 6)
			continue;
		out->addr = toc_addr_v4(v);
		out->has_addr = true;
		out->port = (uint16_t)(v[4] << 8 | v[5]);
		return out->port != 0;
	}
	return false;
}

bool ftp_read_eprt(struct toc_span text, struct ftp_host *out)
{
	struct toc_span open = toc_span_from(text, toc_span_find(text, '(') + 1);
	struct toc_span s = open.n ? open : line_trim(text), part[3];
	uint64_t port;
	if (s.n < 5)
		return false;
	uint8_t delimiter = s.p[0];
	for (unsigned i = 0; i < 3; i++) {
		s = toc_span_from(s, 1);
		size_t n = toc_span_find(s, delimiter);
		if (n == s.n)
			return false;
		part[i] = toc_span_first(s, n);
		s = toc_span_from(s, n);
	}
	if (!line_uint(part[2], &port) || port == 0 || port > 65535)
		return false;
	out->port = (uint16_t)port;
	out->has_addr = part[1].n != 0;
	return !out->has_addr || toc_addr_parse(part[1], &out->addr);
}

static void add(struct ftp_path *p, struct toc_span s)
{
	s = toc_span_first(s, FTP_PATH - p->n);
	if (s.n)
		memcpy(p->b + p->n, s.p, s.n);
	p->n = (uint16_t)(p->n + s.n);
}

/* Takes the last component away. */
static void up(struct ftp_path *p)
{
	while (p->n && p->b[p->n - 1] != '/')
		p->n--;
	if (p->n > 1)
		p->n--;
}

void ftp_path_go(struct ftp_path *cwd, struct toc_span arg)
{
	if (cwd->n == 0)
		add(cwd, toc_span_str("."));
	if (arg.n && arg.p[0] == '/') {
		cwd->n = 0;
		add(cwd, toc_span_str("/"));
	}
	while (arg.n) {
		size_t n = toc_span_find(arg, '/');
		struct toc_span part = toc_span_first(arg, n);
		arg = toc_span_from(arg, n + 1);
		if (toc_span_is(part, "..")) {
			up(cwd);
		} else if (part.n) {
			if (cwd->n && cwd->b[cwd->n - 1] != '/')
				add(cwd, toc_span_str("/"));
			add(cwd, part);
		}
	}
}

size_t ftp_url(const struct toc_addr *host, const struct ftp_path *cwd, struct toc_span arg, uint8_t out[2 * FTP_PATH])
{
	struct ftp_path path = *cwd;
	char text[TOC_ADDR_TEXT];
	bool v6 = !toc_addr_is_v4(host);
	size_t n = 0, length = toc_addr_print(host, text);
	ftp_path_go(&path, arg);
	memcpy(out, v6 ? "ftp://[" : "ftp://", 6 + v6);
	n += 6 + v6;
	memcpy(out + n, text, length);
	n += length;
	if (v6)
		out[n++] = ']';
	if (path.n == 0 || path.b[0] != '/')
		out[n++] = '/';
	memcpy(out + n, path.b, path.n);
	return n + path.n;
}
