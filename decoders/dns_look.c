/* dns_look - headers, and telling DNS from other bytes (RFC 1035, section 4.1.1). */
#include "decoders/dns.h"

enum { QUESTIONS_MAX = 25 /* more is not DNS */, QUESTION_MOST = 255 + 4 };

struct toc_dns_header toc_dns_read_header(struct toc_cursor *c)
{
	struct toc_dns_header h;
	h.id = toc_be16(c);
	h.flags = toc_be16(c);
	h.questions = toc_be16(c);
	h.answers = toc_be16(c);
	h.authorities = toc_be16(c);
	h.additionals = toc_be16(c);
	h.is_reply = (h.flags & 0x8000) != 0;
	h.opcode = h.flags >> 11 & 15;
	h.rcode = h.flags & 15;
	return h;
}

bool toc_dns_plausible(const struct toc_dns_header *h)
{
	return h->opcode <= 9 && h->questions <= QUESTIONS_MAX;
}

/* Header and one question of a known type; the cursor is left behind them. */
static bool begins_so(struct toc_dns_in *in, struct toc_dns_header *h)
{
	struct toc_dns_name name;
	*h = toc_dns_read_header(&in->c);
	if (in->c.bad || h->opcode != TOC_DNS_OP_QUERY || h->questions != 1 || (h->flags & 0x40) ||
	    !toc_dns_read_name(in, &name))
		return false;
	uint16_t type = toc_be16(&in->c), class = toc_be16(&in->c);
	return !in->c.bad && toc_dns_type_name(type) && (class == TOC_DNS_CLASS_IN || class == TOC_DNS_CLASS_CHAOS);
}

bool toc_dns_looks_so(struct toc_span msg)
{
	struct toc_dns_in in = toc_dns_in_of(msg);
	struct toc_dns_header h;
	if (!begins_so(&in, &h))
		return false;
	for (unsigned n = (unsigned)h.answers + h.authorities + h.additionals; n; n--) {
		struct toc_dns_rr rr;
		if (!toc_dns_read_rr(&in, &rr))
			return false;
	}
	bool query = !h.is_reply && h.answers == 0 && h.authorities == 0 && h.rcode == 0;
	return toc_left(&in.c) == 0 && (query || h.is_reply);
}

/* Places are tried one by one, each with as many bytes as a question may have: so cuts do not matter. */
size_t toc_dns_find_frame(struct toc_cursor *in)
{
	enum { SHORTEST = TOC_DNS_HEADER + 5 };
	for (;; toc_skip(in, 1)) {
		struct toc_cursor look = *in;
		struct toc_dns_header h;
		uint16_t n = toc_be16(&look);
		if (look.bad)
			return 2;
		if (n < SHORTEST)
			continue;
		size_t need = n < TOC_DNS_HEADER + QUESTION_MOST ? n : (size_t)TOC_DNS_HEADER + QUESTION_MOST;
		if (toc_left(&look) < need)
			return 2 + need;
		struct toc_dns_in msg = toc_dns_in_of(toc_span_first(toc_rest(&look), need));
		if (begins_so(&msg, &h))
			return 0;
	}
}
