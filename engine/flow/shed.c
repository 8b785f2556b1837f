/* shed - what flows let go under pressure: payload, in the order of shed.def; never a header, nor a first byte. */
#include "flow/table.h"

const char *toc_shed_name(enum toc_shed what)
{
	static const char *const names[] = {
#define SHED(name, text) #name,
#include "flow/shed.def"
#undef SHED
	};
	return names[what];
}

void toc_flows_shed(struct toc_flows *f, unsigned what)
{
	f->shed = what;
}

static bool is_shed(const struct toc_flows *f, enum toc_shed what)
{
	return f->shed >> what & 1;
}

bool shed_checksum(struct toc_flows *f, const struct flow *flow, const struct toc_packet *p)
{
	bool unread = flow->session ? flow->session->done : flow->decided;
	if (!is_shed(f, TOC_SHED_encrypted) || !unread || flow->bytes[0] + flow->bytes[1] < f->config.shed_large)
		return false;
	f->count.shed_encrypted_bytes += p->payload_len;
	return true;
}

bool shed_body(struct toc_flows *f, struct toc_body *b, struct toc_span bytes)
{
	bool files = is_shed(f, TOC_SHED_files) && toc_body_typed(b);
	if (!files && !(is_shed(f, TOC_SHED_large) && toc_body_seen(b) >= f->config.shed_large))
		return false;
	*(files ? &f->count.shed_files_bytes : &f->count.shed_large_bytes) += bytes.n;
	return true;
}

bool shed_stream(struct toc_flows *f, const struct flow *flow, unsigned dir, uint64_t at, uint64_t n)
{
	const struct session *s = flow->session;
	if (!is_shed(f, TOC_SHED_payload) || !s->decoder || s->decoder->vital ||
	    at - flow->end[dir].start <= f->config.shed_first)
		return false;
	f->count.shed_payload_bytes += n;
	return true;
}
